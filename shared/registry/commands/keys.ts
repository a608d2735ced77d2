import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { Digest } from '../../message/claims.ts';
import { kinds } from '../../message/kind.ts';
import { admitJwk, admitKey } from '../admit-key.ts';
import { keyName, participantName } from '../entry.ts';
import type { Participant } from '../participant.ts';
import { Reason } from '../reason.ts';
import { KeyRole, NewLabel } from '../registered-key.ts';
import { command, nextOf, type Sender, type State } from './command.ts';
import { checkKeyProof } from './key-proof.ts';
import { checkFrom, checkKeyRole, checkSpan } from './key-terms.ts';
import { participantAt, RegistrableId } from './participants.ts';
import { notForSender, refused } from './refusals.ts';

/** The most active keys that one participant has, those that ran out included. */
const mostKeys = 64;

/** Where the key stands in the content of a command. */
const atJwk = '/cmd/with/jwk';

/** By an officer key: a registrar decides about every key, everybody else about its own. */
const checkSender = (owner: string, by: Sender): void => {
  if (by.keyRole !== 'officer') throw notForSender('Keys are managed with an officer key.');
  if (by.role !== 'registrar' && by.id !== owner) {
    throw notForSender('The key belongs to somebody else.');
  }
};

const ownerAt = (state: State, id: string): Participant => {
  const owner = participantAt(state, id);
  if (owner.status !== 'active') throw refused('The owner must be an active participant.');
  if ((owner.keys ?? 0) >= mostKeys) {
    throw refused(`The owner has ${mostKeys} active keys; one must be revoked first.`);
  }
  return owner;
};

const add = command({
  with: z.strictObject({
    owner: RegistrableId,
    jwk: z.json(),
    label: NewLabel,
    role: KeyRole,
    notBefore: Instant,
    notAfter: Instant,
    proof: z.string().min(1).max(kinds.keyProof.maxSize),
  }),
  senders: ['registrar', 'counter', 'agency'],
  main: ({ jwk }) => keyName(admitJwk(jwk, atJwk).kid),
  reads: ({ owner }) => [participantName(owner)],
  plan: async ({ owner: id, jwk: sent, label, role, notBefore, notAfter, proof }, state, by) => {
    checkSender(id, by);
    const key = await admitKey(sent, atJwk);
    checkKeyRole(id, role);
    checkSpan({ notBefore, notAfter }, by.now);
    await checkKeyProof(proof, { ...key, owner: id, role }, by);
    const { kid, jwk } = key;
    const standing = state(keyName(kid));
    if (standing !== undefined) {
      throw refused('This key is registered: once and for all, even when it is revoked.');
    }
    const owner = ownerAt(state, id);
    return [
      {
        kind: 'key',
        kid,
        jwk,
        owner: id,
        label,
        status: 'active',
        notBefore,
        notAfter,
        role,
        version: nextOf(standing),
      },
      { ...owner, keys: (owner.keys ?? 0) + 1, version: nextOf(owner) },
    ];
  },
});

/** With one key less; a participant that is missing stops no revocation. */
const ownerLess = (state: State, id: string): readonly Participant[] => {
  const owner = state(participantName(id));
  if (owner?.kind !== 'participant') return [];
  return [{ ...owner, keys: Math.max(0, (owner.keys ?? 0) - 1), version: nextOf(owner) }];
};

const revoke = command({
  with: z.strictObject({ kid: Digest, reason: Reason, from: Instant.optional() }),
  senders: ['registrar', 'counter', 'agency'],
  main: ({ kid }) => keyName(kid),
  follows: (key) => (key.kind === 'key' ? [participantName(key.owner)] : []),
  plan: ({ kid, reason, from }, state, by) => {
    const key = state(keyName(kid));
    if (key?.kind !== 'key') throw refused('There is no such key.');
    checkSender(key.owner, by);
    if (key.status === 'revoked') throw refused('The key is revoked, and that is final.');
    if (by.role === 'registrar' && by.kid === kid) {
      throw refused('A registrar cannot revoke the key that it signs this with.');
    }
    checkFrom(from ?? by.now, key, by.now);
    const revoked = { reason, from: from ?? by.now };
    return [
      { ...key, status: 'revoked', revoked, version: nextOf(key) },
      ...ownerLess(state, key.owner),
    ];
  },
});

export const keyCommands = { 'key.add': add, 'key.revoke': revoke } as const;
