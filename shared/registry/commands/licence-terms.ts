import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { toIdentifierInput } from '../../persian/text.ts';
import { isLicenceOver, type Licence } from '../licence.ts';
import { plainText } from '../plain-text.ts';
import { invalid, refused } from './refusals.ts';
import { tenYears } from './times.ts';

/** What a command says of a new licence. */
export const Terms = z.strictObject({
  number: plainText(40),
  issuer: plainText(120),
  province: plainText(60),
  city: plainText(60),
  validFrom: Instant,
  validUntil: Instant,
});
export type Terms = z.infer<typeof Terms>;

/** The end that a licence is renewed to. */
export const checkEnd = (place: string, validUntil: number, now: number): void => {
  if (validUntil <= now) throw invalid(place, 'must lie in the future');
  if (validUntil > now + tenYears) throw invalid(place, 'must lie at most ten years ahead');
};

/**
 * `validFrom` may lie in the past, as the date of a paper licence does; no decision is changed by
 * that, since each names the state of the registry that it was made by.
 */
export const checkTerms = ({ validFrom, validUntil }: Terms, now: number): void => {
  const place = '/licence/validUntil';
  if (validUntil <= validFrom) throw invalid(place, 'must be later than validFrom');
  if (validFrom > now + tenYears) {
    throw invalid('/licence/validFrom', 'must lie at most ten years ahead');
  }
  if (validUntil <= now) throw invalid(place, 'must lie in the future');
  if (validUntil - validFrom > tenYears) {
    throw invalid(place, 'must be at most ten years after validFrom');
  }
};

const sameNumber = (one: string, other: string): boolean =>
  toIdentifierInput(one).toLowerCase() === toIdentifierInput(other).toLowerCase();

/** What a new licence may not come beside, or come again as. */
export const checkBefore = (before: Licence, { number }: Terms, now: number): void => {
  if (before.status !== 'revoked' && !isLicenceOver(before, now)) {
    throw refused('A licence stands: it can be renewed, reinstated or revoked.');
  }
  if (sameNumber(before.number, number)) {
    throw refused('The licence before had this very number; a new one needs its own.');
  }
};
