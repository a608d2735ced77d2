import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { writeLimits } from '#shared/api/limit-fields.ts';
import { type Language, problemDocument } from '#shared/api/problem-document.ts';
import type { InquiryFacts } from '#shared/inquiry/settled.ts';
import type { Problem } from '#shared/kernel/problem.ts';
import { isKnown, sendBytes, tagOf } from './bytes-body.ts';

export type BytesType =
  | 'application/json'
  | 'text/plain; charset=utf-8'
  | 'text/csv; charset=utf-8'
  | 'application/octet-stream'
  | 'application/x-tar';

type Document =
  | { readonly type: 'application/json'; readonly json: object }
  | { readonly type: 'application/x-ndjson'; readonly lines: readonly object[] };

/** A document to send, one object a line as NDJSON; or bytes as they are. */
export type Body = Document | { readonly type: BytesType; readonly bytes: Uint8Array };

/** What is counted of reads: those that come close to persons, and those that met a vault that is closed. */
export type Counted = 'SubjectSearches' | 'Disclosures' | 'JournalUnopened';

export type Reply = {
  readonly body: Body;
  /** 200 where nothing is said; for documents. */
  readonly status?: 200 | 201 | 202;
  readonly headers?: Readonly<Record<string, string>>;
  /** Told instead of the body, under the same headers. */
  readonly problem?: Problem;
  /**
   * Done before bytes are shown, and not for a caller who has them already; where it rejects, they are
   * not shown.
   */
  readonly beforeShown?: () => Promise<void>;
  /** Noted in the log line and the metrics. */
  readonly inquiry?: InquiryFacts;
  /** Counted in the metrics, where it is shown. */
  readonly counted?: Counted;
  /** As so many; as one where nothing is said. */
  readonly times?: number;
};

export type Result = APIGatewayProxyStructuredResultV2;

type Headers = Readonly<Record<string, string>>;

/** On every answer. */
export const safetyHeaders = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'strict-transport-security': 'max-age=31536000',
} as const;

const write = (body: Document): string =>
  body.type === 'application/json'
    ? JSON.stringify(body.json)
    : body.lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** What a caller says of the answers it takes, and of those it has; empty where it says nothing. */
export type Taken = { readonly acceptEncoding: string; readonly ifNoneMatch: string };

/** An answer with bytes: nothing but its tag when the caller has them already (RFC 9110 §15.4.5). */
const toBytesResult = async (
  bytes: Uint8Array,
  headers: Headers,
  { acceptEncoding, ifNoneMatch }: Taken,
  beforeShown: Reply['beforeShown'],
): Promise<Result> => {
  const etag = tagOf(bytes);
  if (isKnown(ifNoneMatch, etag)) {
    return { statusCode: 304, headers: { ...headers, etag, vary: 'accept-encoding' } };
  }
  await beforeShown?.();
  const sent = await sendBytes(bytes, acceptEncoding);
  return {
    statusCode: 200,
    headers: { ...headers, etag, ...sent.headers },
    body: sent.body,
    isBase64Encoded: true,
  };
};

export const toResult = async (
  { body, status = 200, headers, beforeShown }: Reply,
  common: Headers,
  taken: Taken,
): Promise<Result> => {
  const all = { ...common, 'content-type': body.type, ...headers };
  return 'bytes' in body
    ? toBytesResult(body.bytes, all, taken, beforeShown)
    : { statusCode: status, headers: all, body: write(body) };
};

type Told = {
  readonly status: number;
  readonly language: Language;
  readonly requestId: string;
  readonly now: number;
};

const challenge = ({ name }: Problem): string =>
  name === 'unauthenticated' ? 'Bearer' : 'Bearer error="invalid_token"';

export const toProblemResult = (problem: Problem, told: Told, common: Headers): Result => ({
  statusCode: told.status,
  headers: {
    ...common,
    'content-type': 'application/problem+json',
    'content-language': told.language,
    ...(told.status === 401 && { 'www-authenticate': challenge(problem) }),
    ...(problem.extras.retryAfter !== undefined && {
      'retry-after': String(problem.extras.retryAfter),
    }),
    ...writeLimits(problem.extras.limits ?? []),
  },
  body: JSON.stringify(problemDocument(problem, told)),
});

/** What a bug is told as: nothing of it. */
export const toBugResult = (requestId: string, common: Headers): Result => ({
  statusCode: 500,
  headers: { ...common, 'content-type': 'application/problem+json' },
  body: JSON.stringify({
    type: 'about:blank',
    title: 'Internal Server Error',
    status: 500,
    instance: requestId,
  }),
});
