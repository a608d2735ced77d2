import * as z from 'zod';

/** Version of the record, its `v`. */
export const keyPublishedVersion = 1;

/**
 * The exchange's own signing key, on record before its first use: a leaf by itself. `id` is a UUIDv7,
 * `t` in milliseconds since 1970, `kid` the RFC 7638 thumbprint, `jwk` the public JWK as JSON text.
 */
export const KeyPublished = z.strictObject({
  v: z.literal(keyPublishedVersion),
  k: z.literal('key'),
  id: z.string(),
  t: z.int(),
  kid: z.string(),
  jwk: z.string(),
});
export type KeyPublished = z.infer<typeof KeyPublished>;

export const keyPublishedExample: KeyPublished = {
  v: 1,
  k: 'key',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  jwk: '{"crv":"P-256","kty":"EC","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}',
};
