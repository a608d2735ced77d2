import * as z from 'zod';
import { Instant } from '../kernel/clock.ts';
import { ParticipantId } from '../message/claims.ts';
import { Reason } from './reason.ts';
import { stamp } from './stamp.ts';

/** A service without its version, for example `civil-registry/identity`. */
export const ServiceName = z.string().regex(/^[a-z][a-z0-9-]{1,40}\/[a-z][a-z0-9-]{1,40}$/);
export type ServiceName = z.infer<typeof ServiceName>;

/** Lets a guild or a software house ask for a counter. `until` is exclusive. */
export const Delegation = z.strictObject({
  kind: z.literal('delegation'),
  counter: ParticipantId,
  delegate: ParticipantId,
  status: z.enum(['active', 'revoked']),
  /** Which services; all of them when none is named. */
  services: z.array(ServiceName).max(64),
  from: Instant,
  until: Instant,
  reason: Reason.optional(),
  ...stamp,
});
export type Delegation = z.infer<typeof Delegation>;

/** Whether it is for a service, in whichever version. */
export const covers = ({ services }: Pick<Delegation, 'services'>, ref: string): boolean =>
  services.length === 0 || services.includes(ref.slice(0, ref.lastIndexOf('@')));
