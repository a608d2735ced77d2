import * as z from 'zod';
import { Outcome } from './outcome.ts';

/** Version of the record, its `v`. */
export const inquiryAnsweredVersion = 1;

/**
 * The outcome, O: durable before any data is released (audit-log.md §2). Its bytes are the RFC 8785
 * form of this object. `i` is base64url(SHA-256 of I); `t` in milliseconds since 1970; `http` the
 * agency's HTTP status, 0 when there was none; `ms` the time it took; `res` its JWS, verbatim;
 * `withheld` the names held back, joined by commas; `fee` the tariff that applies.
 */
export const InquiryAnswered = z.strictObject({
  v: z.literal(inquiryAnsweredVersion),
  k: z.literal('o'),
  id: z.string(),
  i: z.string(),
  t: z.int(),
  out: Outcome,
  http: z.int(),
  ms: z.int(),
  res: z.string().optional(),
  withheld: z.string().optional(),
  fee: z.string().optional(),
});
export type InquiryAnswered = z.infer<typeof InquiryAnswered>;

export const inquiryAnsweredExample: InquiryAnswered = {
  v: 1,
  k: 'o',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  i: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
  t: 1_800_000_000_412,
  out: 'FOUND',
  http: 200,
  ms: 381,
  res: 'eyJhbGciOiJFUzI1NiJ9.e30.AA',
};
