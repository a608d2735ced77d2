import { lazily, openBlocks } from './blocks.ts';
import { type EntryFacts, latestTime } from './entry-facts.ts';
import { type WordColumn, wordColumns } from './filter.ts';
import { openIds } from './ids.ts';
import { IndexInvalid } from './index-invalid.ts';
import { openInts, readInts } from './ints.ts';
import type { RowGroup } from './row-group.ts';
import {
  type Cover,
  segmentBlockCount,
  segmentBlocks,
  segmentWidth,
  wordBlocks,
} from './segment-form.ts';
import { openTags } from './tags.ts';
import { openWords, type Words } from './words.ts';

/** A segment; its rows are one group. */
export type Segment = Cover & RowGroup;

type Draft = { -readonly [Name in keyof EntryFacts]: EntryFacts[Name] };

/** Opens what `encodeSegment` made; throws {@link IndexInvalid}, at the latest when it is used. */
export const openSegment = (bytes: Uint8Array): Segment => {
  const blocks = openBlocks('segment', segmentBlockCount, bytes);
  const head = readInts(blocks(segmentBlocks.head), 4 + wordColumns.length);
  const [shard = 0, n = 0, width = 0, count = 0, ...wordCounts] = head;
  if (width < 1 || width > segmentWidth || count > width || n > 2 ** 40) {
    throw new IndexInvalid('A segment says of itself what cannot be.');
  }
  const ints = (block: number, most: number) => lazily(() => openInts(blocks(block), count, most));
  const whole = (of: ReturnType<typeof ints>) => lazily(() => of().into(new Float64Array(count)));
  const safe = Number.MAX_SAFE_INTEGER;
  const skipped = ints(segmentBlocks.skipped, width - count);
  const times = ints(segmentBlocks.times, latestTime);
  const cases = ints(segmentBlocks.cases, 2);
  const seqs = ints(segmentBlocks.seqs, safe);
  const tookMs = ints(segmentBlocks.tookMs, safe);
  const answers = ints(segmentBlocks.answers, safe);
  const ids = lazily(() => openIds(blocks(segmentBlocks.ids), count, times().at));
  const tags = {
    subjectTag: lazily(() => openTags(blocks, segmentBlocks.subjectTag, count)),
    operatorTag: lazily(() => openTags(blocks, segmentBlocks.operatorTag, count)),
  };
  const opened = new Map(
    wordColumns.map((name, at) => [
      name,
      lazily(() =>
        openWords(blocks, segmentBlocks.words + wordBlocks * at, wordCounts[at] ?? 0, count),
      ),
    ]),
  );
  const words = (column: WordColumn): Words => {
    const found = opened.get(column);
    if (found === undefined) throw new IndexInvalid('There is no such column.');
    return found();
  };
  const indexAt = (row: number): number => n * segmentWidth + row + skipped().at(row);
  const known = (column: WordColumn, row: number): string => {
    const value = words(column).at(row);
    if (value === undefined) throw new IndexInvalid('A row lacks a fact.');
    return value;
  };
  const facts = (row: number): EntryFacts => {
    if (!(row >= 0 && row < count)) throw new RangeError('A segment has no such row.');
    const [by, province] = [words('by').at(row), words('province').at(row)];
    const subjectTag = tags.subjectTag().at(row);
    const operatorTag = tags.operatorTag().at(row);
    const [answer, hasCase] = [answers().at(row), cases().at(row)];
    const entry: Draft = {
      shard,
      index: indexAt(row),
      id: ids().at(row),
      t: times().at(row),
      counter: known('counter', row),
      agency: known('agency', row),
      service: known('service', row),
      purpose: known('purpose', row),
      basis: known('basis', row),
      station: known('station', row),
      presence: known('presence', row),
      seq: seqs().at(row),
      effect: known('effect', row),
      rule: known('rule', row),
      outcome: known('outcome', row),
      ms: tookMs().at(row),
    };
    // Not spread: that would take as long as all the rest.
    if (by !== undefined) entry.by = by;
    if (answer > 0) entry.answer = answer;
    if (province !== undefined) entry.province = province;
    if (subjectTag !== undefined) entry.subjectTag = subjectTag;
    if (operatorTag !== undefined) entry.operatorTag = operatorTag;
    if (hasCase > 0) entry.hasCase = hasCase === 2;
    return entry;
  };
  return {
    shard,
    n,
    width,
    count,
    indexes: lazily(() => whole(skipped)().map((before, row) => n * segmentWidth + row + before)),
    times: whole(times),
    ids,
    tags,
    cases: lazily(() => cases().into(new Uint16Array(count))),
    words,
    numbers: { seq: whole(seqs), ms: whole(tookMs), answer: whole(answers) },
    indexAt,
    timeAt: (row) => times().at(row),
    facts,
  };
};
