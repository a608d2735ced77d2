import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { urlToHttpOptions } from 'node:url';
import aws4 from 'aws4';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';

export type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
};

/** A service of AWS, or of one that speaks as AWS does. */
export type AwsService = {
  /** The name that requests are signed for, for example `dynamodb`. */
  readonly service: string;
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** Milliseconds that one try may take. */
  readonly tryTimeout: number;
};

export type AwsRequest = {
  readonly method: 'DELETE' | 'GET' | 'POST' | 'PUT';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
};

/** Sends a request; resolves to what `judge` makes of the answer, rejects with an {@link AwsError}. */
export type AwsSend = <Answer>(
  request: AwsRequest,
  judge: (answer: IncomingMessage) => Promise<Answer>,
) => Promise<Answer>;

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

/**
 * A bare client: SigV4 over keep-alive HTTP, a quarter of the CPU of the SDK's (docs/decisions).
 * A failure that may pass is tried three times with exponential back-off and jitter; so every call
 * must be safe to repeat.
 */
export const awsSender = ({
  service,
  endpoint,
  region,
  credentials,
  tryTimeout,
}: AwsService): AwsSend => {
  const url = new URL(endpoint);
  const secure = url.protocol === 'https:';
  const agent = secure
    ? new HttpsAgent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' })
    : new HttpAgent({ keepAlive: true, maxSockets: 256, scheduling: 'lifo' });
  const send = secure ? httpsRequest : httpRequest;
  const common = { ...urlToHttpOptions(url), agent };

  const once = <Answer>(
    { method, path: target, headers: given, body }: AwsRequest,
    judge: (answer: IncomingMessage) => Promise<Answer>,
  ): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const { headers, path } = aws4.sign(
        { service, region, method, host: url.host, path: target, body, headers: given },
        {
          accessKeyId: credentials.accessKeyId,
          secretAccessKey: credentials.secretAccessKey,
          ...(credentials.sessionToken !== undefined && { sessionToken: credentials.sessionToken }),
        },
      );
      const outgoing = { ...common, method, path: path ?? '/', headers: { ...headers } };
      const call = send(outgoing, (answer) => {
        judge(answer).then(resolve, fail);
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
  return (request, judge) => policy.execute(() => once(request, judge));
};
