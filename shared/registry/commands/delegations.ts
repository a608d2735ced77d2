import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { mayBeDelegate, ParticipantId } from '../../message/claims.ts';
import { type Delegation, ServiceName } from '../delegation.ts';
import { delegationName, participantName } from '../entry.ts';
import { Reason } from '../reason.ts';
import { command, nextOf, type Sender, type State } from './command.ts';
import { participantAt } from './participants.ts';
import { checkPeriod } from './periods.ts';
import { refused } from './refusals.ts';

/** Who may ask for a counter: its guild, or the house whose software it uses. */
const DelegateId = ParticipantId.refine(mayBeDelegate);

const delegationAt = (state: State, by: Sender, to: string): Delegation | undefined => {
  const standing = state(delegationName(by.id, to));
  return standing?.kind === 'delegation' ? standing : undefined;
};

const give = command({
  with: z.strictObject({
    to: DelegateId,
    services: z
      .array(ServiceName)
      .max(64)
      .refine((names) => new Set(names).size === names.length),
    from: Instant,
    until: Instant,
  }),
  senders: ['counter'],
  main: ({ to }, by) => delegationName(by.id, to),
  reads: ({ to }) => [participantName(to)],
  plan: ({ to, ...given }, state, by) => {
    checkPeriod(given, by.now);
    const standing = delegationAt(state, by, to);
    if (standing?.status === 'active' && by.now < standing.until) {
      throw refused('A delegation stands; it is revoked before another is given.');
    }
    if (participantAt(state, to).status !== 'active') {
      throw refused('The delegate must be an active participant.');
    }
    const version = nextOf(standing);
    return [
      { kind: 'delegation', counter: by.id, delegate: to, status: 'active', ...given, version },
    ];
  },
});

const revoke = command({
  with: z.strictObject({ to: DelegateId, reason: Reason }),
  senders: ['counter'],
  main: ({ to }, by) => delegationName(by.id, to),
  plan: ({ to, reason }, state, by) => {
    const standing = delegationAt(state, by, to);
    if (standing === undefined) throw refused('There is no such delegation.');
    if (standing.status === 'revoked') throw refused('The delegation is revoked already.');
    return [{ ...standing, status: 'revoked', reason, version: nextOf(standing) }];
  },
});

export const delegationCommands = {
  'delegation.give': give,
  'delegation.revoke': revoke,
} as const;
