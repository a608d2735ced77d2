import { describe, expect, it } from 'vitest';
import { checkParts, checks, isCheckCode } from '#shared/inquiry/checks.ts';
import { Problem, problems } from '#shared/kernel/problem.ts';
import { asCheck, messageChecks, refusalOf } from '#shared/message/checks.ts';
import { rules } from '#shared/registry/decide.ts';
import { meterKinds, meterPeriods } from '#shared/registry/meters.ts';

const rows = [...checks];
const codes = rows.map(([code]) => code);

describe('the table of checks', () => {
  it('has many codes, none twice', () => {
    expect(Object.keys(messageChecks).length).toBeGreaterThanOrEqual(60);
    expect(codes.length).toBeGreaterThanOrEqual(110);
    const listed = Object.values(checkParts).flat();
    expect(listed).toHaveLength(codes.length);
  });

  it.each(rows)('%s says what would be right in both languages', (code, { problem, en, fa }) => {
    expect(code).toMatch(/^[a-z0-9]+(?:-[a-z0-9]+)*$/);
    expect(Object.keys(problems)).toContain(problem);
    expect(en).toMatch(/^[A-Z].*\.$/);
    expect(fa).toMatch(/^[\p{Script=Arabic}A-Za-z_].*\.$/u);
    // Yeh and kaf of the Arabic keyboard look right and do not match.
    expect(fa).not.toMatch(/[\u064a\u0643]/);
    expect(isCheckCode(code)).toBe(true);
  });

  it('has every rule that can deny, in the order of judgement, and every quota', () => {
    const denying = Object.keys(rules).filter(
      (rule) => rule !== 'open-service' && rule !== 'granted',
    );
    expect(codes.filter((code) => code.startsWith('policy-'))).toEqual(
      denying.map((rule) => `policy-${rule}`),
    );
    expect(codes.filter((code) => code.startsWith('quota-'))).toEqual(
      meterKinds.flatMap((kind) => meterPeriods.map((per) => `quota-${kind}-${per}`)),
    );
  });

  it('knows no code from Object.prototype', () => {
    expect(isCheckCode('constructor')).toBe(false);
    expect(isCheckCode('')).toBe(false);
  });
});

describe('a refusal of a check', () => {
  it('has the problem and the words of the table, unless more can be said', () => {
    expect(refusalOf('typ')).toMatchObject({
      name: 'wrong-typ',
      detail: messageChecks.typ.en,
      extras: { check: 'typ' },
    });
    expect(refusalOf('typ', 'Other words.').detail).toBe('Other words.');
  });

  it('takes over what knows nothing of checks, and only what is a problem', () => {
    const thrown = (error: Error) => (): unknown => {
      try {
        return asCheck('header-json', () => {
          throw error;
        });
      } catch (caught) {
        return caught;
      }
    };
    expect(thrown(new Problem('malformed', 'Why.'))()).toMatchObject({
      name: 'malformed',
      detail: 'Why.',
      extras: { check: 'header-json' },
    });
    const bug = new TypeError('a bug');
    expect(thrown(bug)()).toBe(bug);
  });
});
