import { Problem } from '#shared/kernel/problem.ts';

/** What every failure of a store of objects is to its callers. */
export const objectsUnavailable = (cause: unknown): Problem =>
  new Problem('store-unavailable', 'The objects cannot be reached.', { retryAfter: 2 }, { cause });
