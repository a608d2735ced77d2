import * as z from 'zod';

/** The one closed list of what can become of an inquiry: wire, journal, console (protocol.md §3). */
export const Outcome = z.enum([
  'MATCH',
  'NO_MATCH',
  'FOUND',
  'NOT_FOUND',
  'INDETERMINATE',
  'REFUSED',
  'DENIED',
  'PENDING',
  'SOURCE_UNAVAILABLE',
  'TIMEOUT',
  'INVALID_ANSWER',
  'ABORTED',
]);
export type Outcome = z.infer<typeof Outcome>;
