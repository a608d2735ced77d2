import * as z from 'zod';

/** Version of the record, its `v`. */
export const registryChangedVersion = 1;

/**
 * A change of the registry: a leaf by itself, durable before the change takes effect. `kind` and `key`
 * say what changed, `n` is the version of that item, `entry` the item as RFC 8785 JSON text.
 * Organisations and their keys only; no citizen's data.
 */
export const RegistryChanged = z.strictObject({
  v: z.literal(registryChangedVersion),
  k: z.literal('registry'),
  id: z.string(),
  t: z.int(),
  kind: z.enum(['participant', 'key', 'service', 'access', 'delegation']),
  key: z.string(),
  n: z.int().min(1),
  entry: z.string(),
});
export type RegistryChanged = z.infer<typeof RegistryChanged>;

export const registryChangedExample: RegistryChanged = {
  v: 1,
  k: 'registry',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  kind: 'participant',
  key: 'counter:72110345',
  n: 1,
  entry:
    '{"id":"counter:72110345","kind":"participant","status":"active","title":{"en":"Counter 72110345","fa":"دفتر ۷۲۱۱۰۳۴۵"},"version":1}',
};
