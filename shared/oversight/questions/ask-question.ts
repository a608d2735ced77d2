import type { EntryFilter } from '../../audit/index/filter.ts';
import { objectsOfStep } from '../../audit/index/walk.ts';
import { walkRows } from '../../audit/index/walk-rows.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import type { ConfidentialBases } from '../../registry/confidential-bases.ts';
import { filterOf } from '../entries/audit-filter.ts';
import { demandFresh, overIndex, reachesOfTime, readEdge } from '../entries/index-edge.ts';
import { indexFilter } from '../entries/index-filter.ts';
import type { SummaryParts } from '../entries/summarise-entries.ts';
import { narrowedFor } from '../reader-scope.ts';
import type { Finding, QuestionLanguage, WalkEntries } from './question.ts';
import type { QuestionQuery } from './question-query.ts';

/** What one question may ask of the index: about two million entries, where they fill it. */
const objectsPerQuestion = 512;

/** What a question came to. */
export type QuestionAnswer = {
  readonly question: string;
  /** ISO 8601, UTC: from ≤ the time inside the id < until was looked at. The index ends at `until` at the latest. */
  readonly from: string;
  readonly until: string;
  /** Entries that were looked at. */
  readonly n: number;
  readonly findings: readonly Finding[];
  /** How many findings are not told, where there are more than were asked for. */
  readonly rest?: number;
};

export type QuestionParts = Omit<SummaryParts, 'cursorKey' | 'random'> & {
  readonly confidentialBases: ConfidentialBases;
};

/** What is put on record of a question: its name, what was given, and which entries were meant. */
export const questionFilter = ({ name, query, given }: QuestionQuery): JsonObject => ({
  ...filterOf(query),
  ...given,
  question: name,
});

const tooMuch = (): Problem =>
  new Problem(
    'invalid-query',
    'This would look at more than one answer may. Ask of a shorter time, or of one counter, agency or province; or export the entries.',
  );

/** What both filters mean; undefined where they exclude each other. */
const narrowedBy = (filter: EntryFilter, more: Parameters<WalkEntries>[0]) => {
  const { effect = more.effect, operatorTag = more.operatorTag } = filter;
  if (more.effect !== undefined && effect !== more.effect) return undefined;
  return {
    ...filter,
    ...more,
    ...(effect !== undefined && { effect }),
    ...(operatorTag !== undefined && { operatorTag }),
  };
};

/**
 * Answers a ready-made question (`GET /v1/audit/questions/{name}`) from the index: of what `reader` may
 * see, and as a whole or not at all. Throws `invalid-query` where it is too much, and the problems that
 * `listEntries` throws.
 */
export const askQuestion =
  (parts: QuestionParts) =>
  async (
    { name, question, query, given }: QuestionQuery,
    reader: string,
    language: QuestionLanguage,
  ): Promise<QuestionAnswer> => {
    const edge = await readEdge(parts);
    const { from, to, limit } = query;
    const narrowed = await narrowedFor(parts.directory)(query, reader, edge.until);
    await demandFresh(parts, edge, to);
    const filter = indexFilter(narrowed, edge.until);
    const walk: WalkEntries = async (more, take) => {
      const meant = narrowedBy(filter, more);
      if (meant === undefined) return;
      const { more: isMore } = await walkRows(
        {
          segments: parts.index,
          shards: await reachesOfTime(parts.index, edge.reaches, meant),
          filter: meant,
          mostObjects: Math.max(objectsPerQuestion, objectsOfStep * parts.shards),
        },
        take,
      );
      if (isMore) throw tooMuch();
    };
    const span = { from, until: Math.max(from, Math.min(to, edge.until)) };
    const confidential = Object.keys(parts.confidentialBases);
    const { findings, n } = await overIndex(() =>
      question.answer(walk, { span, given, language, confidential }),
    );
    const rest = findings.length - limit;
    return {
      question: name,
      from: toRfc3339(span.from),
      until: toRfc3339(span.until),
      n,
      findings: findings.slice(0, limit),
      ...(rest > 0 && { rest }),
    };
  };
