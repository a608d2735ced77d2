import { describe, expect, it } from 'vitest';
import { decide, type Snapshot } from '#shared/registry/decide.ts';
import { type Meter, metersOf, metersOfAll } from '#shared/registry/meters.ts';
import { accessOf, grantOf, limitOf, narrowed } from '#tests/support/access.ts';
import { testNow } from '#tests/support/messages.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';
import { honest, openSnapshot } from './decision.ts';

const counter = 'counter:72110345';
const ref = 'civil-registry/identity@1';

const quotaed = serviceWith({ quota: { counter: { perDay: 100 }, all: { perSecond: 50 } } });

const ofService: readonly Meter[] = [
  {
    name: 'service-counter-day',
    key: `service-counter ${ref} ${counter}`,
    per: 'day',
    most: 100,
  },
  { name: 'service-all-second', key: `service-all ${ref}`, per: 'second', most: 50 },
];

const quotasOf = (known: Partial<Snapshot>): readonly Meter[] | undefined => {
  const ruling = decide({ ...openSnapshot, ...known }, honest, testNow);
  return ruling.effect === 'allow' ? ruling.terms.quotas : undefined;
};

const named = (known: Partial<Snapshot>): readonly string[] =>
  (quotasOf(known) ?? []).map(({ name, most }) => `${name} ${most}`);

describe('what an allowed inquiry is counted on', () => {
  it('is nothing where nobody set a quota', () => {
    expect(quotasOf({})).toEqual([]);
    expect(quotasOf({ own: accessOf({ limits: [limitOf({ level: 'match' })] }) })).toEqual([]);
  });

  it('is the quota of the service for each counter, and that for all of them', () => {
    expect(quotasOf({ service: quotaed })).toEqual(ofService);
    expect(metersOfAll(quotaed)).toEqual(ofService.slice(1));
  });

  it('is a second and a day of each', () => {
    const service = serviceWith({ quota: { counter: { perSecond: 2, perDay: 9 } } });
    expect(named({ service })).toEqual(['service-counter-second 2', 'service-counter-day 9']);
  });

  it('is the quota of the grant in the place of that for each counter', () => {
    const own = accessOf({ grants: [grantOf({ quota: { perDay: 7 } })] });
    expect(quotasOf({ service: quotaed, own, everyone: narrowed() })).toEqual([
      { name: 'grant-day', key: `grant ${grantOf().id}`, per: 'day', most: 7 },
      ofService[1],
    ]);
  });

  it('is that for each counter where the grant has none', () => {
    const own = accessOf({ grants: [grantOf()] });
    expect(quotasOf({ service: quotaed, own, everyone: narrowed() })).toEqual(ofService);
  });

  it('is not the quota of a grant where the service is open', () => {
    const own = accessOf({ grants: [grantOf({ quota: { perDay: 7 } })] });
    expect(quotasOf({ service: quotaed, own })).toEqual(ofService);
  });

  it('is every limit beside it, its own and that of everybody, by name and by group', () => {
    const both = [
      limitOf({ quota: { perDay: 5 } }),
      limitOf({ target: 'group:civil-registry', quota: { perSecond: 3 } }),
    ];
    const own = accessOf({ limits: both });
    const everyone = accessOf({ holder: '*', limits: both });
    expect(named({ service: quotaed, own, everyone })).toEqual([
      'service-counter-day 100',
      'service-all-second 50',
      'limit-own-day 5',
      'limit-own-group-second 3',
      'limit-everyone-day 5',
      'limit-everyone-group-second 3',
    ]);
  });

  it('is no limit of another service', () => {
    const own = accessOf({ limits: [limitOf({ target: 'life-status', quota: { perDay: 5 } })] });
    expect(named({ own })).toEqual([]);
  });

  it('is counted for the counter that is asked for, each by itself but for what is of all', () => {
    const everyone = accessOf({ holder: '*', limits: [limitOf({ quota: { perDay: 5 } })] });
    const keysOf = (of: string): readonly string[] =>
      metersOf(quotaed, { counter: of, everyone }).map(({ key }) => key);
    const [mine, others] = [keysOf(counter), keysOf('counter:72110346')];
    expect(mine.filter((key) => others.includes(key))).toEqual([`service-all ${ref}`]);
  });

  it('is another thing at another version of the service', () => {
    const next = serviceWith({ ref: 'civil-registry/identity@2' }, quotaed);
    expect(metersOf(next, { counter })[0]?.key).not.toBe(metersOf(quotaed, { counter })[0]?.key);
  });

  it('is nothing when it is denied', () => {
    expect(quotasOf({ service: { ...quotaed, status: 'retired' } })).toBeUndefined();
    expect(identityService.quota).toBeUndefined();
  });
});
