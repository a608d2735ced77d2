import * as z from 'zod';

/** Version of the record, its `v`: version 1 is what stood before there were commands. */
export const registryCommandedVersion = 2;

/**
 * A change of the registry by a signed command: a leaf by itself, durable before the change takes
 * effect. `n` is the number of the change: 1, 2, 3 … without a gap. `t` is when it was made, in
 * milliseconds since 1970; `id` a UUIDv7, the leaf's own, so that a change that is recorded later
 * stands where it was recorded. `command` is its JWS, verbatim; `entries` what it led to, each entry
 * whole and with this `n`, as RFC 8785 JSON text of `{"entries":[…]}`.
 * Organisations and their keys only; no citizen's data.
 */
export const RegistryCommanded = z.strictObject({
  v: z.literal(registryCommandedVersion),
  k: z.literal('registry'),
  id: z.string(),
  t: z.int(),
  n: z.int().min(1),
  command: z.string().min(1),
  entries: z.string(),
});
export type RegistryCommanded = z.infer<typeof RegistryCommanded>;

export const registryCommandedExample: RegistryCommanded = {
  v: 2,
  k: 'registry',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  n: 7,
  command: 'eyJhbGciOiJFUzI1NiJ9.e30.AA',
  entries:
    '{"entries":[{"id":"counter:72110345","kind":"participant","n":7,"status":"suspended","title":{"en":"Counter 72110345","fa":"دفتر ۷۲۱۱۰۳۴۵"},"version":2}]}',
};
