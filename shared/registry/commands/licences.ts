import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { ParticipantId } from '../../message/claims.ts';
import { participantName } from '../entry.ts';
import { isLicenceOver, type Licence } from '../licence.ts';
import type { Participant } from '../participant.ts';
import { Reason } from '../reason.ts';
import { type Command, command, nextOf, type State } from './command.ts';
import { checkBefore, checkEnd, checkTerms, Terms } from './licence-terms.ts';
import { presentAt } from './participants.ts';
import { refused } from './refusals.ts';

const CounterId = ParticipantId.refine((id) => roleOf(id) === 'counter');

/** Without its reason where that was about the licence alone. */
const withoutReason = ({ reason, ...rest }: Participant): Participant =>
  rest.status === 'active' || reason === undefined ? rest : { ...rest, reason };

const issue = command({
  with: z.strictObject({ id: CounterId, licence: Terms }),
  senders: ['registrar'],
  main: ({ id }) => participantName(id),
  plan: ({ id, licence }, state, { now }) => {
    checkTerms(licence, now);
    const standing = presentAt(state, id);
    if (standing.licence !== undefined) checkBefore(standing.licence, licence, now);
    return [
      {
        ...withoutReason(standing),
        licence: { ...licence, status: 'valid' },
        version: nextOf(standing),
      },
    ];
  },
});

/** The licence that stands, of a counter that has not left: revoked is final. */
const licensedAt = (
  state: State,
  id: string,
): { readonly standing: Participant; readonly licence: Licence } => {
  const standing = presentAt(state, id);
  const { licence } = standing;
  if (licence === undefined) throw refused('The counter has no licence.');
  if (licence.status === 'revoked') throw refused('The licence is revoked, and that is final.');
  return { standing, licence };
};

const renew = command({
  with: z.strictObject({ id: CounterId, validUntil: Instant }),
  senders: ['registrar'],
  main: ({ id }) => participantName(id),
  plan: ({ id, validUntil }, state, { now }) => {
    checkEnd('/validUntil', validUntil, now);
    const { standing, licence } = licensedAt(state, id);
    if (validUntil <= licence.validUntil) {
      throw refused('A licence is renewed to a later validUntil than it has.');
    }
    return [{ ...standing, licence: { ...licence, validUntil }, version: nextOf(standing) }];
  },
});

type Status = Licence['status'];

const statusCommand = (to: Status, from: readonly Status[]): Command =>
  command({
    with: z.strictObject({ id: CounterId, reason: Reason }),
    senders: ['registrar'],
    main: ({ id }) => participantName(id),
    plan: ({ id, reason }, state, { now }) => {
      const { standing, licence } = licensedAt(state, id);
      if (!from.includes(licence.status)) {
        throw refused(`The licence must be ${from.join(' or ')} for this.`);
      }
      if (to === 'valid' && isLicenceOver(licence, now)) {
        throw refused('The licence is over; it must be renewed first.');
      }
      return [
        { ...standing, licence: { ...licence, status: to }, reason, version: nextOf(standing) },
      ];
    },
  });

export const licenceCommands = {
  'licence.issue': issue,
  'licence.renew': renew,
  'licence.suspend': statusCommand('suspended', ['valid']),
  'licence.reinstate': statusCommand('valid', ['suspended']),
  'licence.revoke': statusCommand('revoked', ['valid', 'suspended']),
} as const;
