import * as z from 'zod';
import { roleOf } from '../../kernel/participant-id.ts';
import { ParticipantId } from '../../message/claims.ts';
import { admitJwk } from '../admit-key.ts';
import { keyName, participantName } from '../entry.ts';
import { NewTitle } from '../participant.ts';
import { NewLabel } from '../registered-key.ts';
import { command, nextOf } from './command.ts';
import { notForSender, refused } from './refusals.ts';
import { tenYears } from './times.ts';

const RegistrarId = ParticipantId.refine((id) => roleOf(id) === 'registrar');

const atJwk = '/cmd/with/jwk';

/**
 * The first registrar, by the key that it signs this with. Whether this is the first change, and the
 * key the one that the installation was configured with, is for the caller to check.
 */
const begin = command({
  with: z.strictObject({ id: RegistrarId, title: NewTitle, jwk: z.json(), label: NewLabel }),
  senders: ['registrar'],
  main: ({ id }) => participantName(id),
  reads: ({ jwk }) => [keyName(admitJwk(jwk, atJwk).kid)],
  plan: ({ id, title, jwk: sent, label }, state, by) => {
    const { kid, jwk } = admitJwk(sent, atJwk);
    if (by.kid !== kid || by.id !== id) {
      throw notForSender('The registry is begun by the registrar and the key that it begins with.');
    }
    const standing = state(participantName(id)) ?? state(keyName(kid));
    if (standing !== undefined) throw refused('The registry has begun already.');
    const version = nextOf(standing);
    return [
      { kind: 'participant', id, title, status: 'active', keys: 1, version },
      {
        kind: 'key',
        kid,
        jwk,
        owner: id,
        label,
        status: 'active',
        notBefore: by.now,
        notAfter: by.now + tenYears,
        role: 'officer',
        version,
      },
    ];
  },
});

export const beginCommands = { 'registry.begin': begin } as const;
