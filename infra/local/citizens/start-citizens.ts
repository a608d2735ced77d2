import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type OidcProvider, Provider } from 'oidc-provider';
import { readAtMost } from '#shared/kernel/read-at-most.ts';
import { parseNationalId } from '#shared/persian/national-id.ts';
import { people } from '../agencies/data/people.ts';
import { citizenKeys } from './keys.ts';
import { accessesPage, faultPage, loginPage, sendPage, startPage } from './pages.ts';
import { type Portal, portalOf } from './portal.ts';
import { configurationOf, subjectOf } from './provider.ts';

export type CitizensSettings = {
  /** The origin of the exchange, which the tokens are for. */
  readonly origin: string;
  /** The port that is wanted; another one where it is taken. */
  readonly port: number;
  readonly keysFile: string;
};

export type RunningCitizens = { readonly url: string; readonly close: () => Promise<void> };

const known: ReadonlySet<string> = new Set(people.map(({ nationalId }) => nationalId));
const samples = people.slice(0, 12).map(({ nationalId }) => nationalId);

/** The person that a form names; what is wrong with it for everything else. */
const signedIn = (
  form: URLSearchParams,
): { readonly id: string } | { readonly refused: string } => {
  const parsed = parseNationalId(form.get('national_id') ?? '');
  if (!parsed.ok) return { refused: 'That is no national id.' };
  if (known.has(parsed.value)) return { id: parsed.value };
  return { refused: 'Nobody in the sample data has this number. Never enter a real one here.' };
};

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const bytes = await readAtMost(request, 4096);
  return new URLSearchParams(bytes === undefined ? '' : Buffer.from(bytes).toString('utf8'));
};

type Parts = {
  readonly provider: OidcProvider;
  readonly portal: Portal;
  readonly origin: string;
  /** Who signed in, by subject: it is forgotten when this process ends, as its sessions are. */
  readonly numbers: Map<string, string>;
};

const login = async (
  { provider, numbers }: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const { uid } = await provider.interactionDetails(request, response);
  const came = request.method === 'POST' ? signedIn(await formOf(request)) : undefined;
  if (came === undefined || 'refused' in came) {
    sendPage(response, 200, loginPage(uid, samples, came?.refused));
    return;
  }
  const accountId = subjectOf(came.id);
  numbers.set(accountId, came.id);
  const result = { login: { accountId } };
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
};

/** Shows what the exchange answers to the token that a sign-in came to. */
const back = async ({ portal, origin }: Parts, url: URL, response: ServerResponse) => {
  const token = await portal.end(url.searchParams);
  if (token === undefined) {
    sendPage(response, 400, faultPage('This sign-in was not begun here, or is over.'));
    return;
  }
  const answer = await fetch(`${origin}/v1/subjects/me/accesses`, {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(20_000),
  });
  const json: unknown = await answer.json();
  sendPage(response, 200, accessesPage(origin, token, JSON.stringify(json, null, 2)));
};

const answer = async (
  parts: Parts,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
  const path = url?.pathname ?? '';
  if (url !== null && path === '/portal/back') return back(parts, url, response);
  if (/^\/login\/[\w-]{1,64}$/.test(path)) return login(parts, request, response);
  if (path === '/portal/begin') {
    response.writeHead(303, { location: parts.portal.begin(), 'cache-control': 'no-store' });
    response.end();
    return;
  }
  if (path === '/') sendPage(response, 200, startPage(parts.origin));
  else parts.provider.callback()(request, response);
};

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/** Listens at a port, or at another one when it is taken; gives the one it is. */
const listen = async (server: ReturnType<typeof createServer>, port: number): Promise<number> => {
  try {
    server.listen({ port, host: '127.0.0.1' });
    await once(server, 'listening');
  } catch (error) {
    if (!isTaken(error) || port === 0) throw error;
    return listen(server, 0);
  }
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('There is no port.');
  return address.port;
};

/**
 * An OpenID Connect provider that knows the persons of the sample data, for this machine and for tests:
 * whoever names one is that one.
 */
export const startCitizens = async ({
  origin,
  port,
  keysFile,
}: CitizensSettings): Promise<RunningCitizens> => {
  const keys = await citizenKeys(keysFile);
  const numbers = new Map<string, string>();
  let parts: Parts | undefined;
  const server = createServer((request, response) => {
    const work =
      parts === undefined ? Promise.reject(new Error()) : answer(parts, request, response);
    work.catch(() => {
      if (response.headersSent) response.destroy();
      else sendPage(response, 400, faultPage('This sign-in is over, or was never begun.'));
    });
  });
  const url = `http://127.0.0.1:${await listen(server, port)}`;
  const redirectUri = `${url}/portal/back`;
  const citizens = { numberOf: (subject: string) => numbers.get(subject) };
  const provider = new Provider(
    url,
    configurationOf({ issuer: url, origin, redirectUri, keys, citizens }),
  );
  parts = { provider, portal: portalOf({ issuer: url, origin, redirectUri }), origin, numbers };
  return {
    url,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
