import * as z from 'zod';
import { InquiryAnswered } from '#events/inquiry-answered.ts';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { jsonIn, payloadAs } from './leaf-json.ts';

const newline = 0x0a;

/** The agency's own sequence number, where it answered; nothing else of an answer is read. */
const Answer = z.looseObject({ iss: z.string(), seq: z.int().min(1) });

/** What the leaf of an inquiry says: its two records, and of the signed texts in them what was wanted. */
export type InquiryRead<Claims> = {
  readonly asked: InquiryAsked;
  readonly answered: InquiryAnswered;
  readonly claims: Claims;
  readonly answer?: { readonly agency: string; readonly seq: number };
};

/** Which part of a leaf is not what an inquiry has there. */
export type InquiryUnread = { readonly unread: 'lines' | 'intent' | 'outcome' | 'request' };

/** The agency of a service, `agency/name@version`. */
export const agencyOf = (service: string): string => `agency:${service.split('/', 1)[0] ?? ''}`;

/** Reads the signed texts in the records of an inquiry; undefined where the request has no form. */
export const readTexts = <Claims>(
  asked: InquiryAsked,
  answered: InquiryAnswered,
  schema: z.ZodType<Claims>,
): InquiryRead<Claims> | undefined => {
  const claims = payloadAs(asked.req, schema);
  if (claims === undefined) return undefined;
  const answer = answered.res === undefined ? undefined : payloadAs(answered.res, Answer);
  return {
    asked,
    answered,
    claims,
    ...(answer !== undefined && { answer: { agency: answer.iss, seq: answer.seq } }),
  };
};

/**
 * Reads a leaf as an inquiry, and the claims of its request by a schema; undefined for a record, which
 * is one line. Nothing is verified.
 */
export const readInquiry = <Claims>(
  data: Uint8Array,
  schema: z.ZodType<Claims>,
): InquiryRead<Claims> | InquiryUnread | undefined => {
  const end = data.indexOf(newline);
  if (end < 1 || data.at(-1) !== newline) return { unread: 'lines' };
  if (end === data.length - 1) return undefined;
  const asked = InquiryAsked.safeParse(jsonIn(data.subarray(0, end))).data;
  if (asked === undefined) return { unread: 'intent' };
  const answered = InquiryAnswered.safeParse(jsonIn(data.subarray(end + 1, -1))).data;
  if (answered === undefined) return { unread: 'outcome' };
  return readTexts(asked, answered, schema) ?? { unread: 'request' };
};
