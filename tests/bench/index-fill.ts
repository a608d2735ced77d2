import { encodeSegment } from '#shared/audit/index/encode-segment.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { encodePrints } from '#shared/audit/index/prints.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentWidth } from '#shared/audit/index/segment-form.ts';
import {
  type MemorySegmentSource,
  memorySegmentSource,
  printsKey,
  segmentKey,
  summaryKey,
} from '#shared/audit/index/segment-source.ts';
import { encodeSummary, summaryWidth } from '#shared/audit/index/summary.ts';
import { syntheticFacts } from './synthetic-facts.ts';

export type FilledIndex = MemorySegmentSource & {
  readonly size: number;
  /** Bytes of all segments, of all summaries, and of all prints. */
  readonly segmentBytes: number;
  readonly summaryBytes: number;
  readonly printsBytes: number;
  /** Microseconds of CPU for segments, and for the others. */
  readonly encoding: number;
  readonly summing: number;
  readonly lastId: string;
};

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return user + system;
};

/** Makes the index of so many synthetic entries, and measures what that takes without making them. */
export const fillIndex = (size: number, told: (share: number) => void): FilledIndex => {
  const memory = memorySegmentSource();
  const facts = syntheticFacts(size);
  const made: Uint8Array[] = [];
  let encoding = 0;
  let lastId = '';
  for (let n = 0; n * segmentWidth < size; n += 1) {
    const own: EntryFacts[] = [];
    const width = Math.min(segmentWidth, size - n * segmentWidth);
    while (own.length < width) {
      const next = facts.next();
      if (next.done === true) break;
      own.push(next.value);
    }
    const before = cpu();
    const bytes = encodeSegment({ shard: 0, n, width }, own);
    encoding += cpu() - before;
    lastId = own.at(-1)?.id ?? lastId;
    memory.put(segmentKey(0, n), bytes);
    made.push(bytes);
    told((n * segmentWidth) / size);
  }
  let [summing, summaryBytes, printsBytes] = [0, 0, 0];
  for (let m = 0; m * summaryWidth < made.length; m += 1) {
    const before = cpu();
    const segments = made.slice(m * summaryWidth, (m + 1) * summaryWidth).map(openSegment);
    const bytes = encodeSummary({ shard: 0, m }, segments);
    const prints = encodePrints({ shard: 0, m }, segments);
    summing += cpu() - before;
    summaryBytes += bytes.length;
    memory.put(summaryKey(0, m), bytes);
    printsBytes += prints.length;
    memory.put(printsKey(0, m), prints);
  }
  const segmentBytes = made.reduce((sum, { length }) => sum + length, 0);
  return { ...memory, size, segmentBytes, summaryBytes, printsBytes, encoding, summing, lastId };
};
