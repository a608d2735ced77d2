/** Plans commands over entries as an exchange does, and holds every plan to what all must hold to. */
import { expect } from 'vitest';
import { InquiryId } from '#shared/kernel/id.ts';
import { roleOf } from '#shared/kernel/participant-id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { ParticipantId } from '#shared/message/claims.ts';
import { mostEntries } from '#shared/registry/change.ts';
import type { Command, Sender, State } from '#shared/registry/commands/command.ts';
import { nameOf, nameText, RegistryEntry } from '#shared/registry/entry.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';

export const day = 86_400_000;
export const minute = 60_000;
export const tenYears = 3653 * day;

export const commandsUrl = 'https://exchange.example/v1/commands';

/** The id of every command, unless said otherwise. */
export const commandId = InquiryId.parse(inquiryIdAt(testNow));

/** The registrar that sends the commands, and another one. */
export const registrar = agencyOf('registrar:cra', { keys: 1 });
export const otherRegistrar = agencyOf('registrar:deputy', { keys: 1 });

/** By an officer key of the registrar, now, unless said otherwise. */
export const senderOf = (id: string = registrar.id, change: Partial<Sender> = {}): Sender => ({
  id: ParticipantId.parse(id),
  role: roleOf(id) ?? 'exchange',
  keyRole: 'officer',
  kid: 'S'.repeat(43),
  now: testNow,
  command: commandId,
  audience: commandsUrl,
  ...change,
});

const freeze = <Value>(value: Value): Value => {
  if (typeof value === 'object' && value !== null) {
    Object.values(value).forEach(freeze);
    Object.freeze(value);
  }
  return value;
};

const textOf = (entry: RegistryEntry): string => nameText(nameOf(entry));

/** What stands when entries have changed. */
export const after = (
  standing: readonly RegistryEntry[],
  changed: readonly RegistryEntry[],
): readonly RegistryEntry[] => [
  ...new Map([...standing, ...changed].map((entry) => [textOf(entry), entry])).values(),
];

export type Kinds = Readonly<Record<string, Command>>;

/**
 * What one command changes; rejects with its refusal. Expects on the way that only what was said to
 * be read is read, that nothing given is changed, and that what comes out can be stored.
 */
export const plan = async (
  kinds: Kinds,
  name: string,
  content: JsonObject,
  standing: readonly RegistryEntry[],
  by: Sender = senderOf(),
): Promise<readonly RegistryEntry[]> => {
  const command = kinds[name];
  if (command === undefined) throw new Error(`There is no command ${name}.`);
  if (!command.senders.includes(by.role)) throw new Problem('wrong-role', 'Not this role.');
  const entries = new Map(freeze(standing).map((entry) => [textOf(entry), entry]));
  const prepared = command.prepare(freeze(content));
  const main = nameText(prepared.main(freeze(by)));
  const said = [...prepared.names(by), ...prepared.follows(entries.get(main))].map(nameText);
  expect(said.at(0)).toBe(main);
  expect(new Set(said).size).toBe(said.length);
  const state: State = (asked) => {
    if (!said.includes(nameText(asked))) throw new Error('It reads what it did not say.');
    return entries.get(nameText(asked));
  };
  const planned = await prepared.plan(state, by);
  const changed = planned.map(textOf);
  expect(changed).toContain(main);
  expect(new Set(changed).size).toBe(changed.length);
  expect(changed.filter((text) => !said.includes(text))).toEqual([]);
  expect(changed.length).toBeLessThanOrEqual(mostEntries);
  for (const entry of planned) {
    expect(RegistryEntry.parse(JSON.parse(JSON.stringify(entry)))).toEqual(entry);
    expect(entry.version).toBe((entries.get(textOf(entry))?.version ?? 0) + 1);
  }
  return planned;
};

/** The text, or the refusal: its name, and behind it where the content is wrong. */
export const outcomeOf = async (text: Promise<string>): Promise<string> => {
  try {
    return await text;
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return [error.name, ...(error.extras.errors ?? []).map(({ pointer }) => pointer)].join(' ');
  }
};

/** What one command changes; nothing when it is refused. */
export const planOrNothing = async (
  ...command: Parameters<typeof plan>
): Promise<readonly RegistryEntry[]> => {
  try {
    return await plan(...command);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
};

/** `done`, or the refusal as {@link outcomeOf} gives it. */
export const judge = (...command: Parameters<typeof plan>): Promise<string> =>
  outcomeOf(plan(...command).then(() => 'done'));

/** The participant of an id among entries. */
export const participantIn = (
  entries: readonly RegistryEntry[],
  id: string,
): Extract<RegistryEntry, { kind: 'participant' }> => {
  const found = entries.find((entry) => entry.kind === 'participant' && entry.id === id);
  if (found?.kind !== 'participant') throw new Error(`${id} is not there.`);
  return found;
};
