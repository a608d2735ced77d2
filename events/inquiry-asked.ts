import * as z from 'zod';

/** Version of the record, its `v`. */
export const inquiryAskedVersion = 1;

/**
 * The intent, I: durable before the agency is called (audit-log.md §2). Its bytes are the RFC 8785
 * form of this object. `t` in milliseconds since 1970; `req` is the request's JWS, verbatim.
 */
export const InquiryAsked = z.strictObject({
  v: z.literal(inquiryAskedVersion),
  k: z.literal('i'),
  id: z.string(),
  t: z.int(),
  dec: z.strictObject({
    effect: z.enum(['allow', 'deny']),
    rule: z.string(),
    registry: z.int(),
  }),
  req: z.string(),
});
export type InquiryAsked = z.infer<typeof InquiryAsked>;

export const inquiryAskedExample: InquiryAsked = {
  v: 1,
  k: 'i',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  dec: { effect: 'allow', rule: 'open-service', registry: 12 },
  req: 'eyJhbGciOiJFUzI1NiJ9.e30.AA',
};
