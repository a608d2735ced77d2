import { toBase64Url } from '../../kernel/bytes.ts';
import { lazily, openBlocks } from './blocks.ts';
import { type EntryFacts, latestTime } from './entry-facts.ts';
import { type TagColumn, type WordColumn, wordColumns } from './filter.ts';
import { idText, openIds, openTags } from './fixed.ts';
import { IndexInvalid } from './index-invalid.ts';
import type { RowGroup } from './row-group.ts';
import { type Cover, segmentBlockCount, segmentBlocks, segmentWidth } from './segment-form.ts';
import { readDeltas, readVarints } from './varints.ts';
import { openWords } from './words.ts';

/** A segment; its rows are one group. */
export type Segment = Cover & RowGroup;

const indexesOf = (gaps: Float64Array, { n, width }: Cover): Float64Array => {
  let next = n * segmentWidth;
  const end = next + width;
  return gaps.map((gap) => {
    const index = next + gap;
    if (index >= end) throw new IndexInvalid('A row stands outside its segment.');
    next = index + 1;
    return index;
  });
};

const casesOf = (block: Uint8Array, count: number): Uint8Array => {
  if (block.length !== count || block.some((byte) => byte > 2)) {
    throw new IndexInvalid('A column of the index is not right.');
  }
  return block;
};

/** Opens what `encodeSegment` made. */
export const openSegment = (bytes: Uint8Array): Segment => {
  const blocks = openBlocks('segment', segmentBlockCount, bytes);
  const [shard = 0, n = 0, width = 0, count = 0] = readVarints(blocks(segmentBlocks.head), 4);
  if (width < 1 || width > segmentWidth || count > width || n > 2 ** 40) {
    throw new IndexInvalid('A segment says of itself what cannot be.');
  }
  const cover = { shard, n, width };
  const opened = new Map(
    wordColumns.map((name, at) => [
      name,
      lazily(() => openWords(blocks, segmentBlocks.words + 2 * at, count)),
    ]),
  );
  return {
    ...cover,
    count,
    indexes: lazily(() => indexesOf(readVarints(blocks(segmentBlocks.gaps), count), cover)),
    times: lazily(() => readDeltas(blocks(segmentBlocks.times), count, latestTime)),
    ids: lazily(() => openIds(blocks(segmentBlocks.ids), count)),
    tags: {
      subjectTag: lazily(() => openTags(blocks(segmentBlocks.subjectTag), count)),
      operatorTag: lazily(() => openTags(blocks(segmentBlocks.operatorTag), count)),
    },
    cases: lazily(() => casesOf(blocks(segmentBlocks.cases), count)),
    words: (column) => {
      const words = opened.get(column);
      if (words === undefined) throw new IndexInvalid('There is no such column.');
      return words();
    },
    numbers: {
      seq: lazily(() => readVarints(blocks(segmentBlocks.seqs), count)),
      ms: lazily(() => readVarints(blocks(segmentBlocks.tookMs), count)),
      answer: lazily(() => readVarints(blocks(segmentBlocks.answers), count)),
    },
  };
};

/** The facts of one row. */
export const factsAt = (segment: RowGroup, row: number): EntryFacts => {
  if (!(row >= 0 && row < segment.count)) throw new RangeError('A segment has no such row.');
  const word = (column: WordColumn): string | undefined => {
    const { words, codes } = segment.words(column);
    return words()[(codes()[row] ?? 0) - 1];
  };
  const known = (column: WordColumn): string => {
    const value = word(column);
    if (value === undefined) throw new IndexInvalid('A row lacks a fact.');
    return value;
  };
  const tag = (column: TagColumn) => segment.tags[column]().at(row);
  const [by, province] = [word('by'), word('province')];
  const [subject, operator] = [tag('subjectTag'), tag('operatorTag')];
  const hasCase = segment.cases()[row] ?? 0;
  const answer = segment.numbers.answer()[row] ?? 0;
  return {
    shard: segment.shard,
    index: segment.indexes()[row] ?? 0,
    id: idText(segment.ids().at(row) ?? new Uint8Array()),
    t: segment.times()[row] ?? 0,
    counter: known('counter'),
    ...(by !== undefined && { by }),
    agency: known('agency'),
    service: known('service'),
    purpose: known('purpose'),
    basis: known('basis'),
    station: known('station'),
    presence: known('presence'),
    seq: segment.numbers.seq()[row] ?? 0,
    effect: known('effect'),
    rule: known('rule'),
    outcome: known('outcome'),
    ms: segment.numbers.ms()[row] ?? 0,
    ...(answer > 0 && { answer }),
    ...(province !== undefined && { province }),
    ...(subject !== undefined && { subjectTag: toBase64Url(subject) }),
    ...(operator !== undefined && { operatorTag: toBase64Url(operator) }),
    ...(hasCase > 0 && { hasCase: hasCase === 2 }),
  };
};
