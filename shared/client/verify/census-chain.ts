import type { CensusTaken } from '#events/census-taken.ts';
import { bucketOf } from '../../audit/address.ts';
import { InquiryId, timeOf } from '../../kernel/id.ts';
import type { Finding } from './findings.ts';
import { rowFault } from './row-reader.ts';

/** Leaves of one log, from one up to and without another. */
export type Stretch = { readonly from: number; readonly to: number };

/** Watches whether the censuses of a range follow each other without a gap. */
export type CensusChain = {
  /** Takes the time inside the id of a row, late or not: the log goes on up to there at least. */
  readonly reached: (time: number) => void;
  /** Takes the census of a row, whatever it counts. */
  readonly take: (index: number, census: CensusTaken) => void;
  /** Tells of each census that a later one shows to be missing. */
  readonly finish: (found: (finding: Finding) => void) => void;
};

type Link = Stretch & { readonly index: number; readonly bucket: number };

/** What is left of a range by stretches that may overlap. */
export const leftOf = (range: Stretch, stretches: readonly Stretch[]): readonly Stretch[] => {
  const left: Stretch[] = [];
  let at = range.from;
  for (const one of stretches.toSorted((a, b) => a.from - b.from)) {
    if (one.from > at) left.push({ from: at, to: Math.min(one.from, range.to) });
    at = Math.max(at, one.to);
  }
  if (at < range.to) left.push({ from: at, to: range.to });
  return left;
};

/** The same leaves, in stretches that do not touch each other. */
export const joined = (stretches: readonly Stretch[]): readonly Stretch[] => {
  const all: Stretch[] = [];
  for (const one of stretches.toSorted((a, b) => a.from - b.from)) {
    const last = all.at(-1);
    if (last === undefined || one.from > last.to) all.push(one);
    else all[all.length - 1] = { from: last.from, to: Math.max(last.to, one.to) };
  }
  return all;
};

/**
 * A census begins at leaf 0 or where another one ended, which was on record, and in time, before this one
 * was begun (oversight/census). So it stands behind what it counts and in no later bucket than whoever goes
 * on from it: of a census that begins inside of a range, the one before is inside too. The slots of a
 * bucket follow a secret order and clocks differ, so nothing is said of a census in the last two buckets.
 */
export const censusChain = (range: Stretch): CensusChain => {
  const links: Link[] = [];
  let latest = -1;
  return {
    reached: (time) => {
      latest = Math.max(latest, bucketOf(time));
    },
    take: (index, { id, from, to }) => {
      const parsed = InquiryId.safeParse(id).data;
      if (parsed === undefined || from > to || to > index) return;
      links.push({ index, from, to, bucket: bucketOf(timeOf(parsed)) });
    },
    finish: (found) => {
      let at = range.from;
      for (const link of links.toSorted((a, b) => a.from - b.from || a.to - b.to)) {
        if (link.from > at && latest > link.bucket + 1) {
          const stretch = `leaves ${at} up to and without ${link.from}`;
          const detail = `No census counts ${stretch}, and this one goes on from there.`;
          found(rowFault('census', 'census-missing', link.index, detail));
        }
        at = Math.max(at, link.to);
      }
    },
  };
};
