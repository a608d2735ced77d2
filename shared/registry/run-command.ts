import { canonicalJson } from '../kernel/canonical-json.ts';
import { Problem } from '../kernel/problem.ts';
import { parseStrictJson } from '../kernel/strict-json.ts';
import { CommandClaims } from '../message/claims.ts';
import { parseMessage } from '../message/framing.ts';
import { thumbprint } from '../message/key.ts';
import { kinds } from '../message/kind.ts';
import { parseClaims } from '../message/parse-claims.ts';
import { receiveCommand } from '../message/receive.ts';
import type { Verified } from '../message/verify.ts';
import type { Change } from './change.ts';
import {
  beginning,
  checkFresh,
  checkKey,
  checkParticipant,
  checkRole,
  commandKeys,
  commandsUrl,
  type RootKey,
  senderOf,
} from './command-sender.ts';
import type { Command, Prepared } from './commands/command.ts';
import { commands } from './commands/index.ts';
import { type EntryName, nameOf } from './entry.ts';
import { planChange } from './plan-change.ts';
import type { RegistryStore } from './ports.ts';
import { readState } from './read-state.ts';
import { type SettleParts, settleChange, settleRegistry } from './settle-registry.ts';

export type CommandParts = Omit<SettleParts, 'store'> & {
  readonly store: RegistryStore;
  /** The public URL of the exchange, without a path. */
  readonly origin: string;
  readonly root?: RootKey | undefined;
};

/** What a command came to. */
export type CommandResult = {
  /** The number of its change. */
  readonly n: number;
  /** When it took effect, in milliseconds since 1970. */
  readonly t: number;
  readonly entries: readonly (EntryName & { readonly version: number })[];
  /** Whether it had taken effect before it was sent this time. */
  readonly repeated: boolean;
};

/** How often a command is planned anew because another was decided first. */
export const rounds = 32;

const findCommand = (table: ReadonlyMap<string, Command>, name: string): Command => {
  const found = table.get(name);
  if (found !== undefined) return found;
  throw new Problem('invalid-claims', 'There is no such command.', {
    errors: [{ pointer: '/cmd/do', detail: 'must be one of the commands of the registry' }],
  });
};

const resultOf = ({ n, t, entries }: Change, repeated: boolean): CommandResult => ({
  n,
  t,
  entries: entries.map((entry) => ({ ...nameOf(entry), version: entry.version })),
  repeated,
});

/** The result of a command that took effect before, for its sender only and for the very same command. */
const repeat = (change: Change | undefined, { iss, cmd }: CommandClaims): CommandResult => {
  if (change === undefined) throw new Error('A command took effect by a change that is not there.');
  const { payload } = parseMessage(change.command, kinds.command);
  const first = parseClaims(CommandClaims, parseStrictJson(payload));
  if (first.iss !== iss || canonicalJson(first.cmd) !== canonicalJson(cmd)) {
    throw new Problem('reference-conflict', 'Another command stands under this id.');
  }
  return resultOf(change, true);
};

type Task = {
  readonly message: Verified<CommandClaims>;
  readonly prepared: Prepared;
  readonly isRoot: boolean;
};

/** One try, on the state of the newest change; undefined when another was decided first. */
const attempt = async (parts: CommandParts, task: Task): Promise<CommandResult | undefined> => {
  const { store, now, random, origin } = parts;
  const { message, prepared, isRoot } = task;
  const { cmd } = message.claims;
  const version = await settleRegistry(parts);
  const [made, before] = await Promise.all([store.changeOf(cmd.id), store.change(version)]);
  const by = senderOf(message, Math.max(now(), before?.t ?? 0), commandsUrl(origin));
  const state = await readState(store, prepared, by, version);
  if (state === undefined) return undefined;
  checkKey(state, by, isRoot);
  if (made !== undefined) return repeat(await store.change(made), message.claims);
  checkFresh(cmd.id, now());
  if (cmd.do !== beginning) checkParticipant(state, by);
  else if (version !== 0) throw new Problem('command-refused', 'The registry has begun already.');
  const change = await planChange(prepared, cmd.on, state, by, {
    n: version + 1,
    command: message.jws,
    random,
  });
  if ((await store.propose(change)) === 'taken') return undefined;
  await settleChange(parts, change);
  return resultOf(change, false);
};

/** Whether the root key signed a beginning; a beginning by anybody else is refused. */
const checkBeginning = async (
  { claims, key }: Verified<CommandClaims>,
  root: RootKey | undefined,
): Promise<boolean> => {
  if (claims.cmd.do !== beginning) return false;
  if (root !== undefined && (await thumbprint(root.jwk)) === key.kid) return true;
  throw new Problem('wrong-role', 'Only the root key of the installation begins its registry.');
};

/**
 * One command from its bytes to its effect (protocol.md §1): verified, then planned on the state of the
 * newest change, decided by one conditional write, put on record in the journal, and only then in
 * effect. Whatever is broken off behind the decision is finished by whoever comes next. The same
 * command, signed anew or not, takes effect once; its sender is told what it came to.
 *
 * Checks in their order: the message as such; that there is such a command; the sender's role; its
 * content; its key, as it stands; that no other command has its id; that a new id was made within 5
 * minutes (`stale-inquiry`); that the sender takes part; the version of the entry (`stale-version`);
 * the command's own rules; the size. Rejects with `store-unavailable`: the command may take effect or
 * not, and sent again it is told.
 */
export const runCommand =
  (parts: CommandParts, table: ReadonlyMap<string, Command> = commands) =>
  async (text: string): Promise<CommandResult> => {
    const { store, root, origin, now } = parts;
    const receiver = { audience: commandsUrl(origin), keyOf: commandKeys(store, root), now };
    const message = await receiveCommand(text, receiver);
    const { iss, cmd } = message.claims;
    const command = findCommand(table, cmd.do);
    checkRole(command, iss);
    const isRoot = await checkBeginning(message, root);
    const prepared = command.prepare(cmd.with);
    for (let round = 0; round < rounds; round += 1) {
      const result = await attempt(parts, { message, prepared, isRoot });
      if (result !== undefined) return result;
    }
    const said = 'Too many others change the registry at this moment; send the command again.';
    throw new Problem('store-unavailable', said, { retryAfter: 1 });
  };
