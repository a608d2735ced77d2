import type { SecretKey } from '../../kernel/bytes.ts';
import type { BareRow, SubjectIndex, SubjectRow } from '../feeding/subject-index.ts';
import { subjectTag, taggedSubject } from '../tags.ts';
import type { Sealed } from './erasure-state.ts';

/** Rows that are erased in one step. */
const pageSize = 32;

/** No exchange has an inquiry from before. */
const firstYear = 2025;

/** Rows, and where those behind them are. */
export type NextRows = Pick<Sealed, 'at'> & { readonly rows: readonly BareRow[] };

const bare = ({ tag, t, shard, index, id }: SubjectRow): BareRow => ({ tag, t, shard, index, id });

/**
 * The next rows of a subject before a time, newest first, under the pseudonyms of all years; undefined
 * where there are no more.
 */
export const nextRows = async (
  {
    subjects,
    subjectKey,
  }: { readonly subjects: Pick<SubjectIndex, 'list'>; readonly subjectKey: SecretKey },
  { subject, at }: Pick<Sealed, 'subject' | 'at'>,
  end: number,
): Promise<NextRows | undefined> => {
  let { before } = at;
  for (let { year } = at; year >= firstYear; year -= 1) {
    const tag = subjectTag(subjectKey, year, taggedSubject(subject));
    const { rows, more } = await subjects.list(tag, { before, limit: pageSize });
    const last = rows.at(-1);
    if (last !== undefined) {
      const next = more ? { year, before: last.t } : { year: year - 1, before: end };
      return { at: next, rows: rows.map(bare) };
    }
    before = end;
  }
  return undefined;
};
