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

const failure = (error: unknown, late: boolean): AgencyReply => {
  if (late) return { kind: 'timeout' };
  return { kind: 'unavailable', reason: neverLeft.has(codeOf(error)) ? 'unreachable' : 'broken' };
};

/** Waiting counts too: for a free place, for another try, for what a recovering agency says. */
const notLaterThan = async (deadline: number, work: Promise<AgencyReply>): Promise<AgencyReply> => {
  const late = Promise.withResolvers<AgencyReply>();
  const left = deadline - performance.now();
  const timer = setTimeout(() => late.resolve({ kind: 'timeout' }), left);
  try {
    return await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
};

type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

/** One try; resolves in every case, and never later than the deadline: past it nobody is asked. */
const askOnce = (call: AgencyCall, deadline: number, agents: Agents): Promise<AgencyReply> =>
  new Promise((resolve) => {
    const url = URL.parse(call.endpoint);
    if (url === null || !isAgencyEndpoint(call.endpoint)) {
      resolve({ kind: 'unavailable', reason: 'unreachable' });
      return;
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      resolve({ kind: 'timeout' });
      return;
    }
    const secure = url.protocol === 'https:';
    let late = false;
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
    const timer = setTimeout(() => {
      late = true;
      request.destroy();
    }, left);
    request.on('error', (error) => resolve(failure(error, late)));
    request.on('close', () => clearTimeout(timer));
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

const isReply = (value: unknown): value is AgencyReply =>
  typeof value === 'object' && value !== null && 'kind' in value;

/** Agencies over HTTP; https but on this machine. See the port for what it guarantees. */
export const httpAgencies = (): Agencies => {
  const agents = {
    http: new HttpAgent({ keepAlive: true, maxSockets: concurrency.open, scheduling: 'lifo' }),
    https: new HttpsAgent({ keepAlive: true, maxSockets: concurrency.open, scheduling: 'lifo' }),
  };
  const policies = new Map<string, IPolicy>();
  const policyOf = (agency: string): IPolicy => {
    const known = policies.get(agency) ?? policyFor();
    policies.set(agency, known);
    return known;
  };
  return {
    ask: async (call) => {
      const deadline = performance.now() + call.timeout;
      try {
        const asking = policyOf(call.agency).execute(() => askOnce(call, deadline, agents));
        return await notLaterThan(deadline, asking);
      } catch (error) {
        if (error instanceof BrokenCircuitError) return { kind: 'unavailable', reason: 'resting' };
        if (error instanceof BulkheadRejectedError) return { kind: 'unavailable', reason: 'busy' };
        throw error;
      }
    },
  };
};
