import { type InquiryId, newId } from '../kernel/id.ts';
import { Problem } from '../kernel/problem.ts';
import { Change } from './change.ts';
import type { Prepared, Sender, State } from './commands/command.ts';
import { nameOf, nameText, type RegistryEntry } from './entry.ts';
import { changeLeaf } from './record-change.ts';

/** What a change is made of besides the entries. */
export type ChangeParts = {
  readonly n: number;
  readonly command: string;
  readonly random: (length: number) => Uint8Array;
};

const bug = (what: string): Error => new Error(`A command was planned wrongly: ${what}.`);

/** What every plan must hold to; that one does not is our fault, and must not reach the registry. */
const checkPlan = (
  prepared: Prepared,
  planned: readonly RegistryEntry[],
  state: State,
  by: Sender,
): void => {
  const main = prepared.main(by);
  const names = [...prepared.names(by), ...prepared.follows(state(main))];
  const read = new Set(names.map(nameText));
  const changed = planned.map((entry) => nameText(nameOf(entry)));
  if (!changed.includes(nameText(main))) throw bug('the main entry does not change');
  if (new Set(changed).size !== changed.length) throw bug('an entry changes twice');
  if (changed.some((name) => !read.has(name))) throw bug('an entry changes that was not read');
  const next = (entry: RegistryEntry): number => (state(nameOf(entry))?.version ?? 0) + 1;
  if (planned.some((entry) => entry.version !== next(entry)))
    throw bug('a version is not the next');
};

/** The leaf must fit before the change is decided: afterwards it could not be undone. */
const checkSize = (change: Change): void => {
  try {
    changeLeaf(change, change.leaf);
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    const said = 'What the command leads to does not fit into one entry of the log.';
    throw new Problem('too-large', said, {}, { cause });
  }
};

/**
 * The change that a command makes of the state, at the sender's `now`. Throws what the plan throws,
 * `stale-version` when the main entry is not at version `on`, and `too-large`.
 */
export const planChange = async (
  prepared: Prepared,
  on: number,
  state: State,
  by: Sender,
  { n, command, random }: ChangeParts,
): Promise<Change> => {
  const current = state(prepared.main(by))?.version ?? 0;
  if (current !== on) {
    const said = 'The entry has changed; read it and decide again.';
    throw new Problem('stale-version', said, { current });
  }
  const planned = await prepared.plan(state, by);
  checkPlan(prepared, planned, state, by);
  const id: InquiryId = by.command;
  const entries = planned.map((entry) => ({ ...entry, n }));
  const whole = { n, t: by.now, id, leaf: newId(by.now, random), command, entries };
  // What is checked is what is stored: JSON, without members that are undefined.
  const change = Change.parse(JSON.parse(JSON.stringify(whole)));
  checkSize(change);
  return change;
};
