import { growIndex, type IndexChange } from '../../audit/index/change-index.ts';
import { encodeSegment } from '../../audit/index/encode-segment.ts';
import { IndexInvalid } from '../../audit/index/index-invalid.ts';
import { openSegment, type Segment } from '../../audit/index/segment.ts';
import { segmentWidth } from '../../audit/index/segment-form.ts';
import { printsKey, summaryKey } from '../../audit/index/segment-source.ts';
import { factsIn } from '../../audit/index/without-tags.ts';
import { publishedSize } from '../../audit/published-leaves.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import { gatherEntries } from '../entries/gather-entries.ts';
import { missingRows, missingVault } from './check-rows.ts';
import { type EntryFeeding, subjectRows } from './feed-entries.ts';
import { sameMark } from './index-marks.ts';
import { summaryLeaves } from './index-objects.ts';
import type { SubjectIndex } from './subject-index.ts';

/** Where an index is not what the log, the vault and the journal lead to. */
export type IndexDifference = {
  /** The key of an object, or what else it is about. */
  readonly at: string;
  readonly problem: 'differs' | 'missing' | 'unreadable';
  /** The leaves that it is about, where that is known. */
  readonly leaves: readonly number[];
};

export type CheckedEntries = {
  readonly size: number;
  /** Leaves that the index is said to know, and how many of them were looked at so far. */
  readonly known: number;
  readonly checked: number;
  readonly unopened: number;
  readonly differences: readonly IndexDifference[];
};

export type EntryChecking = Omit<EntryFeeding, 'subjects'> & {
  readonly subjects: Pick<SubjectIndex, 'list'>;
};

const opened = (bytes: Uint8Array): Segment | undefined => {
  try {
    const segment = openSegment(bytes);
    // Columns are unpacked when they are asked for.
    factsIn(segment);
    return segment;
  } catch (error) {
    if (error instanceof IndexInvalid) return undefined;
    throw error;
  }
};

const textsOf = (segment: Segment): ReadonlyMap<number, string> =>
  new Map(factsIn(segment).map((facts) => [facts.index, canonicalJson({ ...facts })]));

/** The leaves of which two segments say something else. */
const differing = (standing: Segment, right: Segment): readonly number[] => {
  const [was, is] = [textsOf(standing), textsOf(right)];
  const leaves = new Set([...was.keys(), ...is.keys()]);
  return [...leaves].filter((leaf) => was.get(leaf) !== is.get(leaf)).toSorted((a, b) => a - b);
};

/** A segment that knows more than was asked for, as it was before that. */
const cut = (segment: Segment, width: number): Uint8Array => {
  const { shard, n } = segment;
  const facts = factsIn(segment).filter(({ index }) => index < n * segmentWidth + width);
  return encodeSegment({ shard, n, width }, facts);
};

const checkSegment = (
  { key, bytes: right }: Pick<IndexChange, 'bytes' | 'key'>,
  standing: Uint8Array | undefined,
): { readonly isWider: boolean; readonly differences: readonly IndexDifference[] } => {
  const found = (problem: IndexDifference['problem'], leaves: readonly number[] = []) => ({
    isWider: false,
    differences: [{ at: key, problem, leaves }],
  });
  if (standing === undefined) return found('missing');
  if (equalBytes(standing, right)) return { isWider: false, differences: [] };
  const [segment, own] = [opened(standing), openSegment(right)];
  if (segment === undefined) return found('unreadable');
  const isHere = segment.shard === own.shard && segment.n === own.n;
  if (isHere && segment.width > own.width && equalBytes(cut(segment, own.width), right)) {
    return { isWider: true, differences: [] };
  }
  return found('differs', isHere ? differing(segment, own) : []);
};

const checkSum = (
  { key: at, bytes }: Pick<IndexChange, 'bytes' | 'key'>,
  standing: Uint8Array | undefined,
): readonly IndexDifference[] => {
  if (standing === undefined) return [{ at, problem: 'missing', leaves: [] }];
  return equalBytes(standing, bytes) ? [] : [{ at, problem: 'differs', leaves: [] }];
};

/**
 * Compares the index of entries of a log with what it would be if it were made again, segment by segment,
 * and the rows of subjects and the vault with it; changes nothing. Gives after each segment what was
 * found in it. An index that is fed meanwhile is looked at as far as it was known at the beginning.
 * Rejects with `FeedStopped` and `store-unavailable`.
 */
export const checkEntries = async function* (
  { subjects, ...parts }: EntryChecking,
  shard: number,
): AsyncGenerator<CheckedEntries, void, undefined> {
  const { objects, derived, marks } = parts;
  const mark = await marks.read(shard);
  const size = await publishedSize(objects, shard);
  const known = Math.min(mark.size, size);
  const beyond: IndexDifference = { at: `mark ${shard}`, problem: 'differs', leaves: [] };
  const begun = { size, known, checked: 0, unopened: 0 };
  yield { ...begun, differences: mark.size > size ? [beyond] : [] };
  const gather = gatherEntries({
    ...parts,
    // What would be kept in the vault is told, and not kept.
    derived: { get: derived.get, replace: async () => 'written' },
  });
  const made = new Map<string, Uint8Array>();
  const source = {
    segment: () => Promise.resolve(undefined),
    summary: (_: number, m: number) => Promise.resolve(made.get(summaryKey(shard, m))),
    prints: (_: number, m: number) => Promise.resolve(made.get(printsKey(shard, m))),
  };
  for (let from = 0; from < known; from += segmentWidth) {
    const to = Math.min(known, from + segmentWidth);
    if (from % summaryLeaves === 0) made.clear();
    const gathered = await gather({ shard, size, from, to });
    const { entries } = gathered;
    const facts = entries.map((entry) => entry.facts);
    const [own, ...sums] = await growIndex(source, { shard, from, to }, facts);
    if (own === undefined) throw new TypeError('An index that grows has a segment.');
    for (const { key, bytes } of sums) made.set(key, bytes);
    const segment = checkSegment(own, await derived.get(own.key));
    const differences = [...segment.differences];
    // One that knows more segments is looked at when all of them are.
    const isLast = to === known || to % summaryLeaves === 0;
    for (const sum of isLast && !segment.isWider ? sums : []) {
      const found = checkSum(sum, await derived.get(sum.key));
      const isFed = to === known && !sameMark(mark, await marks.read(shard));
      if (!isFed) differences.push(...found);
    }
    differences.push(...(await missingVault(derived, shard, entries)));
    differences.push(...(await missingRows(subjects, subjectRows(gathered))));
    const unopened = entries.filter(({ vault }) => vault === 'closed').length;
    yield { size, known, checked: to, unopened, differences };
  }
};
