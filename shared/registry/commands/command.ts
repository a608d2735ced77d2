import type * as z from 'zod';
import type { InquiryId } from '../../kernel/id.ts';
import type { Role } from '../../kernel/participant-id.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { ParticipantId } from '../../message/claims.ts';
import { parseClaims } from '../../message/parse-claims.ts';
import type { EntryName, RegistryEntry } from '../entry.ts';
import type { KeyRole } from '../registered-key.ts';

/** Who sent a command, and when it is looked at. */
export type Sender = {
  readonly id: ParticipantId;
  readonly role: Role;
  /** What the key may sign that signed it. */
  readonly keyRole: KeyRole;
  readonly kid: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** The id of the command. */
  readonly command: InquiryId;
  /** The `aud` that commands carry, and the proofs of possession in them. */
  readonly audience: string;
};

/** What stands in the registry under a name; only what the command said that it reads. */
export type State = (name: EntryName) => RegistryEntry | undefined;

/** One kind of command: what it takes, who may send it, and what it leads to. */
export type CommandKind<With> = {
  /** Strict. */
  readonly with: z.ZodType<With>;
  readonly senders: readonly Role[];
  /** The entry that the command is about: its version must be the one that the sender saw. */
  readonly main: (what: With, by: Sender) => EntryName;
  /** Others that it looks at or changes. */
  readonly reads?: (what: With, by: Sender) => readonly EntryName[];
  /** Others that only the main entry, as it stands, can name: read after it. */
  readonly follows?: (main: RegistryEntry) => readonly EntryName[];
  /**
   * The entries that change, whole, each one version up; the main entry is among them. Pure. Throws
   * the problems `command-refused` (the state does not allow it), `wrong-role` (not this sender) and
   * `invalid-claims` (the content is wrong).
   */
  readonly plan: (
    what: With,
    state: State,
    by: Sender,
  ) => readonly RegistryEntry[] | Promise<readonly RegistryEntry[]>;
};

/** A command whose content is right, by whoever sends it. */
export type Prepared = {
  readonly main: (by: Sender) => EntryName;
  /** Every entry it looks at or changes, the main one first. */
  readonly names: (by: Sender) => readonly EntryName[];
  /** What is to be read over and above, once the main entry is known; none for most kinds. */
  readonly follows: (main: RegistryEntry | undefined) => readonly EntryName[];
  readonly plan: (state: State, by: Sender) => Promise<readonly RegistryEntry[]>;
};

/** One kind of command, whatever it takes. */
export type Command = {
  readonly senders: readonly Role[];
  /** Throws the problem `invalid-claims`, its pointers below `/cmd/with`. */
  readonly prepare: (content: JsonObject) => Prepared;
};

export const command = <With>(kind: CommandKind<With>): Command => ({
  senders: kind.senders,
  prepare: (content) => {
    const what = parseClaims(kind.with, content, '/cmd/with');
    const main = (by: Sender): EntryName => kind.main(what, by);
    return {
      main,
      names: (by) => [main(by), ...(kind.reads?.(what, by) ?? [])],
      follows: (standing) => (standing === undefined ? [] : (kind.follows?.(standing) ?? [])),
      plan: async (state, by) => kind.plan(what, state, by),
    };
  },
});

/** The version after the one that stands. */
export const nextOf = (standing: { readonly version: number } | undefined): number =>
  (standing?.version ?? 0) + 1;
