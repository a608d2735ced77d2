import type { Census } from '../../audit/census/census.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { publishedSize } from '../../audit/published-leaves.ts';
import type { ChangeRecording } from '../../registry/record-change.ts';
import type { IndexMarks } from '../feeding/index-marks.ts';
import { setIndexBack } from '../feeding/set-index-back.ts';
import { newCensusId, recordCensus } from './census-leaf.ts';
import type { CensusMark, CensusMarks } from './census-marks.ts';
import { countIndex, countLeaves } from './count-leaves.ts';

/** The most leaves that one census counts. */
export const mostCounted = 262_144;

/** What censuses are taken with. */
export type CensusParts = ChangeRecording & {
  /** The published log. */
  readonly objects: Pick<ObjectStore, 'get'>;
  /** The index of entries, and how far it knows each log. */
  readonly derived: Pick<ObjectStore, 'get'>;
  readonly marks: IndexMarks;
  readonly censuses: CensusMarks;
};

/** What a step came to: a census of leaves is on record, or the index was compared with it. */
export type CensusStep =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'taken'; readonly from: number; readonly to: number; readonly n: number }
  | {
      readonly kind: 'compared';
      readonly from: number;
      readonly to: number;
      readonly same: boolean;
    };

type Stretch = Pick<CensusMark, 'from' | 'to'>;

const sameStretch = (a: Stretch | undefined, b: Stretch): boolean =>
  a?.from === b.from && a.to === b.to;

/**
 * Counts a log, census after census, without a gap; each call takes a step. Which leaves one counts is
 * kept first, with the id that its leaf will have; then the leaf is put into the journal, and then it is
 * kept that it is there. The index is compared with the log when it knows these leaves, from where it was
 * compared last, however many censuses were taken since, and set back where it differs. What breaks off is
 * finished by the next call: no leaf of the log is left out, and none counted twice but where the time of an
 * id ran out before anybody knew. A stretch without an inquiry waits for one, so that a census is not all
 * that the next one counts. Rejects with `FeedStopped` at a bundle that cannot be read, and with
 * `store-unavailable`.
 */
export const takeCensus = (parts: CensusParts, shard: number): (() => Promise<CensusStep>) => {
  const { objects, censuses, marks } = parts;
  let known: (Stretch & { readonly census: Census }) | undefined;

  const counted = async (size: number, { from, to }: Stretch): Promise<Census> => {
    if (known !== undefined && sameStretch(known, { from, to })) return known.census;
    const census = await countLeaves(objects, size, { shard, from, to });
    known = { from, to, census };
    return census;
  };

  const swapped = async (from: CensusMark | undefined, to: CensusMark): Promise<CensusMark> => {
    const answer = await censuses.swap(shard, from, to);
    if (answer === 'written') return to;
    if (answer.standing === undefined) throw new Error('The mark of a census is gone.');
    return answer.standing;
  };

  const compare = async (size: number, mark: CensusMark): Promise<CensusStep> => {
    const from = mark.compared;
    const to = Math.min(mark.to, from + mostCounted);
    const census = await counted(size, { from, to });
    const said = await countIndex(parts, { shard, from, to });
    const same = said?.root === census.root;
    if (!same) await setIndexBack(parts, shard, { from, published: size });
    const state = to === mark.to ? 'compared' : mark.state;
    await swapped(mark, { ...mark, compared: to, state });
    return { kind: 'compared', from, to, same };
  };

  const finish = async (size: number, begun: CensusMark): Promise<CensusStep> => {
    const census = await counted(size, begun);
    let mark = begun;
    while (mark.state === 'begun' && sameStretch(mark, begun)) {
      const isOnRecord = await recordCensus(parts, shard, mark, census);
      mark = await swapped(
        mark,
        isOnRecord ? { ...mark, state: 'recorded' } : { ...mark, leaf: newCensusId(parts, shard) },
      );
    }
    return { kind: 'taken', from: begun.from, to: begun.to, n: census.n };
  };

  return async () => {
    const size = await publishedSize(objects, shard);
    const last = await censuses.read(shard);
    if (last?.state === 'begun') return finish(size, last);
    const isKnown = last?.state === 'recorded' && (await marks.read(shard)).size >= last.to;
    if (isKnown) return compare(size, last);
    const from = last?.to ?? 0;
    const to = Math.min(size, from + mostCounted);
    if (from >= to) return { kind: 'nothing' };
    const { n } = await counted(size, { from, to });
    if (n === 0 && to - from < mostCounted) return { kind: 'nothing' };
    const leaf = newCensusId(parts, shard);
    const compared = last?.compared ?? 0;
    const begun = await swapped(last, { from, to, leaf, compared, state: 'begun' });
    return begun.state === 'begun' ? finish(size, begun) : { kind: 'nothing' };
  };
};
