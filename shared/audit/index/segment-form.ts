import { wordColumns } from './filter.ts';

/** Leaves that a segment is about; segment n of a shard is about those from n × this on. */
export const segmentWidth = 4096;

/** What a whole segment is about: the first `width` of its leaves, records among them. */
export type Cover = { readonly shard: number; readonly n: number; readonly width: number };

/** The blocks of a segment, in their order; three for each column of words follow. */
export const segmentBlocks = {
  /** Numbers: shard, n, width, rows, and how many words each column has. */
  head: 0,
  /** Numbers: leaves of the segment before each row that are no inquiries. */
  skipped: 1,
  /** Numbers: milliseconds, the times in the ids. */
  times: 2,
  /** Of each id the ten bytes behind the time. */
  ids: 3,
  seqs: 4,
  tookMs: 5,
  answers: 6,
  /** Numbers: 0 not known, 1 none, 2 a case number. */
  cases: 7,
  /** Tags and their codes. */
  subjectTag: 8,
  operatorTag: 10,
  /** The texts of words, numbers that say where each ends, and their codes. */
  words: 12,
} as const;

/** Blocks of a column of words. */
export const wordBlocks = 3;

export const segmentBlockCount = segmentBlocks.words + wordBlocks * wordColumns.length;
