import * as z from 'zod';
import { Instant } from '../kernel/clock.ts';
import { InquiryId } from '../kernel/id.ts';
import { Code, Level, ParticipantId } from '../message/claims.ts';
import { Quota } from './quota.ts';
import { Reason } from './reason.ts';
import { stamp } from './stamp.ts';

/** What of an agency's services is meant: `life-status` (all its versions), or `group:identity`. */
export const Target = z.string().regex(/^(?:group:)?[a-z][a-z0-9-]{1,40}$/);
export type Target = z.infer<typeof Target>;

/** What is allowed at most; whatever is missing is as the service has it. */
export const terms = {
  purposes: z.array(Code).min(1).max(64).optional(),
  level: Level.optional(),
  fields: z.array(z.string().min(1).max(64)).max(64).optional(),
  quota: Quota.optional(),
};

/** Lets one holder use a service that is not open to every licensed counter. `until` is exclusive. */
export const Grant = z.strictObject({
  /** The command that asked for it or gave it. */
  id: InquiryId,
  target: Target,
  status: z.enum(['requested', 'active', 'suspended', 'revoked']),
  ...terms,
  from: Instant,
  until: Instant,
  justification: Reason.optional(),
  reason: Reason.optional(),
});
export type Grant = z.infer<typeof Grant>;

/** Narrows what a holder may do, or stops it at once; open services too. */
export const Limit = z.strictObject({
  target: Target,
  stopped: z.boolean(),
  ...terms,
  reason: Reason,
});
export type Limit = z.infer<typeof Limit>;

/** A service that is not open to every licensed counter, and why: it shows in the neutrality report. */
export const Narrowing = z.strictObject({
  target: Target,
  justification: Reason,
  from: Instant,
});
export type Narrowing = z.infer<typeof Narrowing>;

/** Who holds: a participant, or everybody. */
export const Holder = z.union([ParticipantId, z.literal('*')]);
export type Holder = z.infer<typeof Holder>;

/** The most that stands of each kind in one entry. */
export const mostOfEach = 32;

/** All that an agency decided about one holder, in one entry: one read, whatever the service. */
export const Access = z.strictObject({
  kind: z.literal('access'),
  agency: ParticipantId,
  holder: Holder,
  grants: z.array(Grant).max(mostOfEach),
  limits: z.array(Limit).max(mostOfEach),
  /** Only where the holder is `*`. */
  narrowed: z.array(Narrowing).max(mostOfEach),
  ...stamp,
});
export type Access = z.infer<typeof Access>;
