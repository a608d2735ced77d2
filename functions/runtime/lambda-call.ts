import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { Problem, type ProblemName, problems } from '#shared/kernel/problem.ts';
import { AwsError, awsSender } from './aws-http.ts';
import type { AwsEnv } from './env.ts';
import { readAnswer } from './read-answer.ts';

/** Milliseconds that one try may take: a cold start, and three tries of what the function calls. */
const tryTimeout = 20_000;

/** The most bytes of an answer: a note of 16 signatures in base64, and room. */
const maxAnswer = 262_144;

/** Invokes one function and waits for what it returns; rejects with a {@link Problem}. */
export type LambdaCall = (functionName: string, event: object) => Promise<unknown>;

const isProblemName = (text: string): text is ProblemName => Object.hasOwn(problems, text);

/** How a function returns a {@link Problem}: it never throws one. */
const ProblemAnswer = z.looseObject({ problem: z.string().refine(isProblemName) });

const readDocument = async (answer: IncomingMessage): Promise<unknown> => {
  const bytes = await readAnswer(answer, maxAnswer);
  if (bytes === undefined) throw new AwsError('AnswerTooLarge', false, undefined);
  try {
    const document: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return document;
  } catch (cause) {
    throw new AwsError('AnswerNotJson', false, undefined, { cause });
  }
};

/** What Lambda says, which knows two failures: its own by the status, the function's by a header. */
const judgeAnswer = async (answer: IncomingMessage): Promise<unknown> => {
  const document = await readDocument(answer);
  const { statusCode = 0, headers } = answer;
  if (statusCode !== 200) {
    const passes = statusCode >= 500 || statusCode === 429;
    throw new AwsError(`Http${statusCode}`, passes, undefined);
  }
  if (headers['x-amz-function-error'] !== undefined) {
    throw new AwsError('FunctionError', false, undefined);
  }
  return document;
};

/**
 * Calls functions of AWS Lambda (Invoke, RequestResponse). A call that fails on the way is tried again,
 * so what is called must be safe to repeat. `unavailable` names the problem that every failure is.
 */
export const lambdaClient = (
  env: AwsEnv,
  unavailable: 'signer-unavailable' | 'store-unavailable',
): LambdaCall => {
  const send = awsSender({
    service: 'lambda',
    endpoint: env.AWS_ENDPOINT_URL ?? `https://lambda.${env.AWS_REGION}.amazonaws.com`,
    region: env.AWS_REGION,
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
      sessionToken: env.AWS_SESSION_TOKEN,
    },
    tryTimeout,
  });
  const said = 'A function of the log cannot be reached.';
  return async (functionName, event) => {
    const request = {
      method: 'POST',
      path: `/2015-03-31/functions/${encodeURIComponent(functionName)}/invocations`,
      headers: {
        'Content-Type': 'application/json',
        'X-Amz-Invocation-Type': 'RequestResponse',
      },
      body: JSON.stringify(event),
    } as const;
    const answer = await send(request, judgeAnswer).catch((cause: unknown): never => {
      throw new Problem(unavailable, said, { retryAfter: 2 }, { cause });
    });
    const { data } = ProblemAnswer.safeParse(answer);
    if (data === undefined) return answer;
    throw new Problem(data.problem, 'A function of the log says so.', { retryAfter: 2 });
  };
};
