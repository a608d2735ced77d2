import { wordColumns } from './filter.ts';

/** Leaves that a segment is about; segment n of a shard is about those from n × this on. */
export const segmentWidth = 4096;

/** What a whole segment is about: the first `width` of its leaves, records among them. */
export type Cover = { readonly shard: number; readonly n: number; readonly width: number };

/** The blocks of a segment, in their order; two for each column of words follow. */
export const segmentBlocks = {
  /** Varints: shard, n, width, rows. */
  head: 0,
  /** Varints: leaves that are no inquiries, before each row. */
  gaps: 1,
  /** Deltas: milliseconds. */
  times: 2,
  ids: 3,
  seqs: 4,
  tookMs: 5,
  subjectTag: 6,
  operatorTag: 7,
  /** One byte a row: 0 not known, 1 none, 2 a case number. */
  cases: 8,
  answers: 9,
  words: 10,
} as const;

export const segmentBlockCount = segmentBlocks.words + 2 * wordColumns.length;
