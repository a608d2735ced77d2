import { forgetTags, growIndex, type IndexChange } from '#shared/audit/index/change-index.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import type { FilledIndex } from './index-fill.ts';
import { type Cost, costed, middleCost, rounds } from './index-pages.ts';

/** What a change of an index costs until its objects are made, and what is to be put. */
export type ChangeCost = {
  readonly name: string;
  readonly cost: Cost;
  readonly objects: number;
  readonly bytes: number;
};

const costOf = async (
  name: string,
  change: () => Promise<readonly IndexChange[]>,
): Promise<ChangeCost> => {
  // The first warms up and is not counted.
  await change();
  const samples: Cost[] = [];
  let [objects, bytes] = [0, 0];
  for (let round = 0; round < rounds; round += 1) {
    const { cost, result } = await costed(change);
    samples.push(cost);
    objects = result.length;
    bytes = result.reduce((sum, one) => sum + one.bytes.length, 0);
  }
  return { name, cost: middleCost(samples), objects, bytes };
};

/** The last leaves of the last whole segment are put again, and the tags of one leaf taken out. */
export const measureChanges = async (index: FilledIndex): Promise<readonly ChangeCost[]> => {
  const n = Math.floor(index.size / segmentWidth) - 1;
  const bytes = await index.source.segment(0, n);
  if (bytes === undefined) throw new Error('The bench has no whole segment.');
  const facts = factsIn(openSegment(bytes));
  const to = (n + 1) * segmentWidth;
  const grow = (leaves: number) => () =>
    growIndex(index.source, { shard: 0, from: to - leaves, to }, facts.slice(-leaves));
  return [
    await costOf('60 leaves more, the segment then whole', grow(60)),
    await costOf('4,096 leaves more', grow(segmentWidth)),
    await costOf('the tags of one leaf taken out', () =>
      forgetTags(index.source, 0, new Set([to - 9])),
    ),
  ];
};
