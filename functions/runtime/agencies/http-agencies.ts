import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import {
  BrokenCircuitError,
  BulkheadRejectedError,
  bulkhead,
  ConsecutiveBreaker,
  circuitBreaker,
  ExponentialBackoff,
  handleWhenResult,
  type IPolicy,
  retry,
  wrap,
} from 'cockatiel';
import type { Agencies, AgencyCall, AgencyReply } from '#shared/inquiry/ports.ts';
import { maxBody } from '#shared/message/kind.ts';
import { isAgencyEndpoint } from '#shared/registry/service.ts';
import { readAnswer } from '../read-answer.ts';

/** Failures that mean the call never left: the agency has certainly not received it. */
const neverLeft = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** Calls that may be open to one agency in one process, and how many more may wait. */
const concurrency = { open: 512, waiting: 1024 };

/** Milliseconds a connection may lie idle: less than a server keeps one, so none is closed in use. */
const idleTime = 2500;

const mediaTypeOf = (answer: IncomingMessage): string =>
  (answer.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** The body as Latin-1; undefined when it is larger than {@link maxBody} bytes. */
const readBody = async (answer: IncomingMessage): Promise<string | undefined> => {
  if (Number(answer.headers['content-length'] ?? 0) > maxBody) return undefined;
  const bytes = await readAnswer(answer, maxBody);
  return bytes === undefined ? undefined : Buffer.from(bytes).toString('latin1');
};

const judge = async (answer: IncomingMessage): Promise<AgencyReply> => {
  const status = answer.statusCode ?? 0;
  if (status >= 300 && status < 400) return { kind: 'unacceptable', reason: 'redirect', status };
  const body = await readBody(answer);
  if (body === undefined) return { kind: 'unacceptable', reason: 'too-large', status };
  return { kind: 'replied', status, mediaType: mediaTypeOf(answer), body };
};

const failure = (error: unknown, late: AbortSignal): AgencyReply => {
  if (late.aborted) return { kind: 'timeout' };
  return { kind: 'unavailable', reason: neverLeft.has(codeOf(error)) ? 'unreachable' : 'broken' };
};

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

/** One try; resolves in every case, and at once when it is late: nobody is asked past the deadline. */
const askOnce = (call: AgencyCall, late: AbortSignal, agents: Agents): Promise<AgencyReply> =>
  new Promise((resolve) => {
    const url = URL.parse(call.endpoint);
    if (url === null || !isAgencyEndpoint(call.endpoint)) {
      resolve({ kind: 'unavailable', reason: 'unreachable' });
      return;
    }
    if (late.aborted) {
      resolve({ kind: 'timeout' });
      return;
    }
    const secure = url.protocol === 'https:';
    const outgoing = {
      agent: secure ? agents.https : agents.http,
      method: 'POST',
      headers: {
        'Content-Type': 'application/jwt',
        Accept: 'application/sd-jwt',
        'Content-Length': Buffer.byteLength(call.token),
        traceparent: call.traceparent,
      },
    };
    const request = (secure ? httpsRequest : httpRequest)(url, outgoing, (answer) => {
      judge(answer).then(settle, (error: unknown) => resolve(failure(error, late)));
    });
    /** What was not read must not go on arriving. */
    const settle = (reply: AgencyReply): void => {
      if (reply.kind === 'unacceptable') request.destroy();
      resolve(reply);
    };
    late.addEventListener('abort', () => request.destroy(), { once: true });
    request.on('error', (error) => resolve(failure(error, late)));
    // An upgrade nobody asked for: Node closes the connection and would not say so.
    request.on('upgrade', (_answer, socket) => {
      socket.destroy();
      resolve(failure(undefined, late));
    });
    request.end(call.token);
  });

const isOutage = ({ kind }: AgencyReply): boolean => kind === 'unavailable' || kind === 'timeout';

const wasNeverAsked = (reply: AgencyReply): boolean =>
  reply.kind === 'unavailable' && reply.reason === 'unreachable';

/** Five outages in a row, and the agency is left alone for ten seconds. */
const policyFor = (): IPolicy => {
  const again = retry(
    handleWhenResult((reply) => isReply(reply) && wasNeverAsked(reply)),
    {
      maxAttempts: 2,
      backoff: new ExponentialBackoff({ initialDelay: 50, maxDelay: 400 }),
    },
  );
  const breaker = circuitBreaker(
    handleWhenResult((reply) => isReply(reply) && isOutage(reply)),
    { halfOpenAfter: 10_000, breaker: new ConsecutiveBreaker(5) },
  );
  return wrap(bulkhead(concurrency.open, concurrency.waiting), breaker, again);
};

type Deadline = {
  /** Aborts when the time has passed. */
  readonly signal: AbortSignal;
  /** What a call is told then. Waiting counts: for a place, another try, an agency that recovers. */
  readonly reply: Promise<AgencyReply>;
  readonly clear: () => void;
};

const deadline = (milliseconds: number): Deadline => {
  const late = new AbortController();
  const { promise, resolve } = Promise.withResolvers<AgencyReply>();
  const timer = setTimeout(() => {
    late.abort();
    resolve({ kind: 'timeout' });
  }, milliseconds);
  return { signal: late.signal, reply: promise, clear: () => clearTimeout(timer) };
};

const isReply = (value: unknown): value is AgencyReply =>
  typeof value === 'object' && value !== null && 'kind' in value;

/** Agencies over HTTP; https but on this machine. See the port for what it guarantees. */
export const httpAgencies = (): Agencies => {
  const kept = { keepAlive: true, timeout: idleTime, scheduling: 'lifo' } as const;
  const agents = {
    http: new HttpAgent({ ...kept, maxSockets: concurrency.open }),
    https: new HttpsAgent({ ...kept, maxSockets: concurrency.open }),
  };
  const policies = new Map<string, IPolicy>();
  const policyOf = (agency: string): IPolicy => {
    const known = policies.get(agency) ?? policyFor();
    policies.set(agency, known);
    return known;
  };
  return {
    ask: async (call) => {
      const { signal, ...late } = deadline(call.timeout);
      try {
        const asking = policyOf(call.agency).execute(() => askOnce(call, signal, agents));
        return await Promise.race([asking, late.reply]);
      } catch (error) {
        if (error instanceof BrokenCircuitError) return { kind: 'unavailable', reason: 'resting' };
        if (error instanceof BulkheadRejectedError) return { kind: 'unavailable', reason: 'busy' };
        throw error;
      } finally {
        late.clear();
      }
    },
  };
};
