import type { ParticipantId } from '../message/claims.ts';
import type { Access, Grant, Target } from './access.ts';
import { isMeant } from './find-grant.ts';
import type { Quota } from './quota.ts';
import type { Service } from './service.ts';

/** What a quota is of: `-group` where an agency limits a group of its services together. */
export const meterKinds = [
  'service-counter',
  'service-all',
  'grant',
  'limit-own',
  'limit-own-group',
  'limit-everyone',
  'limit-everyone-group',
] as const;
type MeterKind = (typeof meterKinds)[number];

/** How long a quota lasts: a second, or a calendar day in Tehran. */
export const meterPeriods = ['second', 'day'] as const;
type MeterPeriod = (typeof meterPeriods)[number];

/** Stable names: they stand in the fields of answers and in problems. */
export type MeterName = `${MeterKind}-${MeterPeriod}`;

/** What an allowed inquiry is counted on: at most so many in each of its windows. */
export type Meter = {
  readonly name: MeterName;
  /** What is counted together; organisations and services only. */
  readonly key: string;
  readonly per: MeterPeriod;
  readonly most: number;
};

const metersFor = (kind: MeterKind, of: string, quota: Quota | undefined): readonly Meter[] => {
  if (quota === undefined) return [];
  const most = { second: quota.perSecond, day: quota.perDay };
  return meterPeriods.flatMap((per): readonly Meter[] => {
    const limit = most[per];
    const name = `${kind}-${per}` as const;
    return limit === undefined ? [] : [{ name, key: `${kind} ${of}`, per, most: limit }];
  });
};

/** Of all counters together. */
export const metersOfAll = ({ ref, quota }: Pick<Service, 'ref' | 'quota'>): readonly Meter[] =>
  metersFor('service-all', ref, quota?.all);

type Asked = {
  /** The counter that is asked for. */
  readonly counter: ParticipantId;
  /** The grant that it is allowed by, where it needs one. */
  readonly grant?: Grant | undefined;
  /** What the agency decided about this counter, and about everybody. */
  readonly own?: Access | undefined;
  readonly everyone?: Access | undefined;
};

const limitKind = (kind: 'limit-own' | 'limit-everyone', target: Target): MeterKind =>
  target.startsWith('group:') ? `${kind}-group` : kind;

const metersOfLimits = (
  service: Service,
  counter: string,
  kind: 'limit-own' | 'limit-everyone',
  access: Access | undefined,
): readonly Meter[] =>
  (access?.limits ?? [])
    .filter(({ target, quota }) => quota !== undefined && isMeant(target, service))
    .flatMap(({ target, quota }) => {
      const of = `${service.agency} ${target} ${counter}`;
      return metersFor(limitKind(kind, target), of, quota);
    });

/**
 * Every quota that an allowed inquiry is counted on. The quota of a grant replaces the one that the
 * service has for each counter; limits, of this counter or of each one, only narrow.
 */
export const metersOf = (
  service: Service,
  { counter, grant, own, everyone }: Asked,
): readonly Meter[] => [
  ...(grant?.quota === undefined
    ? metersFor('service-counter', `${service.ref} ${counter}`, service.quota?.counter)
    : metersFor('grant', grant.id, grant.quota)),
  ...metersOfAll(service),
  ...metersOfLimits(service, counter, 'limit-own', own),
  ...metersOfLimits(service, counter, 'limit-everyone', everyone),
];
