import { addressOf, type Layout } from '../../audit/address.ts';
import { forgetTags } from '../../audit/index/change-index.ts';
import { storedSegments } from '../../audit/index/segment-source.ts';
import type { JournalStore, ObjectStore } from '../../audit/ports.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { Problem } from '../../kernel/problem.ts';
import type { IndexMarks } from '../feeding/index-marks.ts';
import { putChanges } from '../feeding/index-objects.ts';
import { eraseVaultRows } from '../feeding/vault-objects.ts';

/** An inquiry, and where its leaf stands. */
export type Placed = { readonly shard: number; readonly index: number; readonly id: InquiryId };

/** Where facts and pseudonyms of persons are, but for the subject index. */
export type Places = {
  readonly journal: Pick<JournalStore, 'eraseFacts'>;
  readonly derived: Pick<ObjectStore, 'get' | 'replace'>;
  readonly marks: Pick<IndexMarks, 'read'>;
  readonly layout: Layout;
};

/** Rows of the journal that are emptied at once. */
const atOnce = 16;

/** How often an object of the index is changed anew that others change at the same time. */
const attempts = 16;

const byShard = (entries: readonly Placed[]): readonly (readonly [number, readonly Placed[]])[] => [
  ...Map.groupBy(entries, ({ shard }) => shard),
];

/** Empties the rows of the journal, those that it still has. */
export const eraseInJournal = async (
  { journal, layout }: Pick<Places, 'journal' | 'layout'>,
  ids: readonly InquiryId[],
): Promise<void> => {
  for (let at = 0; at < ids.length; at += atOnce) {
    const some = ids.slice(at, at + atOnce);
    await Promise.all(some.map((id) => journal.eraseFacts(addressOf(id, layout))));
  }
};

/** Erases the rows of the vault. */
export const eraseInVault = async (
  derived: Places['derived'],
  entries: readonly Placed[],
): Promise<void> => {
  for (const [shard, own] of byShard(entries)) {
    const bundles = Map.groupBy(own, ({ index }) => Math.floor(index / tileWidth));
    for (const [bundle, rows] of bundles) {
      const positions = rows.map(({ index }) => index % tileWidth);
      await eraseVaultRows(derived, shard, bundle, positions);
    }
  }
};

/** Whether the index knows these entries. While it is made again it does not. */
export const isIndexed = async (
  marks: Places['marks'],
  entries: readonly Placed[],
): Promise<boolean> => {
  for (const [shard, own] of byShard(entries)) {
    const { size } = await marks.read(shard);
    if (own.some(({ index }) => index >= size)) return false;
  }
  return true;
};

/**
 * Takes the facts of inquiries out of journal and vault; false where the index does not know them yet,
 * and then whoever feeds it may have read them before and write their tags after. So the index is asked
 * when the vault is empty: what is fed from then on is fed from an empty one.
 */
export const eraseFacts = async (
  { journal, derived, marks, layout }: Places,
  entries: readonly Placed[],
): Promise<boolean> => {
  if (!(await isIndexed(marks, entries))) return false;
  const ids = entries.map(({ id }) => id);
  await eraseInJournal({ journal, layout }, ids);
  await eraseInVault(derived, entries);
  return isIndexed(marks, entries);
};

const forgetOnce = async (
  derived: Places['derived'],
  shard: number,
  leaves: ReadonlySet<number>,
): Promise<'written' | 'overtaken'> =>
  putChanges(derived, await forgetTags(storedSegments(derived), shard, leaves));

/** Takes what the index of entries knows of persons out of it, durably once it resolves. */
export const eraseTags = async (
  derived: Places['derived'],
  entries: readonly Placed[],
): Promise<void> => {
  for (const [shard, own] of byShard(entries)) {
    const leaves = new Set(own.map(({ index }) => index));
    let left = attempts;
    while ((await forgetOnce(derived, shard, leaves)) === 'overtaken') {
      left -= 1;
      if (left === 0) {
        throw new Problem('store-unavailable', 'The index changes again and again.', {
          retryAfter: 2,
        });
      }
    }
  }
};
