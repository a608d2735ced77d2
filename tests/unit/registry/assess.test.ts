import { describe, expect, it } from 'vitest';
import { type Assessment, assess, type Snapshot } from '#shared/registry/decide.ts';
import { accessOf, grantOf, narrowed } from '#tests/support/access.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { testNow } from '#tests/support/messages.ts';
import {
  about,
  asking,
  delegated,
  delegatedSnapshot,
  honest,
  openSnapshot,
  type Question,
} from './decision.ts';

const assessed = (known: Partial<Snapshot>, question: Question = honest): readonly Assessment[] =>
  assess({ ...openSnapshot, ...known }, question, testNow);

/** The rules that came out so, in their order. */
const rulesThat = (result: Assessment['result'], all: readonly Assessment[]): readonly string[] =>
  all.flatMap((one) => (one.result === result ? [one.rule] : []));

const ofDelegation = [
  'delegation-revoked',
  'delegation-expired',
  'delegation-not-yet-valid',
  'delegation-scope',
];

const ofGrants = [
  'grant-suspended',
  'grant-expired',
  'grant-not-yet-valid',
  'grant-requested',
  'grant-revoked',
  'grant-missing',
];

const ofService = [
  'agency-active',
  'stopped-by-agency',
  'basis-confidential',
  ...ofGrants,
  'purpose-allowed',
  'purpose-granted',
  'purpose-limited',
  'basis-accepted',
  'subject-type',
  'input-valid',
];

describe('an assessment', () => {
  it('of an inquiry that is allowed has passed every rule', () => {
    for (const all of [assessed({}), assessed(delegatedSnapshot, delegated)]) {
      expect([rulesThat('failed', all), rulesThat('skipped', all)]).toEqual([[], []]);
    }
  });

  it.each<readonly [string, Partial<Snapshot>, Question, readonly string[], readonly string[]]>([
    [
      'says nothing about a counter, nor about who asks for it, where none is named',
      { ...delegatedSnapshot, participant: houseOf(), everyone: narrowed() },
      asking({}, house),
      ['counter-named'],
      [
        'delegate-active',
        'delegation-missing',
        ...ofDelegation,
        'participant-active',
        'licence-valid',
        ...ofGrants,
        'purpose-granted',
      ],
    ],
    [
      'says nothing about a delegation that is not there, and all about the counter',
      { delegate: undefined, delegation: undefined },
      delegated,
      ['delegate-active', 'delegation-missing'],
      ofDelegation,
    ],
    [
      'says everything that is wrong with a delegation',
      {
        delegate: houseOf(),
        delegation: delegationOf({
          status: 'revoked',
          from: testNow + 2,
          until: testNow,
          services: ['post/postal-address'],
        }),
      },
      delegated,
      ofDelegation,
      [],
    ],
    [
      'says nothing about the licence of a counter that nobody knows',
      { participant: undefined },
      honest,
      ['participant-active'],
      ['licence-valid'],
    ],
    [
      'says nothing about a service that nobody knows',
      { service: undefined },
      honest,
      ['service-exists'],
      ofService,
    ],
    [
      'says why each of several grants does not count, and nothing about what they are for',
      {
        everyone: narrowed(),
        own: accessOf({
          grants: [grantOf({ until: testNow }), grantOf({ status: 'suspended' })],
        }),
      },
      honest,
      ['grant-suspended', 'grant-expired'],
      ['purpose-granted'],
    ],
    [
      'says all that is wrong with what is asked',
      {},
      { ...asking({ purpose: 'curiosity' }), facts: about({ params: {} }).facts },
      ['purpose-allowed', 'input-valid'],
      [],
    ],
  ])('%s', (_, known, question, failed, skipped) => {
    const all = assessed(known, question);
    expect(rulesThat('failed', all)).toEqual(failed);
    expect(rulesThat('skipped', all)).toEqual(skipped);
  });

  it('points at what breaks a rule, and only there', () => {
    const all = assessed({}, about({ params: {} }));
    expect(all.filter(({ errors }) => errors !== undefined)).toEqual([
      {
        rule: 'input-valid',
        result: 'failed',
        errors: [expect.objectContaining({ pointer: '/params' })],
      },
    ]);
  });
});
