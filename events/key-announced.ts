import * as z from 'zod';

/** Version of the record, its `v`: version 1 of the same kind has no `from`. */
export const keyAnnouncedVersion = 2;

/**
 * The next of the exchange's own signing keys, on record before its first use: a leaf by itself. `id` is
 * a UUIDv7, `t` in milliseconds since 1970, `kid` the RFC 7638 thumbprint, `jwk` the public JWK as JSON
 * text, `from` the time before which it signs nothing, in milliseconds since 1970. A key may be
 * announced more than once; from the earliest of the times on it may sign.
 */
export const KeyAnnounced = z.strictObject({
  v: z.literal(keyAnnouncedVersion),
  k: z.literal('key'),
  id: z.string(),
  t: z.int(),
  kid: z.string(),
  jwk: z.string(),
  from: z.int().min(0),
});
export type KeyAnnounced = z.infer<typeof KeyAnnounced>;

export const keyAnnouncedExample: KeyAnnounced = {
  v: 2,
  k: 'key',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  jwk: '{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}',
  from: 1_800_087_000_000,
};
