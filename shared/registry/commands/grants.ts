import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { InquiryId } from '../../kernel/id.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { Code, ParticipantId } from '../../message/claims.ts';
import { type Grant, mostOfEach, Target, terms } from '../access.ts';
import { accessName, participantName } from '../entry.ts';
import { Reason } from '../reason.ts';
import { accessAt, accessFilled, accessWith, CounterId, checkRoom } from './access-entry.ts';
import { type Command, command, type State } from './command.ts';
import { participantAt, presentAt } from './participants.ts';
import { checkPeriod, overlap, periodFault, year } from './periods.ts';
import { invalid, refused } from './refusals.ts';

const isLive = ({ status }: Grant): boolean => status !== 'revoked';

/** No two grants for one target may hold, or be asked for, at one time. */
const checkAlone = (grant: Grant, others: readonly Grant[]): void => {
  const beside = others.filter((other) => isLive(other) && other.target === grant.target);
  if (beside.some((other) => overlap(other, grant))) {
    throw refused('There are overlapping grants for this target; the other is decided first.');
  }
};

/** Where nothing else has room, what was revoked and has been over for a year gives way. */
const withRoom = (grants: readonly Grant[], now: number): readonly Grant[] => {
  if (grants.length < mostOfEach) return grants;
  const left = grants.filter((grant) => isLive(grant) || now < grant.until + year);
  checkRoom(left);
  return left;
};

const added = (grants: readonly Grant[], grant: Grant, now: number): Grant[] => {
  checkAlone(grant, grants);
  return [...withRoom(grants, now), grant];
};

const request = command({
  with: z.strictObject({
    agency: ParticipantId.refine((id) => roleOf(id) === 'agency'),
    target: Target,
    purposes: z.array(Code).min(1).max(64),
    from: Instant,
    until: Instant,
    justification: Reason,
  }),
  senders: ['counter'],
  main: ({ agency }, by) => accessName(agency, by.id),
  reads: ({ agency }, by) => [participantName(agency), participantName(by.id)],
  plan: ({ agency, ...asked }, state, by) => {
    checkPeriod(asked, by.now);
    presentAt(state, by.id);
    if (participantAt(state, agency).status !== 'active') {
      throw refused('The agency must be an active participant.');
    }
    const standing = accessAt(state, agency, by.id);
    const grant: Grant = { id: by.command, status: 'requested', ...asked };
    return [accessFilled(standing, { grants: added(standing.grants, grant, by.now) })];
  },
});

const give = command({
  with: z.strictObject({
    holder: CounterId,
    target: Target,
    ...terms,
    from: Instant,
    until: Instant,
    justification: Reason.optional(),
  }),
  senders: ['agency'],
  main: ({ holder }, by) => accessName(by.id, holder),
  reads: ({ holder }) => [participantName(holder)],
  plan: ({ holder, ...given }, state, by) => {
    checkPeriod(given, by.now);
    presentAt(state, holder);
    const standing = accessAt(state, by.id, holder);
    const grant: Grant = { id: by.command, status: 'active', ...given };
    return [accessFilled(standing, { grants: added(standing.grants, grant, by.now) })];
  },
});

const grantAt = (state: State, agency: string, holder: string, id: string) => {
  const standing = accessAt(state, agency, holder);
  const grant = standing.grants.find((one) => one.id === id);
  if (grant === undefined) throw refused('There is no such grant.');
  const changed = (to: Grant): { readonly grants: Grant[] } => ({
    grants: standing.grants.map((one) => (one.id === id ? to : one)),
  });
  return { standing, grant, changed };
};

const checkStatus = ({ status }: Grant, from: readonly Grant['status'][]): void => {
  if (status === 'revoked') throw refused('The grant is revoked, and that is final.');
  if (!from.includes(status)) throw refused(`The grant must be ${from.join(' or ')} for this.`);
};

const approve = command({
  with: z.strictObject({
    holder: CounterId,
    grant: InquiryId,
    ...terms,
    from: Instant.optional(),
    until: Instant.optional(),
  }),
  senders: ['agency'],
  main: ({ holder }, by) => accessName(by.id, holder),
  plan: ({ holder, grant: id, ...decided }, state, by) => {
    const { standing, grant: asked, changed } = grantAt(state, by.id, holder, id);
    checkStatus(asked, ['requested']);
    const wider = (purpose: string): boolean => asked.purposes?.includes(purpose) === false;
    if ((decided.purposes ?? []).some(wider)) {
      throw invalid('/purposes', 'must name purposes that were asked for only');
    }
    const { from = asked.from, until = asked.until, ...narrower } = decided;
    const grant: Grant = { ...asked, ...narrower, from, until, status: 'active' };
    const fault = periodFault(grant, by.now);
    if (fault !== undefined) throw invalid('/until', fault);
    checkAlone(
      grant,
      standing.grants.filter((other) => other.id !== id),
    );
    return [accessFilled(standing, changed(grant))];
  },
});

const Decision = z.strictObject({ holder: CounterId, grant: InquiryId, reason: Reason });

const statusCommand = (to: 'suspended' | 'active', from: Grant['status']): Command =>
  command({
    with: Decision,
    senders: ['agency'],
    main: ({ holder }, by) => accessName(by.id, holder),
    plan: ({ holder, grant: id, reason }, state, by) => {
      const { standing, grant, changed } = grantAt(state, by.id, holder, id);
      checkStatus(grant, [from]);
      return [accessWith(standing, changed({ ...grant, status: to, reason }))];
    },
  });

/** Ends a grant for good; one that holds at the time has its `until` there. */
const revoke = command({
  with: Decision,
  senders: ['agency'],
  main: ({ holder }, by) => accessName(by.id, holder),
  plan: ({ holder, grant: id, reason }, state, by) => {
    const { standing, grant, changed } = grantAt(state, by.id, holder, id);
    checkStatus(grant, ['requested', 'active', 'suspended']);
    const until = grant.from < by.now ? Math.min(grant.until, by.now) : grant.until;
    return [accessWith(standing, changed({ ...grant, status: 'revoked', until, reason }))];
  },
});

export const grantCommands = {
  'grant.request': request,
  'grant.give': give,
  'grant.approve': approve,
  'grant.suspend': statusCommand('suspended', 'active'),
  'grant.reinstate': statusCommand('active', 'suspended'),
  'grant.revoke': revoke,
} as const;
