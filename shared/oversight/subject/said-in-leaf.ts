import * as z from 'zod';
import type { Outcome } from '#events/outcome.ts';
import { payloadAs } from '../../audit/leaf-json.ts';
import { agencyOf, readInquiry } from '../../audit/read-inquiry.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { presences } from '../../message/claims.ts';
import type { Rule } from '../../registry/decide.ts';

const Claims = z.looseObject({
  iss: z.string(),
  inq: z.looseObject({
    service: z.string(),
    purpose: z.string(),
    basis: z.string(),
    presence: z.enum(presences),
    for: z.string().optional(),
  }),
});

const Digests = z.looseObject({ _sd: z.array(z.string()).optional() });

const grantedRule: Rule = 'granted';

/** What the leaf of an inquiry says to the person it is about. */
export type InquiryAbout = {
  readonly id: InquiryId;
  /** The time inside the id, in milliseconds since 1970. */
  readonly t: number;
  readonly counter: string;
  /** Whoever signed in the counter's place. */
  readonly by?: string;
  readonly agency: string;
  readonly service: string;
  readonly purpose: string;
  readonly basis: string;
  readonly presence: (typeof presences)[number];
  /** Whether it was allowed by a grant: whatever is confidential is. */
  readonly granted: boolean;
  readonly outcome: Outcome;
  /** How many fields were passed on to the counter. */
  readonly disclosed: number;
  /** Names of the fields that the agency answered and the exchange held back. */
  readonly withheld: readonly string[];
};

/**
 * Reads the leaf of an inquiry; undefined where it is none. The agency's answer names its fields only
 * by salted digests, so the log says how many there were, and by name only which were held back.
 */
export const saidInLeaf = (data: Uint8Array): InquiryAbout | undefined => {
  const read = readInquiry(data, Claims);
  if (read === undefined || 'unread' in read) return undefined;
  const { asked, answered, claims } = read;
  const id = InquiryId.safeParse(asked.id).data;
  if (id === undefined || answered.id !== id) return undefined;
  const { service, purpose, basis, presence, for: counter = claims.iss } = claims.inq;
  const withheld = answered.withheld?.split(',') ?? [];
  const digests = answered.res === undefined ? [] : (payloadAs(answered.res, Digests)?._sd ?? []);
  return {
    id,
    t: timeOf(id),
    counter,
    ...(counter !== claims.iss && { by: claims.iss }),
    agency: agencyOf(service),
    service,
    purpose,
    basis,
    presence,
    granted: asked.dec.effect === 'allow' && asked.dec.rule === grantedRule,
    outcome: answered.out,
    disclosed: Math.max(0, digests.length - withheld.length),
    withheld,
  };
};
