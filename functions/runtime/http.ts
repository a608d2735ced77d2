import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { languageOf } from '#shared/api/problem-document.ts';
import type { RouteName } from '#shared/api/routes.ts';
import { Problem, type ProblemName } from '#shared/kernel/problem.ts';
import { type Call, routeOf, toCall } from './call.ts';
import type { Observer } from './observe.ts';
import {
  type Reply,
  type Result,
  safetyHeaders,
  type Taken,
  toBugResult,
  toProblemResult,
  toResult,
} from './reply.ts';
import { startTiming } from './timing.ts';
import { nextTraceparent, traceIdOf } from './trace.ts';

export type Answer = (call: Call) => Promise<Reply>;

/** The answers of one function, by the names of the one table of routes. */
export type Answers = Partial<Readonly<Record<RouteName, Answer>>>;

export type Handler = (event: APIGatewayProxyEventV2) => Promise<Result>;

/**
 * What a message itself can be refused with; a read has no other message than its token. A request with
 * a body of its own is refused for that like any message.
 */
const messageFaults: ReadonlySet<number> = new Set([400, 413, 422]);

/** What a request can be refused with for what it says beside its token. */
const saidFaults: ReadonlySet<ProblemName> = new Set(['invalid-query', 'invalid-body']);

/** Reads with a bad token are 401, whatever was wrong with it; a wrong role stays 403. */
const statusOf = ({ name, status }: Problem, event: APIGatewayProxyEventV2): number => {
  const route = routeOf(event);
  const hasBody = (route?.consumes.length ?? 0) > 0;
  const isSaid = saidFaults.has(name) || (hasBody && name === 'too-large');
  const hasToken = route?.proof === 'access-token' || route?.proof === 'oidc';
  const isRead = hasToken && !isSaid;
  return isRead && messageFaults.has(status) ? 401 : status;
};

/** The code or name of what a problem was made of; its message may quote what it met. */
export const causeOf = ({ cause }: Problem): { readonly cause?: string } => {
  if (!(cause instanceof Error)) return {};
  return { cause: 'code' in cause && typeof cause.code === 'string' ? cause.code : cause.name };
};

const takenBy = ({ headers }: APIGatewayProxyEventV2): Taken => ({
  acceptEncoding: headers['accept-encoding'] ?? '',
  ifNoneMatch: headers['if-none-match'] ?? '',
});

type Prepared = { readonly answers: Answers; readonly observe: Observer };

/**
 * A Lambda handler for API Gateway's payload 2.0. A {@link Problem} becomes
 * `application/problem+json` (RFC 9457); anything else thrown is a bug: a bare 500 and an alarm.
 */
export const serve =
  (prepare: () => Prepared): Handler =>
  async (event) => {
    const { answers, observe } = prepare();
    const timing = startTiming();
    const traceparent = nextTraceparent(event.headers['traceparent']);
    const { requestId } = event.requestContext;
    const request = { requestId, trace: traceIdOf(traceparent), route: event.routeKey };
    const headers = () => ({
      ...safetyHeaders,
      'x-request-id': requestId,
      traceparent,
      'server-timing': timing.field(),
    });
    const refuse = (problem: Problem, reply?: Pick<Reply, 'inquiry' | 'headers'>): Result => {
      const status = statusOf(problem, event);
      const told = {
        ...request,
        status,
        ms: timing.elapsed(),
        problem: problem.name,
        ...(problem.extras.alarm !== undefined && { alarm: problem.extras.alarm }),
        ...causeOf(problem),
      };
      const { inquiry } = reply ?? {};
      observe.outcome(inquiry === undefined ? told : { ...told, inquiry });
      const language = languageOf(event.headers['accept-language'] ?? '');
      const context = { status, language, requestId, now: Date.now() };
      return toProblemResult(problem, context, { ...headers(), ...reply?.headers });
    };
    try {
      const call = toCall(event, { traceparent, timing });
      const answer = answers[call.route.name];
      if (answer === undefined) throw new Problem('not-found', 'There is no such address.');
      const reply = await answer(call);
      if (reply.problem !== undefined) return refuse(reply.problem, reply);
      const result = await toResult(reply, headers(), takenBy(event));
      const { counted, times } = reply;
      const told = {
        ...request,
        status: result.statusCode ?? 200,
        ms: timing.elapsed(),
        ...(counted !== undefined && { counted }),
        ...(times !== undefined && { times }),
      };
      observe.outcome(reply.inquiry === undefined ? told : { ...told, inquiry: reply.inquiry });
      return result;
    } catch (error) {
      if (error instanceof Problem) return refuse(error);
      observe.bug(error, request);
      return toBugResult(requestId, headers());
    }
  };
