import * as z from 'zod';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { fromBase64Url } from '../kernel/bytes.ts';
import { InquiryId } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import { type JsonValue, parseStrictJson } from '../kernel/strict-json.ts';

const newline = 0x0a;

const Request = z.looseObject({
  iss: z.string(),
  inq: z.looseObject({
    id: InquiryId,
    seq: z.int().min(1),
    service: z.string(),
    station: z.string(),
    for: z.string().optional(),
  }),
});

const Response = z.looseObject({ iss: z.string(), seq: z.int().min(1) });

/** What the leaf of an inquiry says that is counted. */
export type InquirySaid = {
  readonly id: InquiryId;
  /** Who signed the request: whose sequence number it is. */
  readonly signer: string;
  readonly station: string;
  readonly seq: number;
  readonly counter: string;
  readonly agency: string;
  readonly service: string;
  readonly outcome: string;
  /** The agency's own sequence number, where it answered. */
  readonly answer?: { readonly agency: string; readonly seq: number };
};

const jsonOf = (bytes: Uint8Array | undefined): JsonValue | undefined => {
  if (bytes === undefined) return undefined;
  try {
    return parseStrictJson(bytes);
  } catch (error) {
    if (error instanceof Problem) return undefined;
    throw error;
  }
};

/** What a compact JWS says; undefined where it does not have the form. Nothing is verified. */
export const payloadAs = <Said>(jws: string, schema: z.ZodType<Said>): Said | undefined =>
  schema.safeParse(jsonOf(fromBase64Url(jws.split('.')[1] ?? ''))).data;

/** The one line of a record that is a leaf by itself, as JSON; undefined for any other leaf. */
export const recordIn = (data: Uint8Array): JsonValue | undefined =>
  data.indexOf(newline) === data.length - 1 ? jsonOf(data.subarray(0, -1)) : undefined;

/**
 * What a leaf says as an inquiry: `undefined` for a record of another kind, `unread` for two lines that
 * are not what an inquiry has. The signatures are not judged here.
 */
export const saidInLeaf = (data: Uint8Array): InquirySaid | 'unread' | undefined => {
  const end = data.indexOf(newline);
  if (end === data.length - 1) return undefined;
  const asked = InquiryAsked.safeParse(jsonOf(data.subarray(0, end))).data;
  const answered = InquiryAnswered.safeParse(jsonOf(data.subarray(end + 1, -1))).data;
  const request = asked && payloadAs(asked.req, Request);
  if (answered === undefined || request === undefined) return 'unread';
  const { id, seq, service, station, for: counter = request.iss } = request.inq;
  const { res, out: outcome } = answered;
  const response = res === undefined ? undefined : payloadAs(res, Response);
  return {
    id,
    signer: request.iss,
    station,
    seq,
    counter,
    agency: `agency:${service.split('/', 1)[0] ?? ''}`,
    service,
    outcome,
    ...(response !== undefined && { answer: { agency: response.iss, seq: response.seq } }),
  };
};
