import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import aws4 from 'aws4';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import * as z from 'zod';
import { readAnswer } from './read-answer.ts';

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

export type AwsJsonSettings = {
  /** The name that requests are signed for, for example `dynamodb`. */
  readonly service: string;
  /** The prefix of `X-Amz-Target`, for example `DynamoDB_20120810`. */
  readonly target: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
};

/** Calls one operation of a service that speaks the AWS JSON protocol. */
export type AwsJsonCall = (operation: string, input: object) => Promise<unknown>;

/** A refusal or failure of an AWS service. `body` is its parsed document, when there was one. */
export class AwsError extends Error {
  override readonly name = 'AwsError';
  readonly code: string;
  readonly transient: boolean;
  readonly body: unknown;

  constructor(code: string, transient: boolean, body: unknown, options?: ErrorOptions) {
    super(`AWS call failed: ${code}`, options);
    this.code = code;
    this.transient = transient;
    this.body = body;
  }
}

/** Milliseconds that one try may take; a healthy store answers in five. */
const tryTimeout = 2000;

/** The most an answer may hold: DynamoDB's own limit of 1 MB a Query, base64 and names. */
const maxAnswer = 4_194_304;

const throttled = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'TransactionInProgressException',
]);

/** The AWS JSON protocol names an error in `__type`, with or without a namespace before a `#`. */
const ErrorDocument = z.looseObject({ ['__type']: z.string().optional() });

const toError = (status: number, body: unknown): AwsError => {
  const type = ErrorDocument.safeParse(body).data?.['__type'] ?? `Http${status}`;
  const code = type.slice(type.indexOf('#') + 1);
  return new AwsError(code, status >= 500 || throttled.has(code), body);
};

const readDocument = async (answer: IncomingMessage): Promise<unknown> => {
  const bytes = await readAnswer(answer, maxAnswer);
  if (bytes === undefined) throw new AwsError('AnswerTooLarge', false, undefined);
  try {
    const body: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    return body;
  } catch (cause) {
    throw new AwsError('AnswerNotJson', true, undefined, { cause });
  }
};

/** The document of a 200; everything else rejects with an {@link AwsError}. */
const judgeAnswer = async (answer: IncomingMessage): Promise<unknown> => {
  const document = await readDocument(answer);
  if (answer.statusCode === 200) return document;
  throw toError(answer.statusCode ?? 0, document);
};

/**
 * A bare client: SigV4 over keep-alive HTTP, a quarter of the CPU of the SDK's (docs/decisions).
 * A failure that may pass is tried three times with exponential back-off and jitter; so every call
 * must be safe to repeat.
 */
export const awsJsonClient = (settings: AwsJsonSettings): AwsJsonCall => {
  const { service, target, contentType, endpoint, region, credentials } = settings;
  const url = new URL(endpoint);
  const secure = url.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })
    : new HttpAgent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  const send = secure ? httpsRequest : httpRequest;
  const common = { ...urlToHttpOptions(url), agent, method: 'POST' };

  const once = (operation: string, body: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      const { headers, path } = aws4.sign(
        {
          service,
          region,
          method: 'POST',
          host: url.host,
          path: '/',
          body,
          headers: { 'Content-Type': contentType, 'X-Amz-Target': `${target}.${operation}` },
        },
        {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
          ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
        },
      );
      const outgoing = { ...common, path: path ?? '/', headers: { ...headers } };
      const call = send(outgoing, (answer) => {
        judgeAnswer(answer).then(resolve, fail);
      });
      let timer: NodeJS.Timeout | undefined;
      const giveUp = (): void => {
        call.destroy(new Error('timeout'));
      };
      // The time is the store's: neither waiting for a connection nor what a busy process has not
      // read yet (a timer fires before the sockets are read, an immediate after) counts against it.
      call.on('socket', () => {
        timer = setTimeout(setImmediate, tryTimeout, giveUp);
      });
      const fail = (cause: unknown): void => {
        reject(
          cause instanceof AwsError ? cause : new AwsError('Network', true, undefined, { cause }),
        );
      };
      call.on('error', fail);
      call.on('close', () => clearTimeout(timer));
      call.end(body);
    });

  const policy = retry(
    handleWhen((error) => error instanceof AwsError && error.transient),
    { maxAttempts: 2, backoff: new ExponentialBackoff({ initialDelay: 30, maxDelay: 400 }) },
  );
  return (operation, input) => {
    const body = JSON.stringify(input);
    return policy.execute(() => once(operation, body));
  };
};
