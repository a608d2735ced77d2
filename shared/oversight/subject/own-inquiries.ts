import type { ObjectStore } from '../../audit/ports.ts';
import { publishedSize } from '../../audit/published-leaves.ts';
import { logFiles, readBundle } from '../../audit/sequence/log-files.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import type { Clock } from '../../kernel/clock.ts';
import { type InquiryId, timeOf } from '../../kernel/id.ts';
import { type ConfidentialBases, delayOf } from '../../registry/confidential-bases.ts';
import { indexUnavailable } from '../entries/index-edge.ts';
import type { SubjectRow } from '../feeding/subject-index.ts';
import type { TaggedSubject } from '../tags.ts';
import { type OwnRows, rowsAbout } from './own-rows.ts';
import { type InquiryAbout, saidInLeaf } from './said-in-leaf.ts';

/** What is known of persons, and what they learn later. */
export type OwnInquiries = OwnRows & {
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly bases: ConfidentialBases;
  readonly now: Clock;
};

/** Bundles of the log that are read at once: half a megabyte each where inquiries are usual. */
const readAhead = 8;

const bundleOf = ({ shard, index }: SubjectRow): string =>
  `${shard} ${Math.floor(index / tileWidth)}`;

const saidAt = (row: SubjectRow, leaves: readonly Uint8Array[]): InquiryAbout => {
  const leaf = leaves[row.index % tileWidth];
  const said = leaf === undefined ? undefined : saidInLeaf(leaf);
  if (said?.id !== row.id) {
    throw indexUnavailable('The index of persons names another leaf than the log has.');
  }
  return said;
};

/**
 * What the log says of each row, in the order of the rows. Rejects with `store-unavailable`, and with
 * `index-unavailable` where the log has another inquiry there: nothing is shown for somebody else's.
 */
export const readSaid =
  ({ objects }: Pick<OwnInquiries, 'objects'>) =>
  async (rows: readonly SubjectRow[]): Promise<readonly InquiryAbout[]> => {
    const sizes = new Map<number, Promise<number>>();
    const sizeOf = (shard: number): Promise<number> => {
      const size = sizes.get(shard) ?? publishedSize(objects, shard);
      sizes.set(shard, size);
      return size;
    };
    const said = new Map<string, InquiryAbout>();
    const readGroup = async (group: readonly SubjectRow[]): Promise<void> => {
      const [first] = group;
      if (first === undefined) return;
      const bundle = Math.floor(first.index / tileWidth);
      const width = Math.min(tileWidth, (await sizeOf(first.shard)) - bundle * tileWidth);
      const leaves = await readBundle(logFiles(objects, first.shard), bundle, width);
      for (const row of group) said.set(row.id, saidAt(row, leaves));
    };
    const groups = [...Map.groupBy(rows, bundleOf).values()];
    for (let at = 0; at < groups.length; at += readAhead) {
      await Promise.all(groups.slice(at, at + readAhead).map(readGroup));
    }
    return rows.flatMap(({ id }) => said.get(id) ?? []);
  };

/**
 * The delay of an inquiry, if it has one: by its legal basis, where it was allowed under it, which needs
 * a grant. The basis is the counter's own word; what was denied, or open to everybody, is not delayed.
 */
export const delayIn = (
  bases: ConfidentialBases,
  inquiry: Pick<InquiryAbout, 'basis' | 't' | 'granted'>,
): ReturnType<typeof delayOf> => (inquiry.granted ? delayOf(bases, inquiry) : undefined);

/** Whether the person whom an inquiry is about may not know of it yet. */
export const isHidden = (
  { bases, now }: Pick<OwnInquiries, 'bases' | 'now'>,
  inquiry: Pick<InquiryAbout, 'basis' | 't' | 'granted'>,
): boolean => (delayIn(bases, inquiry)?.until ?? 0) > now();

/** The inquiry of an id, where it is about this person and may be known; undefined for every other. */
export const findOwn =
  (own: OwnInquiries) =>
  async (person: TaggedSubject, id: InquiryId): Promise<InquiryAbout | undefined> => {
    const t = timeOf(id);
    for await (const rows of rowsAbout(own)(person, { from: t, before: t + 1 })) {
      const [said] = await readSaid(own)(rows.filter((row) => row.id === id));
      if (said !== undefined) return isHidden(own, said) ? undefined : said;
    }
    return undefined;
  };
