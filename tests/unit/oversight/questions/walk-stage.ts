/** Facts as columns that a question can be asked of, in two logs. */
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { matches } from '#shared/audit/index/filter.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { Answer, Question, WalkEntries } from '#shared/oversight/questions/question.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { factsOf, segmentOf } from '../../audit/index/sample-facts.ts';

/** A pseudonym that says its number. */
export const tag = (n: number): string => {
  const bytes = Buffer.alloc(12);
  bytes.writeUInt32BE(n, 8);
  return toBase64Url(bytes);
};

export const at = (text: string): number => Date.parse(text);

/** Facts of one inquiry at a time. */
export type Made = Omit<Partial<EntryFacts>, 'index' | 'shard'> & { readonly t: number };

/** Hands over facts by turns in one log and the other, those of a span only. */
export const walkOf = (
  made: readonly Made[],
  span: { readonly from: number; readonly until: number },
): WalkEntries => {
  const logs = [0, 1].map((shard) => {
    const own = made.filter((_, n) => n % 2 === shard).toSorted((a, b) => a.t - b.t);
    const facts = own.map((one, index) =>
      factsOf({ ...one, shard, index, id: InquiryId.parse(inquiryIdAt(one.t)) }),
    );
    return { facts, group: segmentOf(facts, { shard }) };
  });
  return async (more, take) => {
    const filter = { from: span.from, to: span.until, ...more };
    for (const { facts, group } of logs) {
      const rows = facts.flatMap((one, row) => (matches(filter, one) ? [row] : []));
      if (rows.length > 0) take({ group, rows: Uint32Array.from(rows) });
    }
  };
};

/** What a question comes to over some facts. */
export const answerOf = (
  { answer }: Question,
  made: readonly Made[],
  {
    given = {},
    language = 'en',
    confidential = [],
    ...span
  }: {
    readonly from: number;
    readonly until: number;
    readonly given?: Readonly<Record<string, string>>;
    readonly language?: 'en' | 'fa';
    readonly confidential?: readonly string[];
  },
): Promise<Answer> => answer(walkOf(made, span), { span, given, language, confidential });
