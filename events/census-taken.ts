import * as z from 'zod';
import { DigestName } from './names.ts';

/** Version of the record, its `v`. */
export const censusTakenVersion = 1;

/**
 * What stood in a stretch of one log was counted: a leaf by itself, which whoever has the log can
 * derive again. `from` up to and without `to` are leaf indexes of the log `shard`, `n` the inquiries
 * among them, `counts` what was counted (RFC 8785 JSON of an object), `root` a root over that
 * (base64url). `t` in milliseconds since 1970.
 */
export const CensusTaken = z
  .strictObject({
    v: z.literal(censusTakenVersion),
    k: z.literal('census'),
    id: z.string(),
    t: z.int(),
    shard: z.int().min(0),
    from: z.int().min(0),
    to: z.int().min(0),
    n: z.int().min(0),
    root: DigestName,
    counts: z.string(),
  })
  .refine(({ from, to, n }) => n <= to - from);
export type CensusTaken = z.infer<typeof CensusTaken>;

export const censusTakenExample: CensusTaken = {
  v: 1,
  k: 'census',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  shard: 0,
  from: 1_024,
  to: 1_280,
  n: 250,
  root: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  counts: '{"counter:72110345":250}',
};
