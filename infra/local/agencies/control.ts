import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Problem } from '#shared/kernel/problem.ts';
import type { AgencyName } from '../seed/agencies.ts';
import { behaviours, formatBehaviour, parseBehaviour } from './behaviour.ts';
import { readBody } from './request-body.ts';
import type { Agency } from './start-agency.ts';

type Agencies = ReadonlyMap<AgencyName, Agency>;

const overview = (agencies: Agencies): object =>
  Object.fromEntries(
    [...agencies].map(([name, agency]) => [
      name,
      {
        url: agency.url,
        behaviour: formatBehaviour(agency.behaviour()),
        calls: agency.calls().count,
      },
    ]),
  );

const tell = (response: ServerResponse, status: number, body: object): void => {
  response
    .writeHead(status, { 'content-type': 'application/json' })
    .end(`${JSON.stringify(body, undefined, 2)}\n`);
};

const longest = 64;

const control = async (
  agencies: Agencies,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  // A name that somebody pointed at this machine (DNS rebinding) is not its address.
  if (!/^(?:127\.0\.0\.1|localhost):[0-9]+$/.test(request.headers.host ?? '')) {
    return tell(response, 421, {});
  }
  if (request.method === 'GET') return tell(response, 200, overview(agencies));
  const agency = [...agencies].find(([name]) => request.url === `/${name}`)?.[1];
  if (request.method !== 'PUT' || agency === undefined) {
    return tell(response, 404, { put: [...agencies.keys()].map((name) => `/${name}`) });
  }
  const behaviour = parseBehaviour((await readBody(request, longest)).trim());
  if (behaviour === undefined) return tell(response, 400, { behaviours });
  await agency.behave(behaviour);
  return tell(response, 200, overview(agencies));
};

/**
 * Lets a person at this machine make an agency slow, unreachable or a liar while it runs:
 * `PUT /police` with a behaviour as its body. No other site's page can send that: a browser asks
 * before it lets one PUT, and here nobody says yes.
 */
export const controlServer = (agencies: Agencies): Server =>
  createServer((request, response) => {
    control(agencies, request, response).catch((error: unknown) => {
      tell(response, error instanceof Problem ? error.status : 500, { behaviours });
    });
  });
