import * as z from 'zod';
import type { EntryFilter } from '../../audit/index/filter.ts';
import type { Found } from '../../audit/index/walk.ts';

/** A text for those who read English, and for those who read Persian. */
export type Bilingual = { readonly en: string; readonly fa: string };
export type QuestionLanguage = keyof Bilingual;

/** What a question can be asked with, over and above which entries are meant. */
export type Parameter = Bilingual & {
  readonly name: string;
  /** What holds where it is not given. */
  readonly usual: string;
};

/** What is asked of: from ≤ time inside the id < until, in milliseconds since 1970. */
export type Span = { readonly from: number; readonly until: number };

/**
 * Hands over the rows of all entries that are meant, narrowed further by `more` or begun earlier, shard
 * by shard and in the order of each log. The same walk can be done again.
 */
export type WalkEntries = (
  more: Pick<EntryFilter, 'from' | 'effect' | 'operatorTag'>,
  take: (found: Found) => void,
) => Promise<void>;

/** One thing that was found, and why it is told. Nothing in it says who was asked about. */
export type Finding = { readonly why: string } & Readonly<Record<string, unknown>>;

export type Answer = {
  /** The gravest first. */
  readonly findings: readonly Finding[];
  /** Entries that were looked at. */
  readonly n: number;
};

type Asked<Given> = {
  readonly span: Span;
  readonly given: Given;
  readonly language: QuestionLanguage;
  /** Legal bases that are confidential now. */
  readonly confidential: readonly string[];
};

/** A ready-made question, with its own parameters as they are typed. */
export type Question = {
  readonly title: Bilingual;
  /** What is found, and what that does not say. */
  readonly means: Bilingual;
  readonly parameters: readonly Parameter[];
  readonly shape: z.ZodRawShape;
  readonly answer: (
    walk: WalkEntries,
    asked: Asked<Readonly<Record<string, string | undefined>>>,
  ) => Promise<Answer>;
};

type Made<Shape extends z.ZodRawShape> = Omit<Question, 'answer' | 'shape'> & {
  readonly shape: Shape;
  /** A pure function of the columns of the index. */
  readonly answer: (
    walk: WalkEntries,
    asked: Asked<z.infer<z.ZodObject<Shape>>>,
  ) => Promise<Answer>;
};

/** A question of its parameters. */
export const question = <Shape extends z.ZodRawShape>({
  shape,
  answer,
  ...rest
}: Made<Shape>): Question => {
  const own = z.object(shape);
  return {
    ...rest,
    shape,
    answer: (walk, { given, ...asked }) => answer(walk, { ...asked, given: own.parse(given) }),
  };
};
