import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';

/** Values that one member of a filter may list. */
const mostValues = 32;

/** Parts of a log that a reader may be given. */
const mostScopes = 64;

/** What a leaf says in the clear, and a filter may name. */
export const filterWords = [
  'counter',
  'by',
  'agency',
  'service',
  'purpose',
  'basis',
  'station',
  'presence',
  'effect',
  'rule',
  'outcome',
] as const;
export type FilterWord = (typeof filterWords)[number];

const Word = z.string().min(1).max(128);

const isAscending = (values: readonly string[]): boolean =>
  values.every((value, n) => n === 0 || (values[n - 1] ?? '') < value);

/** One value; or several, ascending by code units, each once. */
const oneOrMore = <Value extends z.ZodType<string>>(value: Value) =>
  z
    .union([value, z.array(value).min(2).max(mostValues).refine(isAscending).readonly()])
    .exactOptional();

const words = oneOrMore(Word);

/** As Date.prototype.toISOString writes it. */
const Instant = z
  .string()
  .regex(/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/)
  .refine((text) => !Number.isNaN(Date.parse(text)));

/**
 * Which inquiries an export is of, as its manifest says it: all members have to hold, of a list one
 * value. `from` ≤ the time inside the id < `to`. A service without its version is any of its versions.
 * A province is that of the counter, which no leaf says.
 */
export const ExportFilter = z
  .strictObject({
    from: Instant.exactOptional(),
    to: Instant.exactOptional(),
    id: oneOrMore(InquiryId),
    counter: words,
    by: words,
    agency: words,
    service: words,
    purpose: words,
    basis: words,
    station: words,
    presence: words,
    effect: words,
    rule: words,
    outcome: words,
    province: words,
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to);
export type ExportFilter = Readonly<z.infer<typeof ExportFilter>>;

const word = Word.exactOptional();

/** A part of a log that whoever gets the export may see: all of its members have to hold. */
export const ExportScope = z
  .strictObject({ counter: word, agency: word, province: word })
  .refine((scope) => Object.keys(scope).length > 0);
export type ExportScope = Readonly<z.infer<typeof ExportScope>>;

/** The parts of which one has to hold. */
export const ExportScopes = z.array(ExportScope).min(1).max(mostScopes).readonly();

/** What a filtered export is of; without a scope nobody's view was narrowed. */
export type Filtering = {
  readonly filter: ExportFilter;
  readonly scope?: readonly ExportScope[] | undefined;
};

/** The values that a member lists; undefined where the filter does not have it. */
export const valuesIn = (
  member: string | readonly string[] | undefined,
): readonly string[] | undefined => (typeof member === 'string' ? [member] : member);
