import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { Grant, Limit } from '../../registry/access.ts';
import type { Rule } from '../../registry/decide.ts';
import type { EntryName, RegistryEntry } from '../../registry/entry.ts';
import { admits, isMeant } from '../../registry/find-grant.ts';
import type { Recorded, Replay } from '../../registry/replay.ts';
import { type Asking, agencyAt, namesFor } from '../../registry/replay-snapshot.ts';
import type { ReplayedDecision } from './replay-decision.ts';

/** One thing that the registry held when it was decided, and the change that made it so. */
export type Source = {
  readonly kind: SourceKind;
  /** What it is about, for example the id of a participant or of a grant. */
  readonly about: string;
  readonly says: string;
  /** Whether the decision rests on it. */
  readonly led: boolean;
  /** When the change was made, ISO 8601, UTC. */
  readonly at: string;
  /** The number of the change and its command; none for what no command did. */
  readonly change?: number;
  readonly command?: string;
  readonly do?: string;
  readonly by?: string;
};

type SourceKind =
  | 'counter'
  | 'licence'
  | 'delegate'
  | 'delegation'
  | 'service'
  | 'agency'
  | 'limit'
  | 'narrowing'
  | 'grant';

/** What each rule looks at. */
const looksAt: Readonly<Record<Rule, readonly SourceKind[]>> = {
  'open-service': ['licence', 'service'],
  granted: ['narrowing', 'grant'],
  'counter-named': [],
  'delegate-active': ['delegate'],
  'delegation-missing': [],
  'delegation-revoked': ['delegation'],
  'delegation-expired': ['delegation'],
  'delegation-not-yet-valid': ['delegation'],
  'delegation-scope': ['delegation'],
  'participant-active': ['counter'],
  'licence-valid': ['licence'],
  'service-exists': ['service'],
  'agency-active': ['agency'],
  'stopped-by-agency': ['limit'],
  'basis-confidential': ['service'],
  'grant-suspended': ['narrowing', 'grant'],
  'grant-expired': ['narrowing', 'grant'],
  'grant-not-yet-valid': ['narrowing', 'grant'],
  'grant-requested': ['narrowing', 'grant'],
  'grant-revoked': ['narrowing', 'grant'],
  'grant-missing': ['narrowing'],
  'purpose-allowed': ['service'],
  'purpose-granted': ['narrowing', 'grant'],
  'purpose-limited': ['limit'],
  'basis-accepted': ['service'],
  'subject-type': ['service'],
  'input-valid': ['service'],
};

/** A thing to look for: where it stands, which part of the entry it is, and what it says. */
type Sought = {
  readonly kind: SourceKind;
  readonly about: string;
  readonly says: string;
  readonly name: EntryName;
  readonly part: (entry: RegistryEntry) => unknown;
  readonly counts?: boolean;
};

const withoutStamp = ({ version: _, n: __, ...rest }: RegistryEntry): object => rest;

const statusOf = (entry: RegistryEntry): unknown =>
  entry.kind === 'participant' ? entry.status : undefined;

const boundsOf = ({ purposes, level, fields, quota }: Grant | Limit): readonly string[] => [
  ...(purposes === undefined ? [] : [`for ${purposes.join(' ')}`]),
  ...(level === undefined ? [] : [`at most ${level}`]),
  ...(fields === undefined ? [] : [`fields ${fields.join(' ')}`]),
  ...(quota?.perSecond === undefined ? [] : [`${quota.perSecond} a second`]),
  ...(quota?.perDay === undefined ? [] : [`${quota.perDay} a day`]),
];

const soughtIn = (
  { snapshot, ruling }: ReplayedDecision,
  names: ReturnType<typeof namesFor>,
  purpose: string,
): readonly Sought[] => {
  const { participant, delegate, delegation, service, agency, own, everyone } = snapshot;
  const { rule } = ruling;
  const granted = ruling.effect === 'allow' ? ruling.terms.grant : undefined;
  const ofParticipant = (
    kind: SourceKind,
    entry: typeof participant,
    name: EntryName | undefined,
  ): readonly Sought[] =>
    entry === undefined || name === undefined
      ? []
      : [{ kind, about: entry.id, says: entry.status, name, part: statusOf }];
  const access = [
    { entry: own, name: names.own },
    { entry: everyone, name: names.everyone },
  ];
  const meant = ({ target }: { readonly target: string }): boolean =>
    service !== undefined && isMeant(target, service);
  const licence = participant?.licence;
  return [
    ...ofParticipant('counter', participant, names.participant),
    ...(licence === undefined
      ? []
      : [
          {
            kind: 'licence',
            about: licence.number,
            says: `${licence.status}, from ${toRfc3339(licence.validFrom)} to ${toRfc3339(licence.validUntil)}`,
            name: names.participant,
            part: (entry: RegistryEntry) => entry.kind === 'participant' && entry.licence,
          } as const,
        ]),
    ...ofParticipant('delegate', delegate, names.delegate),
    ...(delegation === undefined || names.delegation === undefined
      ? []
      : [
          {
            kind: 'delegation',
            about: `${delegation.counter} to ${delegation.delegate}`,
            says: `${delegation.status}, from ${toRfc3339(delegation.from)} to ${toRfc3339(delegation.until)}`,
            name: names.delegation,
            part: withoutStamp,
          } as const,
        ]),
    ...(service === undefined
      ? []
      : [
          {
            kind: 'service',
            about: service.ref,
            says: `${service.status}, at most ${service.level}`,
            name: names.service,
            part: withoutStamp,
          } as const,
        ]),
    ...ofParticipant('agency', agency, names.agency),
    ...access.flatMap(({ entry, name }) =>
      (entry?.limits ?? []).filter(meant).map(
        (limit): Sought => ({
          kind: 'limit',
          about: `${limit.target} of ${entry?.holder === '*' ? 'everybody' : entry?.holder}`,
          says: [...(limit.stopped ? ['stopped'] : []), ...boundsOf(limit)].join(', '),
          name,
          part: (one) =>
            one.kind === 'access' && one.limits.find(({ target }) => target === limit.target),
          counts: rule === 'stopped-by-agency' ? limit.stopped : !admits(limit, purpose),
        }),
      ),
    ),
    ...(everyone?.narrowed ?? []).filter(meant).map(
      ({ target, from }): Sought => ({
        kind: 'narrowing',
        about: target,
        says: `since ${toRfc3339(from)}`,
        name: names.everyone,
        part: (one) => one.kind === 'access' && one.narrowed.find((it) => it.target === target),
      }),
    ),
    ...(own?.grants ?? []).filter(meant).map(
      (grant): Sought => ({
        kind: 'grant',
        about: grant.id,
        says: [
          grant.status,
          `from ${toRfc3339(grant.from)} to ${toRfc3339(grant.until)}`,
          ...boundsOf(grant),
        ].join(', '),
        name: names.own,
        part: (one) => one.kind === 'access' && one.grants.find(({ id }) => id === grant.id),
        counts: granted === undefined || granted === grant.id,
      }),
    ),
  ];
};

const madeBy = ({ n, t, command }: Recorded) => ({
  at: toRfc3339(t),
  ...(n !== undefined && { change: n }),
  ...(command !== undefined && { command: command.id, do: command.do, by: command.iss }),
});

/**
 * What the registry held that a decision looks at, each with the change that made it what it was then:
 * not the last change of its entry, if that was about something else.
 */
export const sourcesOf = (
  replay: Replay,
  decision: ReplayedDecision,
  asking: Asking & { readonly inq: { readonly purpose: string } },
): readonly Source[] => {
  const { point, ruling } = decision;
  const agency = agencyAt(replay.stateAfter(point), asking.inq.service);
  const led = looksAt[ruling.rule];
  return soughtIn(decision, namesFor(asking, agency), asking.inq.purpose).flatMap(
    ({ kind, about, says, name, part, counts = true }) => {
      const made = replay.since(name, point, part);
      if (made === undefined) return [];
      return [{ kind, about, says, led: led.includes(kind) && counts, ...madeBy(made) }];
    },
  );
};
