import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deniedThenAllowed } from '#shared/oversight/questions/denied-then-allowed.ts';
import { answerOf, type Made, tag } from './walk-stage.ts';

const span = { from: 1_800_000_000_000, until: 1_800_100_000_000 };

const asked = (minute: number, effect: 'allow' | 'deny', more: Partial<Made> = {}): Made => ({
  t: span.from + minute * 60_000,
  effect,
  outcome: effect === 'deny' ? 'DENIED' : 'FOUND',
  rule: effect === 'deny' ? 'purpose-of-service' : 'open-service',
  subjectTag: tag(9),
  ...more,
});

const other = { purpose: 'passport-issue' } as const;

const found = async (made: readonly Made[], given: Readonly<Record<string, string>> = {}) => {
  const { findings } = await answerOf(deniedThenAllowed, made, { ...span, given });
  return findings;
};

/** Minutes from the denial to what was allowed, as a finding says them. */
const gapOf = ({ why }: { readonly why: string }): number => Number(/(\d+) minutes/.exec(why)?.[1]);

describe('denied, then allowed', () => {
  it.each<[string, readonly Made[], number]>([
    ['with another purpose', [asked(0, 'deny'), asked(5, 'allow', other)], 1],
    [
      'for another service',
      [asked(0, 'deny'), asked(5, 'allow', { service: 'police/vehicle@1' })],
      1,
    ],
    ['the very same', [asked(0, 'deny'), asked(5, 'allow')], 0],
    ['by another counter', [asked(0, 'deny'), asked(5, 'allow', { ...other, counter: 'c:2' })], 0],
    [
      'about another person',
      [asked(0, 'deny'), asked(5, 'allow', { ...other, subjectTag: tag(8) })],
      0,
    ],
    ['at the last moment', [asked(0, 'deny'), asked(30, 'allow', other)], 1],
    ['too late', [asked(0, 'deny'), asked(31, 'allow', other)], 0],
    ['before', [asked(5, 'deny'), asked(0, 'allow', other)], 0],
    ['only denied', [asked(0, 'deny'), asked(5, 'deny', other)], 0],
    ['only allowed', [asked(0, 'allow'), asked(5, 'allow', other)], 0],
  ])('%s', async (_, made, expected) => {
    expect(await found(made)).toHaveLength(expected);
  });

  it('takes another time', async () => {
    const made = [asked(0, 'deny'), asked(31, 'allow', other)];
    expect(await found(made, { minutes: '31' })).toHaveLength(1);
    expect(await found(made, { minutes: '30' })).toHaveLength(0);
  });

  it('tells both inquiries, the last denial before, and nothing of the person', async () => {
    const made = [asked(0, 'deny'), asked(2, 'deny'), asked(5, 'allow', other)];
    const findings = await found(made);
    expect(findings).toMatchObject([
      {
        group: 1,
        counter: 'counter:72110345',
        denied: {
          asked: new Date(span.from + 120_000).toISOString(),
          service: 'civil-registry/identity@1',
          purpose: 'pension-enrolment',
          rule: 'purpose-of-service',
        },
        allowed: { purpose: 'passport-issue', rule: 'open-service' },
        why: 'Denied, and asked otherwise and allowed 3 minutes later.',
      },
    ]);
    expect(findings[0]?.['denied']).toHaveProperty('id');
    expect(JSON.stringify(findings)).not.toContain(tag(9));
  });

  it('tells the fastest first, and one group for one person', async () => {
    const made = [8, 9].flatMap((subject, n) =>
      [0, 40].flatMap((minute) => [
        asked(minute, 'deny', { subjectTag: tag(subject) }),
        asked(minute + 2 + n, 'allow', { ...other, subjectTag: tag(subject) }),
      ]),
    );
    const findings = await found(made);
    expect(findings.map(({ group }) => group)).toEqual([1, 1, 2, 2]);
  });

  it('finds each allowed inquiry once, with the last denial of something else before it', async () => {
    const inquiries = fc.array(
      fc.record({
        minute: fc.nat(90),
        effect: fc.constantFrom('allow' as const, 'deny' as const),
        subject: fc.nat(2),
        purpose: fc.constantFrom('a', 'b', 'c'),
      }),
      { maxLength: 20, size: 'max' },
    );
    await fc.assert(
      fc.asyncProperty(inquiries, async (all) => {
        const made = all.map(({ minute, effect, subject, purpose }) =>
          asked(minute, effect, { subjectTag: tag(subject), purpose }),
        );
        const expected = all.flatMap((one) => {
          const before = all.filter(
            ({ effect, minute, subject, purpose }) =>
              effect === 'deny' &&
              subject === one.subject &&
              purpose !== one.purpose &&
              minute <= one.minute &&
              one.minute - minute <= 30,
          );
          const last = Math.max(...before.map(({ minute }) => minute));
          return one.effect === 'allow' && before.length > 0 ? [one.minute - last] : [];
        });
        const ascending = expected.toSorted((a, b) => a - b);
        expect((await found(made)).map(gapOf)).toEqual(ascending);
      }),
      { numRuns: 60 },
    );
  });
});
