import type { SecretKey } from '../kernel/bytes.ts';
import { toInput } from '../persian/text.ts';
import { operatorTag, tagYears } from './tags.ts';

/** Who sat at a counter's desk, by the name that the counter gave. */
export type Operator = { readonly counter: string; readonly name: string };

/** A pseudonym of an operator, as entries show it. */
export type Pseudonym = { readonly year: number; readonly operator: string };

/** A name as it was given, and as every edge writes it: whoever asked signed it as it was. */
const spellings = (name: string): readonly string[] => [...new Set([name, toInput(name)])];

/** The pseudonyms of an operator in the years of a time, newest first. */
export const pseudonymsOf = (
  subjectKey: SecretKey,
  { counter, name }: Operator,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Pseudonym[] =>
  tagYears(from, to - 1).flatMap((year) =>
    spellings(name).map((one) => ({
      year,
      operator: operatorTag(subjectKey, year, counter, one),
    })),
  );
