import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { Subject, subjectTypes } from '#shared/persian/subject.ts';

const examples = [
  { type: 'ir-national-id', value: '0499370899' },
  { type: 'ir-legal-id', value: '10380284790' },
  { type: 'ir-postal-code', value: '1234567890' },
  { type: 'ir-plate', value: { two: '12', letter: 'الف', three: '345', region: '67' } },
] as const;

const refused = [
  { type: 'ir-national-id', value: '0499370898' },
  { type: 'ir-national-id', value: '۰۴۹۹۳۷۰۸۹۹' },
  { type: 'ir-national-id', value: '049-937089-9' },
  { type: 'ir-national-id', value: '0499370899 ' },
  { type: 'ir-national-id', value: 499_370_899 },
  { type: 'ir-national-id', value: '10380284790' },
  { type: 'ir-national-id' },
  { type: 'ir-legal-id', value: '10380284792' },
  { type: 'ir-postal-code', value: '12345-67890' },
  { type: 'ir-plate', value: '12الف34567' },
  { type: 'ir-plate', value: { two: '۱۲', letter: 'الف', three: '345', region: '67' } },
  { type: 'ir-plate', value: { two: '12', letter: 'ا', three: '345', region: '67' } },
  {
    type: 'ir-plate',
    value: { two: '12', letter: 'الف', three: '345', region: '67', more: '0499370899' },
  },
  { type: 'ir-national-id', value: '0499370899', more: '0499370899' },
  { type: '0499370899', value: '0499370899' },
  { value: '0499370899' },
  '0499370899',
  null,
];

describe('Subject', () => {
  it.each(examples)('accepts the canonical $type and changes nothing', (subject) => {
    expect(Subject.parse(subject)).toEqual(subject);
  });

  it('has an example here for every type', () => {
    expect(examples.map(({ type }) => type)).toEqual([...subjectTypes]);
  });

  it.each(refused)('refuses %j', (subject) => {
    expect(Subject.safeParse(subject).success).toBe(false);
  });

  it.each(refused)('says nothing of what it refuses in %j', (subject) => {
    expect(Subject.safeParse(subject).error?.message).not.toMatch(
      /0499370|499370899|۰۴۹۹|1038028|12345|۱۲/,
    );
  });

  it.each(examples)(
    'refuses an unknown member of $type, and does not repeat its name',
    (subject) => {
      const issues = Subject.safeParse({ ...subject, '0084575948': true }).error?.issues ?? [];
      expect(issues.map(({ message }) => message)).toEqual([
        'must be an object of type and value and nothing else',
      ]);
    },
  );

  it('names its formats in its JSON Schema, and forbids further members', () => {
    const schema = JSON.stringify(z.toJSONSchema(Subject));
    expect(schema).toContain('"format":"ir-national-id"');
    expect(schema.match(/"additionalProperties":false/g)).toHaveLength(5);
  });
});
