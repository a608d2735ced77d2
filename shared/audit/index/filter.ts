import * as z from 'zod';
import { InquiryId } from '../../kernel/id.ts';
import { type EntryFacts, latestTime } from './entry-facts.ts';

/** What entries are found by: facts that are words, each a column with a dictionary. */
export const wordColumns = [
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
  'province',
] as const satisfies readonly (keyof EntryFacts)[];
export type WordColumn = (typeof wordColumns)[number];

/** Keyed pseudonyms. */
export const tagColumns = [
  'subjectTag',
  'operatorTag',
] as const satisfies readonly (keyof EntryFacts)[];
export type TagColumn = (typeof tagColumns)[number];

/** Values that one member may list. */
const mostValues = 32;

const oneOrMore = <Value extends z.ZodType>(value: Value) =>
  z.union([value, z.array(value).min(1).max(mostValues).readonly()]).exactOptional();

const Word = z.string().min(1).max(128);
const word = Word.exactOptional();
const words = oneOrMore(Word);
/** Canonical base64url of 12 bytes: no bit is left over. */
const tags = oneOrMore(z.string().regex(/^[A-Za-z0-9_-]{16}$/));
const instant = z.int().min(0).max(latestTime).exactOptional();

/** Scopes that a filter may name. */
const mostScopes = 64;

const scopeColumns = ['counter', 'agency', 'province'] as const satisfies readonly WordColumn[];

/** A part of the entries that somebody may see: all of its members have to hold, at least one. */
const EntryScope = z
  .strictObject({ counter: word, agency: word, province: word })
  .refine((scope) => Object.keys(scope).length > 0);
export type EntryScope = Readonly<z.infer<typeof EntryScope>>;

/**
 * Which entries are meant: all members have to hold, of a list one value. `from` ≤ t < `to`, in
 * milliseconds, of the time in an entry's id. Of the scopes in `within` one has to hold, so that an
 * empty list means nothing. A fact that is not known meets no member about it. A service without its
 * version is any of its versions.
 */
export const EntryFilter = z.strictObject({
  from: instant,
  to: instant,
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
  id: oneOrMore(InquiryId),
  subjectTag: tags,
  operatorTag: tags,
  hasCase: z.boolean().exactOptional(),
  within: z.array(EntryScope).max(mostScopes).readonly().exactOptional(),
});
export type EntryFilter = Readonly<z.infer<typeof EntryFilter>>;

/** The values of a member; undefined where the filter has none. */
export const valuesOf = <Value extends string>(
  member: Value | readonly Value[] | undefined,
): readonly Value[] | undefined => {
  if (member === undefined) return undefined;
  return typeof member === 'string' ? [member] : member;
};

/** The values of a filter that mean a fact: itself, and of a service also its name without the version. */
export const meaning = (name: string, fact: string): readonly string[] => {
  const version = name === 'service' ? fact.indexOf('@') : -1;
  return version < 0 ? [fact] : [fact, fact.slice(0, version)];
};

const listed = ['id', ...wordColumns, ...tagColumns] as const;

/** The facts that a scope names. A scope that names none holds nothing. */
export const namedIn = (scope: EntryScope): readonly (readonly [WordColumn, string])[] =>
  scopeColumns.flatMap((name) => {
    const value = scope[name];
    return value === undefined ? [] : [[name, value] as const];
  });

const isWithin = (scopes: readonly EntryScope[], facts: EntryFacts): boolean =>
  scopes.some((scope) => {
    const named = namedIn(scope);
    return named.length > 0 && named.every(([name, value]) => facts[name] === value);
  });

export const matches = (filter: EntryFilter, facts: EntryFacts): boolean => {
  const { from = 0, to = Number.POSITIVE_INFINITY, hasCase, within } = filter;
  if (facts.t < from || facts.t >= to) return false;
  if (hasCase !== undefined && facts.hasCase !== hasCase) return false;
  if (within !== undefined && !isWithin(within, facts)) return false;
  return listed.every((name) => {
    const wanted: readonly string[] | undefined = valuesOf<string>(filter[name]);
    const value = facts[name];
    if (wanted === undefined) return true;
    return value !== undefined && meaning(name, value).some((one) => wanted.includes(one));
  });
};
