import * as z from 'zod';

/** How often something may be done; no limit where a number is missing. */
export const Quota = z
  .strictObject({
    perSecond: z.int().min(1).max(100_000).optional(),
    perDay: z.int().min(1).max(100_000_000).optional(),
  })
  .refine(({ perSecond, perDay }) => perSecond !== undefined || perDay !== undefined);
export type Quota = z.infer<typeof Quota>;

/** The quotas of a service: of each counter, and of all of them together. */
export const ServiceQuota = z.strictObject({
  counter: Quota.optional(),
  all: Quota.optional(),
});
export type ServiceQuota = z.infer<typeof ServiceQuota>;
