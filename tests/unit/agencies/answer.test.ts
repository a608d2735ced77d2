import { describe, expect, it } from 'vitest';
import { type Asked, answerFrom } from '#infra/local/agencies/answer.ts';
import { books } from '#infra/local/agencies/books.ts';
import {
  testCertificate,
  testLegalIds,
  testNationalIds,
  testPerson,
  testPlate,
  testPostalCode,
} from '#infra/local/agencies/data/test-ids.ts';
import { Subject } from '#shared/persian/subject.ts';

const person = Subject.parse({ type: 'ir-national-id', value: testPerson.nationalId });
const stranger = Subject.parse({ type: 'ir-national-id', value: '1111111111' });

const flags = ['birthDateMatches', 'firstNameMatches', 'lastNameMatches', 'fatherNameMatches'];

const identity = (change: Partial<Asked>) =>
  answerFrom(books['civil-registry/identity@1'], {
    subject: person,
    params: { birthDate: testPerson.birthDate },
    level: 'match',
    fields: flags,
    ...change,
  });

describe('at the level verify an agency', () => {
  const owns = (mobile: string, subject = person) =>
    answerFrom(books['telecom/mobile-ownership@1'], {
      subject,
      params: { mobile },
      level: 'verify',
      fields: ['operator'],
    });

  it('says yes or no and discloses nothing', () => {
    expect(owns(testPerson.mobile)).toEqual({ outcome: 'MATCH', result: {} });
    expect(owns('+989120000000')).toEqual({ outcome: 'NO_MATCH', result: {} });
  });

  it('tells an unknown person like another person', () => {
    expect(owns(testPerson.mobile, stranger)).toEqual({ outcome: 'NO_MATCH', result: {} });
  });
});

describe('at the level match an agency', () => {
  it('flags each value that was sent, in any spelling', () => {
    const params = { birthDate: '1985-03-21', firstName: 'مريم', lastName: 'دیگری' };
    expect(identity({ params })).toEqual({
      outcome: 'NO_MATCH',
      result: { birthDateMatches: true, firstNameMatches: true, lastNameMatches: false },
    });
  });

  it('matches a birth year alone', () => {
    expect(identity({ params: { birthDate: '1985' } })).toEqual({
      outcome: 'MATCH',
      result: { birthDateMatches: true },
    });
    expect(identity({ params: { birthDate: '1986' } }).outcome).toBe('NO_MATCH');
  });

  it('fills only the fields that the forward lists', () => {
    expect(identity({ fields: [] })).toEqual({ outcome: 'MATCH', result: {} });
  });

  it('says nothing but no about an unknown person', () => {
    expect(identity({ subject: stranger })).toEqual({ outcome: 'NO_MATCH', result: {} });
  });
});

describe('at the level read an agency', () => {
  it('fills only the fields that the forward lists', () => {
    const read = identity({ level: 'read', fields: ['lastName', 'lifeStatus'] });
    expect(read).toEqual({
      outcome: 'FOUND',
      result: { lastName: testPerson.lastName, lifeStatus: 'alive' },
    });
  });

  it('finds nobody when a value that names the record is wrong', () => {
    const read = identity({ level: 'read', params: { birthDate: '1985-03-22' } });
    expect(read).toEqual({ outcome: 'NOT_FOUND', result: {} });
    expect(identity({ level: 'read', subject: stranger }).outcome).toBe('NOT_FOUND');
  });

  it.each([
    [
      'civil-registry/life-status@1',
      { type: 'ir-national-id', value: testNationalIds[1] },
      {},
      { lifeStatus: 'deceased', dateOfDeath: '2019-11-05' },
    ],
    ['post/postal-address@1', { type: 'ir-postal-code', value: testPostalCode }, {}, {}],
    ['education/certificate@1', person, { serial: testCertificate }, { valid: true }],
    ['social-security/coverage@1', person, {}, { insuredMonths: 187, entitlement: 'partial' }],
    ['pension/status@1', person, {}, {}],
    [
      'police/vehicle@1',
      { type: 'ir-plate', value: testPlate },
      { ownerNationalId: testPerson.nationalId },
      { status: 'in-order' },
    ],
    [
      'companies/legal-entity@1',
      { type: 'ir-legal-id', value: testLegalIds[0] },
      {},
      { status: 'active' },
    ],
  ] as const)('answers %s', (ref, subject, params, expected) => {
    const fields = ['lifeStatus', 'dateOfDeath', 'province', 'valid', 'insuredMonths'].concat([
      'entitlement',
      'status',
      'finesRials',
      'name',
    ]);
    const answer = answerFrom(books[ref], {
      subject: Subject.parse(subject),
      params,
      level: 'read',
      fields,
    });
    expect(answer.outcome).toBe('FOUND');
    expect(answer.result).toMatchObject(expected);
    expect(Object.keys(answer.result).filter((name) => !fields.includes(name))).toEqual([]);
  });
});
