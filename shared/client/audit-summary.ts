import * as z from 'zod';
import type { JsonValue } from '../kernel/strict-json.ts';
import { type Query, targetOf } from './route.ts';
import { UntrustedReply } from './untrusted-reply.ts';

const count = z.int().min(0);

const Part = z.looseObject({
  from: z.string(),
  until: z.string(),
  n: count,
  summary: z.array(
    z.looseObject({
      by: z.string(),
      counts: z.array(z.looseObject({ value: z.string().nullable(), n: count })),
      rest: z.looseObject({ values: count, n: count }).optional(),
    }),
  ),
  next: z.string().nullish(),
});
type Part = z.infer<typeof Part>;

/** How many entries say something; null where it is not known. */
export type ValueCount = { readonly value: string | null; readonly n: number };

/** How many entries there are by one of their facts. */
export type FactCounts = {
  readonly by: string;
  /** Days and hours in their order, all else by how many there are. */
  readonly counts: readonly ValueCount[];
  /** Entries whose value is not told one by one. */
  readonly rest: number;
};

/** What entries were counted; times are ISO 8601, UTC. */
export type AuditSummary = {
  readonly from: string;
  readonly until: string;
  readonly n: number;
  readonly summary: readonly FactCounts[];
};

/** What is counted, and by which facts: `by`, one to four of them between commas. */
export type SummaryQuestion = Query & { readonly by: string };

const isTime = (by: string): boolean => by === 'day' || by === 'hour';

const byValue = (a: string | null, b: string | null): number => ((a ?? '') < (b ?? '') ? -1 : 1);

/** The counts of several parts as one: what each part told is added. */
const added = (parts: readonly Part[], by: string): FactCounts => {
  const own = parts.flatMap(({ summary }) => summary.filter((one) => one.by === by));
  const counts = new Map<string | null, number>();
  for (const { value, n } of own.flatMap((one) => one.counts)) {
    counts.set(value, (counts.get(value) ?? 0) + n);
  }
  return {
    by,
    counts: [...counts]
      .map(([value, n]) => ({ value, n }))
      .toSorted((a, b) => (isTime(by) ? 0 : b.n - a.n) || byValue(a.value, b.value)),
    rest: own.reduce((sum, { rest }) => sum + (rest?.n ?? 0), 0),
  };
};

/** Values that are told where nothing is said, as the exchange does. */
const usualLimit = 100;

/** The greatest of what was added up: a part tells all of its values, and the whole as many as were asked for. */
const cut = (facts: FactCounts, limit: number): FactCounts => {
  if (isTime(facts.by)) return facts;
  const { counts, rest } = facts;
  const left = counts.slice(limit).reduce((sum, { n }) => sum + n, rest);
  return { ...facts, counts: counts.slice(0, limit), rest: left };
};

/**
 * How many entries a filter means, by some of what they say: part after part until the exchange has
 * counted all, added up. `progress` is told how many were counted so far.
 */
export const followSummary = async (
  read: (target: string) => Promise<JsonValue>,
  question: SummaryQuestion,
  progress: (counted: number) => void = () => undefined,
): Promise<AuditSummary> => {
  const parts: Part[] = [];
  let cursor: string | undefined;
  let n = 0;
  do {
    const query = cursor === undefined ? question : { ...question, cursor };
    const part = Part.safeParse(await read(targetOf('summariseEntries', {}, query)));
    if (!part.success) throw new UntrustedReply('shape', 'This is not a summary of entries.');
    parts.push(part.data);
    n += part.data.n;
    progress(n);
    cursor = part.data.next ?? undefined;
  } while (cursor !== undefined);
  const [first] = parts;
  const limit = Number(question['limit'] ?? usualLimit);
  return {
    from: first?.from ?? '',
    until: first?.until ?? '',
    n,
    summary: question.by.split(',').map((by) => cut(added(parts, by), limit)),
  };
};
