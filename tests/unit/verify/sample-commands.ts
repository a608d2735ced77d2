/** A registry that ten commands made, leaf by leaf, and inquiries by the keys that they brought. */
import { RegistryCommanded } from '#events/registry-commanded.ts';
import { Access } from '#shared/registry/access.ts';
import { Delegation } from '#shared/registry/delegation.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { type CommandParts, commandLeaf, configLeaf, keyLeaf } from '#tests/support/log-leaves.ts';
import { makeKey, type TestKey, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService, keyEntryOf } from '#tests/support/registry.ts';
import { cast } from './sample-log.ts';

export const accessOf = (agency: string, holder: string): Access =>
  Access.parse({
    kind: 'access',
    agency,
    holder,
    grants: [],
    limits: [],
    narrowed: [],
    version: 1,
  });

export const delegationOf = (counter: string, delegate: string): Delegation =>
  Delegation.parse({
    kind: 'delegation',
    counter,
    delegate,
    status: 'active',
    services: [],
    from: testNow,
    until: testNow + 86_400_000,
    version: 1,
  });

/** Who signs commands, and a second key of the counter. */
export const officers = {
  registrar: await makeKey('ES256', 'registrar:authority'),
  agency: await makeKey('Ed25519', cast.agency.owner),
  counter: await makeKey('ES256', cast.counter.owner),
  spare: await makeKey('ES256', cast.counter.owner),
};

const officerEntry = (key: TestKey): RegistryEntry => keyEntryOf(key, { role: 'officer' });

const { registrar } = officers;
const { counter, agency } = cast;

type Step = Pick<CommandParts, 'by' | 'do' | 'entries'>;

/** What the ten commands do, in the order of their numbers. */
const steps: readonly Step[] = [
  {
    by: registrar,
    do: 'registry.begin',
    entries: [agencyOf(registrar.owner, { keys: 1 }), officerEntry(registrar)],
  },
  { by: registrar, do: 'participant.register', entries: [agencyOf(agency.owner)] },
  { by: registrar, do: 'key.add', entries: [officerEntry(officers.agency)] },
  { by: registrar, do: 'participant.register', entries: [counterOf(counter.owner)] },
  { by: registrar, do: 'key.add', entries: [keyEntryOf(counter, { role: 'station' })] },
  {
    by: registrar,
    do: 'key.add',
    entries: [officerEntry(officers.counter), counterOf(counter.owner, { version: 2, keys: 2 })],
  },
  { by: officers.agency, do: 'key.add', entries: [keyEntryOf(agency, { role: 'server' })] },
  { by: officers.agency, do: 'service.publish', entries: [identityService] },
  { by: officers.agency, do: 'access.narrow', entries: [accessOf(agency.owner, '*')] },
  {
    by: officers.counter,
    do: 'key.add',
    entries: [keyEntryOf(officers.spare, { role: 'station' })],
  },
];

/** When change `n` was made: every two seconds, and all well before the inquiries. */
export const timeOfChange = (n: number): number => testNow - 50_000 + n * 2000;

const ids = steps.map((_, n) => `01a3185b-0000-7000-8000-0000000000${n + 10}`);

/** The leaf of change `n`, bent at will. */
export const changeLeaf = (n: number, parts: Partial<CommandParts> = {}): Promise<Uint8Array> => {
  const step = steps[n - 1];
  if (step === undefined) throw new Error('there is no such step');
  const command = ids[n - 1] ?? '';
  return commandLeaf({ ...step, n, t: timeOfChange(n), command, ...parts });
};

export const changes = await Promise.all(steps.map((_, n) => changeLeaf(n + 1)));

export const start: readonly Uint8Array[] = [configLeaf(), keyLeaf(cast.exchange)];

/** The log: its settings, the exchange's key, and then the changes, number 1 at index 2. */
export const commanded: readonly Uint8Array[] = [...start, ...changes];

/** The commands again, number `n` bent. */
export const withChange = async (
  n: number,
  parts: Partial<CommandParts>,
): Promise<readonly Uint8Array[]> => commanded.with(n + 1, await changeLeaf(n, parts));

/** A further change by a key, so many milliseconds after {@link testNow}. */
export const furtherLeaf = (
  n: number,
  after: number,
  parts: Partial<CommandParts> = {},
): Promise<Uint8Array> =>
  commandLeaf({
    by: registrar,
    do: 'participant.rename',
    entries: [agencyOf(agency.owner, { version: n })],
    n,
    t: testNow + after,
    ...parts,
  });

/** The record in the leaf of a command. */
export const eventOf = (leaf: Uint8Array | undefined): RegistryCommanded =>
  RegistryCommanded.parse(JSON.parse(Buffer.from(leaf ?? []).toString('utf8')));

/** A change of a key on record. */
export const keyChange = (key: TestKey, change: Parameters<typeof keyEntryOf>[1]): RegistryEntry =>
  keyEntryOf(key, change);
