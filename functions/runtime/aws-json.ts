import type { IncomingMessage } from 'node:http';
import * as z from 'zod';
import { AwsError, type AwsService, awsSender } from './aws-http.ts';
import { readAnswer } from './read-answer.ts';

export type AwsJsonSettings = Omit<AwsService, 'tryTimeout'> & {
  /** The prefix of `X-Amz-Target`, for example `DynamoDB_20120810`. */
  readonly target: string;
  readonly contentType: 'application/x-amz-json-1.0' | 'application/x-amz-json-1.1';
};

/** Calls one operation of a service that speaks the AWS JSON protocol. */
export type AwsJsonCall = (operation: string, input: object) => Promise<unknown>;

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

/** A client of one service; its calls reject with an {@link AwsError} and must be safe to repeat. */
export const awsJsonClient = (settings: AwsJsonSettings): AwsJsonCall => {
  const { target, contentType, ...service } = settings;
  const send = awsSender({ ...service, tryTimeout });
  return (operation, input) => {
    const headers = { 'Content-Type': contentType, 'X-Amz-Target': `${target}.${operation}` };
    const request = { method: 'POST', path: '/', headers, body: JSON.stringify(input) } as const;
    return send(request, judgeAnswer);
  };
};
