import { describe, expect, it } from 'vitest';
import { decide, type Ruling, type Snapshot } from '#shared/registry/decide.ts';
import { violations } from '#shared/registry/json-schema.ts';
import { outputUnder, type Terms, termsOf } from '#shared/registry/terms.ts';
import { accessOf, grantOf, limitOf, narrowed } from '#tests/support/access.ts';
import { testNow } from '#tests/support/messages.ts';
import {
  identityService,
  lifeService,
  mobileService,
  serviceWith,
} from '#tests/support/registry.ts';
import { honest, openSnapshot } from './decision.ts';

const termsIn = (ruling: Ruling): Terms | undefined =>
  ruling.effect === 'allow' ? ruling.terms : undefined;

const decided = (known: Partial<Snapshot>): Terms | undefined =>
  termsIn(decide({ ...openSnapshot, ...known }, honest, testNow));

const passed = ['firstName', 'lastName', 'lifeStatus'];
const other = { purposes: ['passport-issue'] };

describe('the terms of an inquiry', () => {
  it.each([
    ['as the service has it', {}, { level: 'read', fields: passed }],
    [
      'without a field that a limit leaves out',
      { own: accessOf({ limits: [limitOf({ fields: ['firstName', 'fatherName'] })] }) },
      { level: 'read', fields: ['firstName'] },
    ],
    [
      'what two limits leave together',
      {
        own: accessOf({ limits: [limitOf({ level: 'match', fields: ['firstName', 'lastName'] })] }),
        everyone: accessOf({ holder: '*', limits: [limitOf({ fields: ['lastName'] })] }),
      },
      { level: 'match', fields: ['lastName'] },
    ],
    [
      'nothing but yes or no where a limit says so',
      { own: accessOf({ limits: [limitOf({ level: 'verify' })] }) },
      { level: 'verify', fields: [] },
    ],
    [
      'as the service has it where another service is limited',
      { own: accessOf({ limits: [limitOf({ target: 'life-status', level: 'verify' })] }) },
      { level: 'read', fields: passed },
    ],
    [
      'no more than a service at a lower level, whatever a grant says',
      {
        service: serviceWith({ level: 'match' }),
        everyone: narrowed(),
        own: accessOf({ grants: [grantOf({ level: 'read' })] }),
      },
      { level: 'match', fields: passed, grant: grantOf().id },
    ],
    [
      'what the grant names, and no field that the service withholds',
      {
        everyone: narrowed(),
        own: accessOf({ grants: [grantOf({ fields: ['fatherName', 'lifeStatus'] })] }),
      },
      { level: 'read', fields: ['lifeStatus'], grant: grantOf().id },
    ],
    [
      'what the grant leaves and a limit leaves of that',
      {
        everyone: narrowed(),
        own: accessOf({
          grants: [grantOf({ level: 'match' })],
          limits: [limitOf({ fields: ['firstName'] })],
        }),
      },
      { level: 'match', fields: ['firstName'], grant: grantOf().id },
    ],
    [
      'the first grant that admits the purpose, of several',
      {
        everyone: narrowed(),
        own: accessOf({
          grants: [
            grantOf(other),
            grantOf({ fields: ['lastName'] }),
            grantOf({ fields: ['firstName'] }),
          ],
        }),
      },
      { level: 'read', fields: ['lastName'], grant: grantOf().id },
    ],
    [
      'as the service has it where it is open, whatever a grant says',
      { own: accessOf({ grants: [grantOf({ level: 'verify' })] }) },
      { level: 'read', fields: passed },
    ],
  ] as const)('are %s', (_, known: Partial<Snapshot>, terms) => {
    expect(decided(known)).toEqual({ ...terms, quotas: [] });
  });

  it('of a service that says yes or no pass no field on', () => {
    expect(termsOf({ ...mobileService, fields: ['operator'] })).toEqual({
      level: 'verify',
      fields: [],
      quotas: [],
    });
  });
});

type Bounds = Pick<Terms, 'level' | 'fields'>;

describe('what an answer must look like under terms', () => {
  const brokenBy = (terms: Bounds, result: Readonly<Record<string, string | boolean>>): boolean =>
    violations(outputUnder(terms, identityService), result, '').length > 0;
  const full = { firstName: 'سارا', lastName: 'محمدی' };

  it('is what the service says, the very schema, where nothing is left out', () => {
    for (const service of [identityService, lifeService, mobileService]) {
      expect(outputUnder(termsOf(service), service)).toBe(service.output);
    }
  });

  it('lacks only fields that the terms leave out', () => {
    const terms: Bounds = { level: 'read', fields: ['firstName'] };
    expect(brokenBy(terms, { firstName: 'سارا' })).toBe(false);
    expect(brokenBy(terms, full)).toBe(false);
    expect(brokenBy(terms, { lastName: 'محمدی' })).toBe(true);
    expect(brokenBy(terms, { firstName: true })).toBe(true);
    expect(brokenBy(terms, { firstName: 'سارا', other: 'x' })).toBe(true);
  });

  it('is required whole where the service withholds what it requires', () => {
    const service = serviceWith({ fields: ['firstName'] });
    expect(outputUnder(termsOf(service), service)).toBe(service.output);
  });

  it('is yes or no for each field at a match below the own level of the service', () => {
    const terms: Bounds = { level: 'match', fields: ['firstName', 'lastName'] };
    expect(brokenBy(terms, { firstName: true, lastName: false })).toBe(false);
    expect(brokenBy(terms, {})).toBe(false);
    expect(brokenBy(terms, { firstName: 'سارا' })).toBe(true);
    expect(brokenBy(terms, { other: true })).toBe(true);
  });

  it('is nothing that is required at a yes or no below the own level of the service', () => {
    const terms: Bounds = { level: 'verify', fields: [] };
    expect(brokenBy(terms, {})).toBe(false);
    expect(brokenBy(terms, full)).toBe(false);
    expect(brokenBy(terms, { other: true })).toBe(true);
  });
});
