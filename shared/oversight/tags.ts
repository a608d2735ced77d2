import { createHmac } from 'node:crypto';
import { type SecretKey, toBase64Url } from '../kernel/bytes.ts';
import { canonicalJson } from '../kernel/canonical-json.ts';
import { type InquiryId, timeOf } from '../kernel/id.ts';
import type { Subject } from '../persian/subject.ts';
import { foldDigits, toInput } from '../persian/text.ts';

/** Bytes of a pseudonym: enough that two of 10^10 persons meet by chance once in 10^9. */
const tagBytes = 12;

/** The year whose pseudonyms an inquiry has: that of the time inside its id, UTC. */
export const tagYearOf = (id: InquiryId): number => new Date(timeOf(id)).getUTCFullYear();

/** Every year from the one of `from` to that of `to`, in milliseconds since 1970, newest first. */
export const tagYears = (from: number, to: number): readonly number[] => {
  const [first, last] = [new Date(from).getUTCFullYear(), new Date(to).getUTCFullYear()];
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, n) => last - n);
};

const tagOf = (key: SecretKey, parts: readonly string[]): string =>
  toBase64Url(createHmac('sha256', key).update(parts.join('\0')).digest().subarray(0, tagBytes));

/** Whom an inquiry is about, its value as one text. */
export type TaggedSubject = { readonly type: string; readonly value: string };

/** The one text of a subject: its value, or the RFC 8785 JSON of a value that has parts. */
export const taggedSubject = ({ type, value }: Subject): TaggedSubject => ({
  type,
  value: typeof value === 'string' ? value : canonicalJson(value),
});

/**
 * The keyed pseudonym of a subject in a year: base64url of 12 bytes. Without the key nobody can try
 * the numbers of all persons; with another year it is another one.
 */
export const subjectTag = (key: SecretKey, year: number, { type, value }: TaggedSubject): string =>
  tagOf(key, ['subject', String(year), type, value]);

/**
 * The same for who sat at a counter's desk: a name means something at its counter only. Counters sign it
 * as it was typed, so it is folded here: an operator has one pseudonym, whichever ی or ۷ it was.
 */
export const operatorTag = (
  key: SecretKey,
  year: number,
  counter: string,
  operator: string,
): string => tagOf(key, ['operator', String(year), counter, foldDigits(toInput(operator))]);
