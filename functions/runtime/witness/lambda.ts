import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { refusals, type WitnessAnswer } from '#shared/audit/witness-answer.ts';
import { witnessService } from '#shared/audit/witness-service.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoLatestTree } from '../dynamo/latest-tree.ts';
import { causeOf, type Handler } from '../http.ts';
import { openNoteSigner } from '../keys/note-key.ts';
import { type Observer, observer } from '../observe.ts';
import { type Result, safetyHeaders } from '../reply.ts';
import { startTiming } from '../timing.ts';
import { nextTraceparent, traceIdOf } from '../trace.ts';
import { readWitnessEnv, type WitnessEnv } from './env.ts';

type Service = ReturnType<typeof witnessService>;

const openService = async (env: WitnessEnv): Promise<Service> =>
  witnessService({
    logs: env.WITNESS_LOGS,
    latest: dynamoLatestTree(dynamoClient(env), env.WITNESS_TABLE),
    signer: await openNoteSigner({ name: env.WITNESS_NAME, type: 'cosignature', env }),
    now: Date.now,
  });

type Opened = { readonly service: () => Promise<Service>; readonly observe: Observer };

/** One witness a process; one that could not be opened is tried again by the next request. */
const open = (env: WitnessEnv): Opened => {
  let opening: Promise<Service> | undefined;
  const service = async (): Promise<Service> => {
    opening ??= openService(env);
    try {
      return await opening;
    } catch (error) {
      opening = undefined;
      throw error;
    }
  };
  return { service, observe: observer(env) };
};

const bodyOf = ({ body = '', isBase64Encoded }: APIGatewayProxyEventV2): Uint8Array =>
  Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');

const answerTo = async (opened: Opened, event: APIGatewayProxyEventV2): Promise<WitnessAnswer> => {
  try {
    const service = await opened.service();
    const { method } = event.requestContext.http;
    return await service({ method, path: event.rawPath, body: bodyOf(event) });
  } catch (error) {
    if (error instanceof Problem) return { ...refusals.unavailable, cause: error };
    throw error;
  }
};

const plain = { ...safetyHeaders, 'content-type': 'text/plain; charset=utf-8' } as const;

const toResult = ({ status, type, body }: WitnessAnswer): Result => ({
  statusCode: status,
  headers: { ...plain, 'content-type': type },
  body,
});

const problemOf = ({ cause }: WitnessAnswer) =>
  cause instanceof Problem ? { problem: cause.name, ...causeOf(cause) } : {};

const checkpointOf = ({ about }: WitnessAnswer) =>
  about === undefined ? {} : { checkpoint: { origin: about.origin, size: String(about.size) } };

/**
 * The handler of a witness (C2SP tlog-witness) for payload 2.0, be it of an HTTP API or of a function
 * URL. What is thrown and is no refusal is a bug: a bare 500 and an alarm.
 */
export const witnessLambda = (read: () => WitnessEnv = readWitnessEnv): Handler => {
  let opened: Opened | undefined;
  return async (event) => {
    opened ??= open(read());
    const timing = startTiming();
    const { requestId } = event.requestContext;
    const trace = traceIdOf(nextTraceparent(event.headers['traceparent']));
    const request = { requestId, trace, route: event.routeKey };
    try {
      const answer = await answerTo(opened, event);
      opened.observe.outcome({
        ...request,
        status: answer.status,
        ms: timing.elapsed(),
        ...problemOf(answer),
        ...checkpointOf(answer),
      });
      return toResult(answer);
    } catch (error) {
      opened.observe.bug(error, request);
      return { statusCode: 500, headers: plain, body: 'Internal Server Error\n' };
    }
  };
};
