import { type ExportErasing, eraseExports } from '../exports/erase-exports.ts';
import type { BareRow } from '../feeding/subject-index.ts';
import type { Job } from '../job-store.ts';
import { askedBefore, endOfIds } from './asked-before.ts';
import { claimLease } from './claim.ts';
import { eraseFacts, eraseTags, type Places } from './erase-entries.ts';
import { done, dueAt, type ErasingParts, openingOf, put, type Stepped } from './erasing.ts';
import { type Erasing, openErasure, type Sealed, sealErasure, topOf } from './erasure-state.ts';
import { type Hold, heldBy, holdEvents, openHold } from './hold.ts';
import { hasPassed } from './index-passed.ts';
import { knownEntries } from './known-entries.ts';
import { newMark } from './leaf-once.ts';
import { nextRows } from './next-rows.ts';
import { claimWatch, inTime, whileClaimed } from './while-claimed.ts';

type IsOver = ReturnType<typeof claimWatch>;

/** Erases it everywhere, and from the subject index last, where a crash finds it again; false as `eraseFacts`. */
const eraseEverywhere = async (
  parts: Pick<ErasingParts, keyof Places | keyof ExportErasing | 'subjects'>,
  batch: Sealed['batch'],
): Promise<boolean> => {
  const whole = batch.filter(({ alone }) => !alone);
  if (!(await eraseFacts(parts, whole))) return false;
  await eraseExports(
    parts,
    whole.map(({ id }) => id),
  );
  await eraseTags(parts.derived, whole);
  await parts.subjects.remove(
    batch.flatMap(({ tag, others, t, shard, index }) =>
      [tag, ...others].map((one) => ({ tag: one, t, shard, index })),
    ),
  );
  return true;
};

/** What is claimed is erased, in the time that a claim has. */
const eraseBatch = async (
  parts: ErasingParts,
  job: Job,
  { claim: _, ...state }: Erasing,
  { sealed: { subject, at, batch }, isOver }: { readonly sealed: Sealed; readonly isOver: IsOver },
): Promise<Stepped> => {
  const isErased = await inTime(() => eraseEverywhere(whileClaimed(parts, isOver), batch));
  if (isErased !== true) return { job, more: false };
  const sealed = sealErasure(job.id, { subject, at, batch: [] }, parts);
  const n = state.n + batch.filter(({ fresh }) => fresh).length;
  return put(parts, job, { ...state, n, sealed });
};

/** A row as it was claimed. */
type Claimed = Sealed['batch'][number];

/**
 * Rows that are to be claimed. `from` is where they were looked for; absent where they are claimed anew,
 * and fitted a claim before.
 */
type Candidates = Omit<Sealed, 'batch'> & {
  readonly from?: Sealed['at'];
  readonly rows: readonly (BareRow | Claimed)[];
  readonly holds: readonly Hold[];
};

/** Pseudonyms that a claim has room for; a row itself takes as much as four of them. */
const mostTags = 4096;
const ownRoom = 4;

/** The first rows that fit a claim: those of one millisecond, which are never parted, may be any number. */
const thatFit = (batch: readonly Claimed[]): readonly Claimed[] => {
  let left = mostTags;
  const end = batch.findIndex(({ others }) => {
    left -= ownRoom + others.length;
    return left < 0;
  });
  return end === -1 ? batch : batch.slice(0, end);
};

/** Claims those of some rows that nothing holds; the others stay where they are, and are counted. */
const claimRows = async (
  parts: ErasingParts,
  job: Job,
  { claim: _, ...state }: Erasing,
  { subject, from, at, rows, holds }: Candidates,
): Promise<Stepped> => {
  const { subjectKey, now } = parts;
  const known = await knownEntries({ ...parts, opening: openingOf(parts) }, rows);
  if (known === undefined) return { job, more: false };
  const isHeld = heldBy(holds, subjectKey);
  const free = known.flatMap(({ row, facts: { counter, subjectTag }, vault, tags, alone }) => {
    const before = 'others' in row ? row.others : undefined;
    // Its facts are gone, and nothing but this claim knows of the others: it is finished.
    const isBegun = before !== undefined && vault === 'erased';
    const about = subjectTag === undefined ? tags : [...tags, subjectTag];
    if (!isBegun && isHeld({ id: row.id, counter, tags: about })) return [];
    const others = new Set([...tags, ...(before ?? [])]);
    others.delete(row.tag);
    return [{ fresh: subjectTag !== undefined && !alone, ...row, others: [...others], alone }];
  });
  const batch = from === undefined ? free : thatFit(free);
  // What did not fit is found in the same place again, when what is claimed now is gone.
  const isCut = batch.length < free.length;
  const { events, left, over } = state.pass;
  return put(parts, job, {
    ...state,
    pass: { events, left: isCut ? left : left + rows.length - free.length, over },
    sealed: sealErasure(
      job.id,
      { subject, at: isCut && from !== undefined ? from : at, batch },
      parts,
    ),
    ...(batch.length > 0 && { claim: { events: holdEvents(holds), at: now() } }),
  });
};

/** What comes when a pass has seen everything. */
const endPass = async (
  parts: ErasingParts,
  job: Job,
  state: Erasing,
  sealed: Sealed,
): Promise<Stepped> => {
  const { by, order, asked, round, told, n, pass } = state;
  if (pass.left > 0) {
    const again = sealErasure(job.id, { ...sealed, at: topOf(asked) }, parts);
    return put(parts, job, { ...state, pass: { ...pass, over: true }, sealed: again });
  }
  if (round === 2 && n === told) return done(parts, job, state);
  const leaf = newMark(parts);
  const phase = 'noting' as const;
  return put(parts, job, { phase, by, order, asked, round, told, n, sealed: state.sealed, leaf });
};

/** One step of the erasing itself: a claim of some rows, their end, or the end of a pass. */
export const stepErasing = async (
  parts: ErasingParts,
  job: Job,
  state: Erasing,
): Promise<Stepped> => {
  const resting = { job, more: false };
  const isOver = state.claim === undefined ? (): boolean => true : claimWatch(parts, state.claim);
  if (!(await hasPassed(parts, dueAt(state)))) return resting;
  const sealed = openErasure(job.id, state, parts);
  const holds = (await parts.holds.list()).map((one) => openHold(one, parts));
  const events = holdEvents(holds);
  if (state.claim !== undefined) {
    // The holds are read behind the claim: whoever places one from now on finds the claim.
    if (state.claim.events === events) {
      // One that is old is made anew first: from it on others know how long this worker may be at it.
      const renewed = { ...state, claim: { events, at: parts.now() } };
      return isOver()
        ? put(parts, job, renewed)
        : eraseBatch(parts, job, state, { sealed, isOver });
    }
    if (parts.now() < state.claim.at + claimLease) return resting;
    const { subject, at, batch: rows } = sealed;
    return claimRows(parts, job, state, { subject, at, rows, holds });
  }
  const { pass } = state;
  if (pass.over && pass.events === events) return resting;
  const begun = pass.over ? { ...state, pass: { events, left: 0, over: false } } : state;
  const next = await nextRows(parts, sealed, endOfIds(state.asked));
  if (next === undefined) return endPass(parts, job, begun, sealed);
  const rows = await askedBefore(parts, next.rows, state.asked);
  const { subject, at: from } = sealed;
  return claimRows(parts, job, begun, { subject, from, at: next.at, rows, holds });
};
