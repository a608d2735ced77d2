import { generateKeyPairSync, randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { problemDocument } from '#shared/api/problem-document.ts';
import { agencyKit } from '#shared/client/agency.ts';
import { signerOf } from '#shared/client/private-key.ts';
import { memoryReplayGuard } from '#shared/client/replay-guard.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { parseStrictJson } from '#shared/kernel/strict-json.ts';
import type { KeyDirectory, Signer } from '#shared/message/key.ts';
import { kinds } from '#shared/message/kind.ts';
import { answerForward, type Taken } from './answer-forward.ts';
import { type Behaviour, isFault, normal } from './behaviour.ts';
import { faults, sendAnswer } from './faults.ts';
import { listenerOf } from './listener.ts';
import { mediaTypeOf, readBody } from './request-body.ts';
import { fileSequence, memorySequence } from './sequence.ts';

export type AgencySettings = {
  /** For example `agency:police`. */
  readonly id: string;
  readonly signer: Signer;
  readonly exchange: {
    /** `exchange:estelam`. */
    readonly id: string;
    /** The exchange's own address, to which counters' requests are addressed. */
    readonly origin: string;
    readonly keyOf: KeyDirectory;
  };
  /** 0 or nothing for a free one. */
  readonly port?: number;
  readonly behaviour?: Behaviour;
  /** Where the number of the last answer is kept; without it numbers begin at 1 each time. */
  readonly directory?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
};

/** Which inquiries came, and nothing about whom they were. */
export type CallLog = { readonly count: number; readonly inquiries: readonly string[] };

export type Agency = {
  readonly id: string;
  /** Without a path; inquiries go to `/inquiries`. */
  readonly url: string;
  readonly behaviour: () => Behaviour;
  readonly behave: (behaviour: Behaviour) => Promise<void>;
  /** The inquiries that were opened, the newest 10,000 of them by id. */
  readonly calls: () => CallLog;
  readonly close: () => Promise<void>;
};

const keptCalls = 10_000;

const strangersKey = (): Promise<Signer> => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return signerOf(parseStrictJson(JSON.stringify(privateKey.export({ format: 'jwk' }))));
};

const nameOf = (error: unknown): string => (error instanceof Error ? error.name : typeof error);

const refuse = (response: ServerResponse, problem: Problem, now: number): void => {
  const { status } = problem;
  const document = problemDocument(problem, {
    language: 'en',
    requestId: randomUUID(),
    now,
    status,
  });
  response
    .writeHead(status, { 'content-type': 'application/problem+json', connection: 'close' })
    .end(JSON.stringify(document));
};

const checkAddress = (request: IncomingMessage): void => {
  if (request.url !== '/inquiries' || request.method !== 'POST') {
    throw new Problem('not-found', 'Inquiries are posted to /inquiries.');
  }
  if (mediaTypeOf(request) !== 'application/jwt') {
    throw new Problem('unsupported-media-type', 'A forward is application/jwt.');
  }
};

/** Starts one sample agency as an HTTP server on this machine. */
export const startAgency = async (settings: AgencySettings): Promise<Agency> => {
  const { id, signer, exchange, directory, now = Date.now } = settings;
  const place = directory === undefined ? undefined : join(directory, id.replace(':', '_'));
  const kit = agencyKit({
    agency: id,
    signer,
    exchange: exchange.keyOf,
    exchangeId: exchange.id,
    requestAudience: `${exchange.origin}/v1/inquiries`,
    now,
    random: randomBytes,
    nextSeq: place === undefined ? memorySequence() : fileSequence(`${place}.seq`),
    firstUse: memoryReplayGuard(now),
  });
  const take = answerForward({ kit, agency: id, signer, stranger: await strangersKey() });
  let behaviour = normal;
  let count = 0;
  const inquiries: string[] = [];

  const note = ({ inqId }: Taken): void => {
    count += 1;
    inquiries.push(inqId);
    if (inquiries.length > keptCalls) inquiries.shift();
  };

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    checkAddress(request);
    const { name, ms } = behaviour;
    const taken = await take(await readBody(request, kinds.forward.maxSize), behaviour);
    note(taken);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const send = isFault(name) ? faults[name] : sendAnswer;
    await send({ response, text: taken.text, ms, signal: gone.signal });
  };

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    try {
      await answer(request, response);
    } catch (error) {
      // The asker went away, or was sent away: there is nobody to tell.
      if (response.destroyed || response.headersSent) response.destroy();
      else if (error instanceof Problem) refuse(response, error, now());
      else {
        // The name alone: a message may hold what was asked.
        console.error(JSON.stringify({ agency: id, failed: nameOf(error) }));
        refuse(response, new Problem('store-unavailable', 'The agency cannot answer.'), now());
      }
    }
  };

  const server = createServer(
    { requestTimeout: 10_000, headersTimeout: 5000, maxHeaderSize: 16_384 },
    (request, response) => void handle(request, response),
  );
  const listener = listenerOf(server, settings.port ?? 0);
  await listener.up();
  const behave = async (wanted: Behaviour): Promise<void> => {
    behaviour = wanted;
    await (wanted.name === 'down' ? listener.down() : listener.up());
  };
  await behave(settings.behaviour ?? normal);
  return {
    id,
    url: `http://127.0.0.1:${listener.port()}`,
    behaviour: () => behaviour,
    behave,
    calls: () => ({ count, inquiries: [...inquiries] }),
    close: listener.down,
  };
};
