import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ConfidentialBases,
  delayOf,
  longestDelay,
  withConfidential,
} from '#shared/registry/confidential-bases.ts';
import { testNow } from '#tests/support/messages.ts';
import { identityService } from '#tests/support/registry.ts';
import { openSnapshot } from './decision.ts';

const day = 86_400_000;
const bases = ConfidentialBases.parse({
  'court.7': { days: 30, class: 'criminal-investigation' },
  'tax.12': { days: 7, class: 'tax-audit' },
});

describe('bases of which a person learns later', () => {
  it('delay an inquiry by so many days from when it was asked', () => {
    expect(delayOf(bases, { basis: 'court.7', t: testNow })).toEqual({
      class: 'criminal-investigation',
      until: testNow + 30 * day,
    });
    expect(longestDelay(bases)).toBe(30 * day);
  });

  it('delay no other, whatever it is called', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.string(), fc.constantFrom('constructor', '__proto__', 'court')),
        (basis) => {
          fc.pre(!Object.hasOwn(bases, basis));
          expect(delayOf(bases, { basis, t: testNow })).toBeUndefined();
        },
      ),
    );
    expect(longestDelay({})).toBe(0);
  });

  it.each([
    ['a basis that is no code', { 'Court 7': { days: 1, class: 'x' } }],
    ['half a day', { 'court.7': { days: 0.5, class: 'x' } }],
    ['more than ten years', { 'court.7': { days: 3651, class: 'x' } }],
    ['a member more', { 'court.7': { days: 1, class: 'x', why: 'y' } }],
    [
      'more than 64',
      Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`b${n}`, { days: 1, class: 'x' }])),
    ],
  ])('are refused with %s', (_, given) => {
    expect(ConfidentialBases.safeParse(given).success).toBe(false);
  });
});

describe('what is read for a decision', () => {
  const read = async () => openSnapshot;

  it('says which bases are confidential, and is the same otherwise', async () => {
    const snapshot = withConfidential(bases, read);
    expect(await snapshot('counter:72110345', identityService.ref)).toEqual({
      ...openSnapshot,
      confidential: ['court.7', 'tax.12'],
    });
  });

  it('is left alone where there are none', () => {
    expect(withConfidential({}, read)).toBe(read);
  });
});
