import * as z from 'zod';
import { roleOf } from '../../kernel/participant-id.ts';
import { ParticipantId } from '../../message/claims.ts';
import { participantName } from '../entry.ts';
import { NewTitle, type Participant } from '../participant.ts';
import { Reason } from '../reason.ts';
import { type Command, command, nextOf, type Sender, type State } from './command.ts';
import { notForSender, refused } from './refusals.ts';

/** Who can be registered: everybody but the exchange itself. */
export const RegistrableId = ParticipantId.refine((id) => roleOf(id) !== 'exchange');

export const participantAt = (state: State, id: string): Participant => {
  const standing = state(participantName(id));
  if (standing?.kind !== 'participant') throw refused('There is no such participant.');
  return standing;
};

/** A participant of which something may still change: having left is final. */
export const presentAt = (state: State, id: string): Participant => {
  const standing = participantAt(state, id);
  if (standing.status === 'left') throw refused('The participant has left, and that is final.');
  return standing;
};

/**
 * One active registrar always remains: none decides about itself, and about another one only as long
 * as it is active.
 */
const checkRegistrarRemains = (id: string, state: State, by: Sender): void => {
  if (id === by.id) throw refused('A registrar cannot change its own status.');
  if (roleOf(id) === 'registrar' && participantAt(state, by.id).status !== 'active') {
    throw notForSender('Only an active registrar changes the status of another one.');
  }
};

type Status = Participant['status'];

const statusCommand = (to: Status, from: readonly Status[]): Command =>
  command({
    with: z.strictObject({ id: RegistrableId, reason: Reason }),
    senders: ['registrar'],
    main: ({ id }) => participantName(id),
    reads: ({ id }, by) =>
      roleOf(id) === 'registrar' && id !== by.id ? [participantName(by.id)] : [],
    plan: ({ id, reason }, state, by) => {
      checkRegistrarRemains(id, state, by);
      const standing = presentAt(state, id);
      if (!from.includes(standing.status)) {
        throw refused(`The participant must be ${from.join(' or ')} for this.`);
      }
      return [{ ...standing, status: to, reason, version: nextOf(standing) }];
    },
  });

const register = command({
  with: z.strictObject({ id: RegistrableId, title: NewTitle }),
  senders: ['registrar'],
  main: ({ id }) => participantName(id),
  plan: ({ id, title }, state) => {
    const standing = state(participantName(id));
    if (standing !== undefined) throw refused('This participant is registered already.');
    return [
      { kind: 'participant', id, title, status: 'active', keys: 0, version: nextOf(standing) },
    ];
  },
});

const rename = command({
  with: z.strictObject({ id: RegistrableId, title: NewTitle }),
  senders: ['registrar'],
  main: ({ id }) => participantName(id),
  plan: ({ id, title }, state) => {
    const standing = presentAt(state, id);
    return [{ ...standing, title, version: nextOf(standing) }];
  },
});

export const participantCommands = {
  'participant.register': register,
  'participant.rename': rename,
  'participant.suspend': statusCommand('suspended', ['active']),
  'participant.reinstate': statusCommand('active', ['suspended']),
  'participant.leave': statusCommand('left', ['active', 'suspended']),
} as const;
