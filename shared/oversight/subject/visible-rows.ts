import { longestDelay } from '../../registry/confidential-bases.ts';
import type { SubjectRow } from '../feeding/subject-index.ts';
import type { TaggedSubject } from '../tags.ts';
import { isHidden, type OwnInquiries, readSaid } from './own-inquiries.ts';
import { isBehind, type RowPlace, type RowTimes, rowsAbout } from './own-rows.ts';
import type { InquiryAbout } from './said-in-leaf.ts';

/** An inquiry that its person may know of; with what its leaf says, where that had to be looked at. */
export type VisibleRow = { readonly row: SubjectRow; readonly said?: InquiryAbout };

/** What came of some rows; perhaps none of them may be known. */
export type LookedAt = {
  readonly visible: readonly VisibleRow[];
  /** How many leaves were read for it: of each row that may be hidden. */
  readonly looked: number;
  /** The last of them. */
  readonly last: RowPlace;
};

/**
 * Looks at the rows about a person, newest first, behind a place if one is given. Rows of the time of
 * the longest delay may be hidden: so many of those are looked at at once as `atOnce` says. The others
 * are visible as they are. Rejects as `readSaid` does.
 */
export const visibleRows = (own: OwnInquiries) =>
  async function* (
    person: TaggedSubject,
    times: RowTimes & { readonly place?: RowPlace | undefined; readonly atOnce: number },
  ): AsyncGenerator<LookedAt, void, undefined> {
    const { place, atOnce } = times;
    const mayHideSince = own.now() - longestDelay(own.bases);
    const look = async (rows: readonly SubjectRow[]): Promise<readonly VisibleRow[]> => {
      const said = await readSaid(own)(rows);
      return said.flatMap((one, n) => {
        const row = rows[n];
        return row === undefined || isHidden(own, one) ? [] : [{ row, said: one }];
      });
    };
    for await (const page of rowsAbout(own)(person, times)) {
      const left = place === undefined ? page : page.filter((row) => isBehind(row, place));
      const [recent, old] = [
        left.filter(({ t }) => t > mayHideSince),
        left.filter(({ t }) => t <= mayHideSince),
      ];
      for (let at = 0; at < recent.length; at += atOnce) {
        const rows = recent.slice(at, at + atOnce);
        const last = rows.at(-1);
        if (last !== undefined) yield { visible: await look(rows), looked: rows.length, last };
      }
      const last = old.at(-1);
      if (last !== undefined) yield { visible: old.map((row) => ({ row })), looked: 0, last };
    }
  };

/** What the leaves of visible rows say: of those that were looked at it is known. */
export const saidOf =
  (own: OwnInquiries) =>
  async (rows: readonly VisibleRow[]): Promise<readonly InquiryAbout[]> => {
    const unread = rows.filter(({ said }) => said === undefined).map(({ row }) => row);
    const read = new Map((await readSaid(own)(unread)).map((one) => [one.id, one]));
    return rows.flatMap(({ row, said }) => said ?? read.get(row.id) ?? []);
  };
