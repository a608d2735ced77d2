import { cutParts, type ExportParts, lengthOf } from './export-parts.ts';
import { sumOver } from './export-state.ts';

/** What came of writing: how many parts, their bytes, and the sum over their marks. */
export type Written = { readonly count: number; readonly bytes: number; readonly sum: string };

/** Cuts pieces into parts, and keeps them under the names `<section>/<n>` from `first` on. */
export type WriteParts = (
  section: string,
  first: number,
  sum: string,
  pieces: AsyncIterable<Uint8Array>,
) => Promise<Written>;

/** Writes parts one after another, each while the next one is made. */
export const writeParts =
  ({ put }: Pick<ExportParts, 'put'>, most: number): WriteParts =>
  async (section, first, sum, pieces) => {
    let writing = Promise.resolve({ count: 0, bytes: 0, sum });
    for await (const part of cutParts(pieces, most)) {
      const { count, bytes, sum: before } = await writing;
      const next = put(`${section}/${first + count}`, part).then((mark) => ({
        count: count + 1,
        bytes: bytes + lengthOf(part),
        sum: sumOver(before, mark),
      }));
      // Where making the next part fails first, nobody asks any more what became of this one.
      next.catch(() => undefined);
      writing = next;
    }
    return writing;
  };
