import * as z from 'zod';

/** Version of the record, its `v`. */
export const entryLateVersion = 1;

/**
 * The leaf before this one came late: its partition of the journal was in the log already when it was
 * found. `id` is its id, `leaf` base64url of its leaf hash, `t` when it was found, in milliseconds since 1970.
 */
export const EntryLate = z.strictObject({
  v: z.literal(entryLateVersion),
  k: z.literal('late'),
  id: z.string(),
  t: z.int(),
  leaf: z.string(),
});
export type EntryLate = z.infer<typeof EntryLate>;

export const entryLateExample: EntryLate = {
  v: 1,
  k: 'late',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_001_200_000,
  leaf: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
};
