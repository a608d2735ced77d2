import { type InquiryId, timeOf } from '../kernel/id.ts';
import { roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import type { CommandClaims, ParticipantId, PublicJwk } from '../message/claims.ts';
import {
  algorithmOf,
  importPublicKey,
  isActive,
  type KeyDirectory,
  thumbprint,
  type VerificationKey,
} from '../message/key.ts';
import type { Verified } from '../message/verify.ts';
import type { Command, Sender, State } from './commands/command.ts';
import { keyName, participantName } from './entry.ts';
import type { RegistryStore } from './ports.ts';
import { toVerificationKey } from './registered-key.ts';

/** The key that an installation is configured with, and whose it is: it begins an empty registry. */
export type RootKey = { readonly id: ParticipantId; readonly jwk: PublicJwk };

/** The one command that the root key signs, and that nobody else does. */
export const beginning = 'registry.begin';

/** The exact `aud` of a command. */
export const commandsUrl = (origin: string): string => `${origin}/v1/commands`;

/** How far the time inside a new command's id may lie from the exchange's clock, in milliseconds. */
export const commandFreshness = 300_000;

const verificationKeyOf = async ({ id, jwk }: RootKey): Promise<VerificationKey> => ({
  kid: await thumbprint(jwk),
  alg: algorithmOf(jwk),
  key: await importPublicKey(jwk),
  jwk,
  owner: id,
  role: 'officer',
  status: 'active',
  notBefore: 0,
  notAfter: Number.MAX_SAFE_INTEGER,
});

/**
 * The keys that may sign commands, straight from the store: a key that was revoked just now signs none.
 * The root key is known as long as it is not on record, where it can be revoked as any other.
 */
export const commandKeys =
  (store: Pick<RegistryStore, 'findKey'>, root: RootKey | undefined): KeyDirectory =>
  async (kid) => {
    const key = await store.findKey(kid);
    if (key !== undefined) return toVerificationKey(key);
    if (root === undefined || (await thumbprint(root.jwk)) !== kid) return undefined;
    return verificationKeyOf(root);
  };

/** Who sent a verified command, at a time; that its key is an officer's is checked against the state. */
export const senderOf = (
  { claims, key }: Verified<CommandClaims>,
  now: number,
  audience: string,
): Sender => {
  const role = roleOf(claims.iss);
  if (role === undefined) throw new TypeError('A verified message has an issuer without a role.');
  const { id: command } = claims.cmd;
  return { id: claims.iss, role, keyRole: 'officer', kid: key.kid, now, command, audience };
};

/** Whether the role of a sender is one of those of the command. */
export const checkRole = ({ senders }: Command, id: ParticipantId): void => {
  if (!senders.some((role) => role === roleOf(id))) {
    throw new Problem('wrong-role', `Only ${senders.join(', ')} may send this command.`);
  }
};

/**
 * Whether the key still stands as one that may sign commands. It does at the very version that the
 * command builds on, so that a replay of the changes finds the same. The root key need not stand.
 */
export const checkKey = (state: State, by: Sender, isRoot: boolean): void => {
  const key = state(keyName(by.kid));
  if (key === undefined && isRoot) return;
  if (key?.kind !== 'key') {
    throw new Problem('unknown-key', 'No key is registered under this kid.');
  }
  if (!isActive(key, by.now)) {
    throw new Problem('key-not-active', 'The key is revoked, expired or not yet valid.');
  }
  if ((key.role ?? 'officer') !== 'officer') {
    throw new Problem('wrong-role', 'A command is signed by the key of an officer.');
  }
};

/** Whether the sender takes part; the first one of all does not yet. */
export const checkParticipant = (state: State, by: Sender): void => {
  const participant = state(participantName(by.id));
  if (participant?.kind !== 'participant' || participant.status !== 'active') {
    throw new Problem('wrong-role', 'Only an active participant may send commands.');
  }
};

/** Whether a command that did not take effect yet was made just now. */
export const checkFresh = (id: InquiryId, now: number): void => {
  if (Math.abs(timeOf(id) - now) > commandFreshness) {
    throw new Problem('stale-inquiry', 'A new command must have an id made within 5 minutes.');
  }
};
