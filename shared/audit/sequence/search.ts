import * as z from 'zod';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import { bucketOf } from '../address.ts';
import { tileWidth } from '../tlog/tree.ts';
import { LogFileMissing, type LogFiles, readBundle } from './log-files.ts';

/** What an entry of the log is found by. */
export type Stamp = {
  readonly index: number;
  readonly kind: string;
  readonly id: string;
  /** The bucket of its id; undefined for an entry out of that order: late ones and their notices. */
  readonly bucket: number | undefined;
};

const FirstLine = z.looseObject({ k: z.string(), id: z.string().optional() });

/** The kind and id that a leaf says it is. Its first line is enough. */
export const leafStamp = (data: Uint8Array): { readonly kind: string; readonly id: string } => {
  const end = data.indexOf(0x0a);
  const json: unknown = JSON.parse(Buffer.from(data.subarray(0, end)).toString('utf8'));
  const { k, id } = FirstLine.parse(json);
  return { kind: k, id: id ?? '' };
};

/** Tells the leaves under one id apart: that of its inquiry, and a record of its own. */
export const leafName = (kind: string, id: string): string => (kind === 'i' ? id : `${id}#r`);

/** The bucket of an id, or of a name that begins with one. */
export const bucketOfId = (id: string): number =>
  bucketOf(timeOf(InquiryId.parse(id.slice(0, 36))));

/** Finds entries in the log by the log alone: its leaves stand in the order of their buckets. */
export type LogSearch = {
  /** The names ({@link leafName}) of a bucket's entries that were not late. */
  readonly namesOfBucket: (bucket: number) => Promise<ReadonlySet<string>>;
  /** The index of an entry that was not late; undefined when it is not in the log. */
  readonly find: (id: string) => Promise<number | undefined>;
  /** The first bundle that reaches a bucket; behind the last one where none does. */
  readonly bundleOf: (bucket: number) => Promise<number>;
  /** The last bucket of which there is an entry; undefined when there is none. */
  readonly lastBucket: () => Promise<number | undefined>;
};

/** A leaf by itself, before it is known whether the next one calls it late. */
type RawStamp = Pick<Stamp, 'kind' | 'id' | 'bucket'>;

/** Bundles kept in memory: neighbouring buckets lie in the same ones. */
const keptBundles = 64;

/** Searches the first `size` entries of a log: about log2(size / 256) bundles are read. */
export const logSearch = (files: LogFiles, size: number): LogSearch => {
  const count = Math.ceil(size / tileWidth);
  const kept = new Map<number, Promise<readonly RawStamp[]>>();

  const readStamps = async (index: number) => {
    const width = Math.min(tileWidth, size - index * tileWidth);
    const entries = await readBundle(files, index, width);
    try {
      return entries.map((data): RawStamp => {
        const { kind, id } = leafStamp(data);
        const bucket = kind === 'late' || id === '' ? undefined : bucketOfId(id);
        return { kind, id, bucket };
      });
    } catch (cause) {
      throw new LogFileMissing('An entry bundle holds what is no leaf.', { cause });
    }
  };
  const rawStamps = (index: number) => {
    const standing = kept.get(index);
    if (standing !== undefined) return standing;
    if (kept.size >= keptBundles) kept.delete(kept.keys().next().value ?? 0);
    const reading = readStamps(index);
    kept.set(index, reading);
    reading.catch(() => kept.delete(index));
    return reading;
  };

  /** An entry is late when the next one says so, which may stand in the next bundle. */
  const stampsOf = async (index: number): Promise<readonly Stamp[]> => {
    const stamps = await rawStamps(index);
    const following = index + 1 < count ? (await rawStamps(index + 1))[0] : undefined;
    return stamps.map((stamp, n) => {
      const next = stamps[n + 1] ?? following;
      const late = next?.kind === 'late' && next.id === stamp.id;
      const bucket = late ? undefined : stamp.bucket;
      return { ...stamp, index: index * tileWidth + n, bucket };
    });
  };

  /** The last bucket up to the end of a bundle; bundles without any of their own look back. */
  const reach = async (index: number): Promise<number> => {
    for (let at = index; at >= 0; at -= 1) {
      const last = (await stampsOf(at)).findLast(({ bucket }) => bucket !== undefined);
      if (last?.bucket !== undefined) return last.bucket;
    }
    return Number.NEGATIVE_INFINITY;
  };

  /** The first bundle that reaches a bucket. */
  const firstReaching = async (bucket: number): Promise<number> => {
    let [low, high] = [0, count];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((await reach(middle)) >= bucket) high = middle;
      else low = middle + 1;
    }
    return low;
  };

  const entriesOf = async (bucket: number): Promise<readonly Stamp[]> => {
    const found: Stamp[] = [];
    for (let index = await firstReaching(bucket); index < count; index += 1) {
      const stamps = await stampsOf(index);
      found.push(...stamps.filter((stamp) => stamp.bucket === bucket));
      if (stamps.some((stamp) => stamp.bucket !== undefined && stamp.bucket > bucket)) break;
    }
    return found;
  };

  return {
    namesOfBucket: async (bucket) =>
      new Set((await entriesOf(bucket)).map(({ kind, id }) => leafName(kind, id))),
    find: async (id) => {
      const bucket = bucketOfId(id);
      return (await entriesOf(bucket)).find((stamp) => stamp.id === id)?.index;
    },
    bundleOf: firstReaching,
    lastBucket: async () => {
      const last = await reach(count - 1);
      return Number.isFinite(last) ? last : undefined;
    },
  };
};
