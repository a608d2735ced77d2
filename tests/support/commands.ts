/** Commands as messages, and a registry that takes them, over memory twins. */
import { v7 } from 'uuid';
import { RegistryCommanded } from '#events/registry-commanded.ts';
import { addressOf } from '#shared/audit/address.ts';
import { type MemoryJournalStore, memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { kinds } from '#shared/message/kind.ts';
import type { Command } from '#shared/registry/commands/command.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import {
  type MemoryRegistryStore,
  memoryRegistryStore,
} from '#shared/registry/memory-registry-store.ts';
import { Participant } from '#shared/registry/participant.ts';
import { type CommandParts, type CommandResult, runCommand } from '#shared/registry/run-command.ts';
import { countedRandom, type TestClock, testClock, testSettings } from './exchange.ts';
import { buildMessage, makeKey, newJti, type Overrides, type TestKey } from './messages.ts';
import { counterOf, keyEntryOf } from './registry.ts';

export const commandAudience = `${testSettings.origin}/v1/commands`;

/** A UUIDv7 as commands have it, of a time in milliseconds. */
export const commandIdAt = (milliseconds: number): InquiryId =>
  InquiryId.parse(v7({ msecs: milliseconds }));

/** What a command says; its id is made now where none is given. */
export type Said = {
  readonly do: string;
  readonly on: number;
  readonly with: Readonly<Record<string, JsonValue>>;
  readonly id?: string;
};

export type SentCommand = Overrides & {
  readonly key: TestKey;
  /** Milliseconds; the token begins then and lives a minute. */
  readonly now: number;
  readonly audience?: string;
};

export const commandClaims = (
  { do: name, on, with: content, id }: Said,
  { key, now, audience = commandAudience }: Pick<SentCommand, 'key' | 'now' | 'audience'>,
): JsonObject => ({
  iss: key.owner,
  aud: audience,
  iat: Math.floor(now / 1000),
  exp: Math.floor(now / 1000) + 60,
  jti: newJti(),
  cmd: { id: id ?? commandIdAt(now), do: name, on, with: content },
});

export const buildCommand = (
  said: Said,
  { key, now, audience = commandAudience, ...bent }: SentCommand,
): Promise<string> =>
  buildMessage({
    ...bent,
    key,
    kind: kinds.command,
    base: commandClaims(said, { key, now, audience }),
  });

/** A command by which somebody registers a new key of its own, with the proof that it holds it. */
export const addKeyCommand = async (
  added: TestKey,
  { key, now, audience = commandAudience }: Pick<SentCommand, 'key' | 'now' | 'audience'>,
): Promise<Said & { readonly id: string }> => {
  const id = commandIdAt(now);
  const iat = Math.floor(now / 1000);
  const proof = await buildMessage({
    key: added,
    kind: kinds.keyProof,
    base: { iss: key.owner, aud: audience, iat, exp: iat + 60, jti: newJti(), cmd_id: id },
  });
  const span = { notBefore: now, notAfter: now + 86_400_000 };
  const about = { owner: key.owner, jwk: { ...added.jwk }, label: 'server-2', role: 'server' };
  return { id, do: 'key.add', on: 0, with: { ...about, ...span, proof } };
};

export const registrarOf = (id: string): Participant =>
  Participant.parse({
    kind: 'participant',
    id,
    title: { fa: 'تنظیم‌گر', en: 'Regulator' },
    status: 'active',
    version: 1,
  });

export type CommandKeys = {
  readonly registrar: TestKey;
  /** The registrar's too, but it signs no commands. */
  readonly station: TestKey;
  readonly counter: TestKey;
  readonly root: TestKey;
};

const makeKeys = async (): Promise<CommandKeys> => ({
  registrar: await makeKey('ES256', 'registrar:cra'),
  station: await makeKey('Ed25519', 'registrar:cra'),
  counter: await makeKey('Ed25519', 'counter:1'),
  root: await makeKey('ES256', 'registrar:cra'),
});

const sharedKeys = makeKeys();

/** How many counters {@link makeCommanded} knows, `counter:1` and on. */
export const counters = 20;

export const counterId = (which: number): string => `counter:${which}`;

const sampleEntries = (keys: CommandKeys): readonly RegistryEntry[] => [
  registrarOf('registrar:cra'),
  keyEntryOf(keys.registrar, { role: 'officer' }),
  keyEntryOf(keys.station, { role: 'station' }),
  keyEntryOf(keys.counter),
  ...Array.from({ length: counters }, (_, place) => counterOf(counterId(place + 1))),
];

export const suspend = (which: number, on = 1, id?: string): Said => ({
  do: 'participant.suspend',
  on,
  with: { id: counterId(which), reason: 'no answer to letters' },
  ...(id !== undefined && { id }),
});

export const reinstate = (which: number, on: number, id?: string): Said => ({
  ...suspend(which, on, id),
  do: 'participant.reinstate',
});

/** Everything that a command is run with, and what is seen of it. */
export type Commanded = {
  readonly parts: CommandParts;
  readonly clock: TestClock;
  readonly registry: MemoryRegistryStore;
  readonly journal: MemoryJournalStore;
  readonly keys: CommandKeys;
  /** How many changes stand before the first command. */
  readonly begun: number;
  /** Signs a command anew, by the registrar unless said otherwise, and runs it in a process of its own. */
  readonly send: (said: Said, bent?: Partial<SentCommand>) => Promise<CommandResult>;
  readonly run: (text: string, change?: Partial<CommandParts>) => Promise<CommandResult>;
  /** What is on record of changes, in the order of their numbers. */
  readonly leaves: () => readonly RegistryCommanded[];
};

export type CommandedParts = {
  readonly entries?: readonly RegistryEntry[];
  readonly table?: ReadonlyMap<string, Command>;
};

/** The leaves of changes that stand in a journal. */
export const leavesIn = ({ dump }: MemoryJournalStore): readonly RegistryCommanded[] =>
  dump()
    .flatMap(({ record }) => (record === undefined ? [] : [record.record]))
    .map((record) => RegistryCommanded.parse(JSON.parse(unpackRecord(record))))
    .toSorted((a, b) => a.n - b.n);

export const makeCommanded = async ({
  entries,
  table,
}: CommandedParts = {}): Promise<Commanded> => {
  const keys = await sharedKeys;
  const initial = entries ?? sampleEntries(keys);
  const clock = testClock();
  const journal = memoryJournalStore();
  const registry = memoryRegistryStore(initial);
  const parts: CommandParts = {
    store: registry.store,
    journal: journal.store,
    layout: testSettings.layout,
    origin: testSettings.origin,
    now: clock.now,
    random: countedRandom(),
  };
  const run = (text: string, change: Partial<CommandParts> = {}): Promise<CommandResult> =>
    runCommand({ ...parts, ...change }, table)(text);
  return {
    parts,
    clock,
    registry,
    journal,
    keys,
    begun: initial.length,
    run,
    send: async (said, bent = {}) =>
      run(await buildCommand(said, { key: keys.registrar, now: clock.now(), ...bent })),
    leaves: () => leavesIn(journal),
  };
};

/** What a command is refused with; throws when it is not. */
export const refusalOf = async (sending: Promise<CommandResult>): Promise<Problem> => {
  const answer = await sending.catch((error: unknown) => error);
  if (answer instanceof Problem) return answer;
  throw new Error('The command was not refused.', { cause: answer });
};

/** Whether the leaf of a change stands in the journal. */
export const isRecorded = ({ journal, parts }: Commanded, leaf: InquiryId): boolean =>
  journal.rows(addressOf(leaf, parts.layout)).record !== undefined;
