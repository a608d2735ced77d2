import type { SecretKey } from '../../kernel/bytes.ts';
import { compareRows, type SubjectIndex, type SubjectRow } from '../feeding/subject-index.ts';
import { subjectTag, type TaggedSubject, tagYears } from '../tags.ts';

/** Where the rows about persons are, and the key of their pseudonyms. */
export type OwnRows = {
  readonly subjects: Pick<SubjectIndex, 'list'>;
  readonly tagKey: SecretKey;
};

/** Of which times rows are wanted: `from` ≤ t < `before`, in milliseconds since 1970. */
export type RowTimes = { readonly from: number; readonly before: number };

/** A row's place among those of one person, whichever year's pseudonym it has. */
export type RowPlace = Pick<SubjectRow, 't' | 'shard' | 'index'>;

/** Rows that are asked for at once. */
const pageSize = 200;

/** Everything that is known about a person in a time, newest first, page by page. Rejects with `store-unavailable`. */
export const rowsAbout = ({ subjects, tagKey }: OwnRows) =>
  async function* (
    person: TaggedSubject,
    { from, before }: RowTimes,
  ): AsyncGenerator<readonly SubjectRow[], void, undefined> {
    for (const year of from < before ? tagYears(from, before - 1) : []) {
      const tag = subjectTag(tagKey, year, person);
      let end = before;
      for (let more = true; more; ) {
        const page = await subjects.list(tag, { before: end, limit: pageSize });
        yield page.rows.filter(({ t }) => t >= from);
        const oldest = page.rows.at(-1);
        more = page.more && oldest !== undefined && oldest.t > from;
        end = oldest?.t ?? end;
      }
    }
  };

/** Whether a row comes behind a place, newest first. */
export const isBehind = (row: SubjectRow, place: RowPlace): boolean =>
  compareRows(row, { ...row, ...place }) > 0;
