import type { Position } from '../../audit/index/query.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { Narrowed } from '../../registry/scope.ts';
import type { AuditEntry } from '../entries/audit-entry.ts';
import type { Edge } from '../entries/index-edge.ts';
import { indexFilter } from '../entries/index-filter.ts';
import { type IndexParts, indexPart } from '../entries/index-part.ts';
import { operatorTag, tagYears } from '../tags.ts';

/** Who sat at a counter's desk, by the name that the counter gave. */
export type Operator = { readonly counter: string; readonly name: string };

/** A pseudonym of an operator, as entries show it. */
export type Pseudonym = { readonly year: number; readonly operator: string };

/** The pseudonyms of an operator in the years of a time, newest first. */
const pseudonymsOf = (
  subjectKey: SecretKey,
  { counter, name }: Operator,
  { from, to }: { readonly from: number; readonly to: number },
): readonly Pseudonym[] =>
  tagYears(from, to - 1).map((year) => ({
    year,
    operator: operatorTag(subjectKey, year, counter, name),
  }));

export type OperatorParts = IndexParts & { readonly subjectKey: SecretKey };

export type OperatorAsked = {
  readonly operator: Operator;
  /** From ≤ time inside the id < to; of what its reader may see. */
  readonly query: Narrowed<{ readonly from: number; readonly to: number }>;
  readonly limit: number;
  readonly after: Position | undefined;
};

/** Entries, the newest first, and where to go on; absent at the end. */
export type OperatorPage = {
  readonly entries: readonly AuditEntry[];
  readonly pseudonyms: readonly Pseudonym[];
  readonly next?: Position;
};

/**
 * The entries of a counter at whose desk an operator sat, as far as the index of entries knows the logs,
 * and the pseudonyms that these are found by. Rejects with `index-unavailable` and `store-unavailable`.
 */
export const operatorEntries =
  (parts: OperatorParts) =>
  async (
    { reaches }: Pick<Edge, 'reaches'>,
    { operator, query, limit, after }: OperatorAsked,
  ): Promise<OperatorPage> => {
    const pseudonyms = pseudonymsOf(parts.subjectKey, operator, query);
    const { entries, position, more } = await indexPart(parts)({
      filter: {
        ...indexFilter({ ...query, counter: operator.counter }, query.to),
        operatorTag: pseudonyms.map((one) => one.operator),
      },
      order: 'newest',
      reaches,
      after,
      limit,
      withTexts: false,
    });
    return { entries, pseudonyms, ...(more && { next: position }) };
  };
