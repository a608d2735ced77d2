import * as z from 'zod';
import { Instant } from '../kernel/clock.ts';

/** What makes an office a counter. Times in milliseconds since 1970; `validUntil` is exclusive. */
export const Licence = z.strictObject({
  number: z.string().min(1).max(40),
  issuer: z.string().min(1).max(120),
  province: z.string().min(1).max(60),
  city: z.string().min(1).max(60),
  status: z.enum(['valid', 'suspended', 'revoked']),
  validFrom: Instant,
  validUntil: Instant,
});
export type Licence = z.infer<typeof Licence>;

export const isLicenceValid = (licence: Licence, now: number): boolean =>
  licence.status === 'valid' && licence.validFrom <= now && now < licence.validUntil;

/** Whether its term has run out, whatever its status. */
export const isLicenceOver = ({ validUntil }: Pick<Licence, 'validUntil'>, now: number): boolean =>
  validUntil <= now;
