import { sampleParticipants } from '#infra/local/seed/participants.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { makeKey, type TestKey } from '../messages.ts';
import { keyEntryOf } from '../registry.ts';

/** Keys of `counter:72110345` that must not be taken, and one that nobody registered. */
export type BadKeys = {
  readonly revoked: TestKey;
  readonly expired: TestKey;
  readonly notYetValid: TestKey;
  readonly unregistered: TestKey;
};

export type WorldKeys = {
  /** By participant: everybody in the sample installation. */
  readonly sample: ReadonlyMap<string, TestKey>;
  readonly bad: BadKeys;
};

export const makeWorldKeys = async (): Promise<WorldKeys> => {
  const sample = sampleParticipants.map(
    async ({ id, algorithm }) => [id, await makeKey(algorithm, id)] as const,
  );
  const [revoked, expired, notYetValid, unregistered] = await Promise.all([
    makeKey(),
    makeKey(),
    makeKey(),
    makeKey(),
  ]);
  return {
    sample: new Map(await Promise.all(sample)),
    bad: { revoked, expired, notYetValid, unregistered },
  };
};

const day = 86_400_000;

/** How the bad keys stand in the registry. */
export const badKeyEntries = (
  { revoked, expired, notYetValid }: BadKeys,
  now: number,
): readonly RegistryEntry[] => [
  keyEntryOf(revoked, { status: 'revoked' }),
  keyEntryOf(expired, { notAfter: now - day }),
  keyEntryOf(notYetValid, { notBefore: now + day }),
];
