import { type ProvinceOf, selecting } from '../../audit/export/belonging.ts';
import { ExportImpossible, type ExportOrder } from '../../audit/export/export-order.ts';
import { entriesHeader, exportOpening, exportTail } from '../../audit/export/export-pieces.ts';
import { readAhead } from '../../audit/export/read-ahead.ts';
import type { ObjectRemover } from '../../audit/object-remover.ts';
import type { ObjectStore } from '../../audit/ports.ts';
import { LogFileMissing } from '../../audit/sequence/log-files.ts';
import { concat, type SecretKey } from '../../kernel/bytes.ts';
import type { Clock } from '../../kernel/clock.ts';
import { Problem } from '../../kernel/problem.ts';
import type { JobStore } from '../job-store.ts';
import {
  type ExportParts,
  exportFolder,
  exportParts,
  maxPart,
  PartDamaged,
  PartDiffers,
} from './export-parts.ts';
import { type ExportPlan, orderOf, parsePlan } from './export-plan.ts';
import { exportQueue } from './export-queue.ts';
import {
  advanced,
  type ExportFailure,
  type ExportJob,
  type ExportState,
  isGone,
  partCount,
  partName,
  sumOver,
  toExportJob,
} from './export-state.ts';
import { forgetExport, isToForget } from './forget-export.ts';
import { makeLines } from './make-export-lines.ts';
import type { OpenExports } from './open-exports.ts';
import { writeParts } from './write-parts.ts';

/** How much is done in one step, which is done again where its process died. */
export type ExportSizes = {
  /** Bundles whose entries are taken. */
  readonly bundles: number;
  /** Parts that are looked at again. */
  readonly checks: number;
  /** The most bytes of a part. */
  readonly part: number;
};

export const usualSizes: ExportSizes = { bundles: 128, checks: 64, part: maxPart };

/** The name of a plan among the parts of its export. */
export const planName = 'plan';

export type ExportMaking = {
  readonly jobs: JobStore;
  readonly openExports: OpenExports;
  /** The log. */
  readonly objects: Pick<ObjectStore, 'get'>;
  readonly derived: Pick<ObjectStore, 'get' | 'putIfAbsent'>;
  /** Of what stands in `derived`. */
  readonly remover: ObjectRemover;
  readonly now: Clock;
  readonly key: SecretKey;
  readonly provinceOf: ProvinceOf;
  readonly sizes: ExportSizes;
};

/** One job, and what its steps work with. */
type Working = {
  readonly making: ExportMaking;
  readonly plan: ExportPlan;
  readonly order: ExportOrder;
  readonly parts: ExportParts;
};

const one = async function* (
  ...generators: readonly AsyncIterable<Uint8Array>[]
): AsyncGenerator<Uint8Array, void, undefined> {
  for (const each of generators) yield* each;
};

const just = async function* (bytes: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield bytes;
};

const demand = async ({ get }: Pick<ExportParts, 'get'>, name: string): Promise<Uint8Array> => {
  const bytes = await get(name);
  if (bytes === undefined) throw new PartDamaged('A part of an export is gone.');
  return bytes;
};

/** What stands before the lines and behind them, once it is known how many they are. */
const makeFrame = async (
  { making, order, parts }: Working,
  state: ExportState,
): Promise<Partial<ExportState>> => {
  const { lines } = state;
  const told: Uint8Array[] = [];
  for (let n = 0; n < state.parts.census; n += 1) told.push(await demand(parts, `census/${n}`));
  const write = writeParts(parts, making.sizes.part);
  const header = entriesHeader(order, lines, concat(...told));
  const head = await write('head', 0, '', one(exportOpening(order), just(header)));
  const tail = await write('tail', 0, '', exportTail(order, lines));
  return {
    step: 'check',
    bytes: state.bytes + head.bytes + tail.bytes,
    parts: { ...state.parts, head: head.count, tail: tail.count },
    sums: { ...state.sums, head: head.sum, tail: tail.sum },
  };
};

/** Parts that are read before they are looked at, of some megabytes each. */
const partsAhead = 2;

/** Looks at the next parts again: every one stands, and is the one that was made. */
const checkParts = async (
  { making, parts }: Working,
  state: ExportState,
): Promise<Partial<ExportState>> => {
  const first = state.checked.parts;
  const end = Math.min(partCount(state), first + making.sizes.checks);
  const numbers = Array.from({ length: end - first }, (_, n) => first + n);
  const marks = readAhead(
    numbers,
    async (part) => {
      const named = partName(state, part);
      if (named === undefined) throw new PartDamaged('A part of an export has no name.');
      return { section: named.section, mark: await parts.mark(named.name) };
    },
    partsAhead,
  );
  let { sum } = state.checked;
  for await (const [part, { section, mark }] of marks) {
    sum = sumOver(sum, mark);
    if (partName(state, part + 1)?.section === section) continue;
    if (sum !== state.sums[section]) {
      throw new PartDamaged('The parts of an export are not the ones that were made.');
    }
    sum = '';
  }
  return { checked: { parts: end, sum }, ...(end === partCount(state) && { step: 'done' }) };
};

const stepOf = (working: Working, state: ExportState): Promise<Partial<ExportState>> => {
  const { making, order, plan, parts } = working;
  switch (state.step) {
    case 'lines': {
      const { filtering, opened } = plan;
      const select =
        filtering === undefined ? async () => true : selecting(filtering, making.provinceOf);
      const { sizes } = making;
      const write = writeParts(parts, sizes.part);
      return makeLines({ order, select, opened, write, bundles: sizes.bundles }, state);
    }
    case 'frame':
      return makeFrame(working, state);
    case 'check':
      return checkParts(working, state);
    case 'plan':
    case 'done':
    case 'failed':
    case 'forgotten':
      return Promise.resolve({});
  }
};

const failureOf = (error: unknown): ExportFailure => {
  if (error instanceof ExportImpossible) {
    return error.reason === 'too-large' ? 'too-large' : 'log-differs';
  }
  if (error instanceof LogFileMissing) return 'log-differs';
  return error instanceof PartDiffers || error instanceof PartDamaged ? 'parts-differ' : 'broken';
};

/**
 * What a step came to. `stepped`: a job is made as far as it says; `error`: why it failed, where somebody
 * has to look at it. `forgetting`: something of it was forgotten. `overtaken`: another one put its state.
 */
export type ExportStepped = Stepped | { readonly kind: 'idle' } | { readonly kind: 'overtaken' };
type Stepped =
  | { readonly kind: 'stepped'; readonly job: ExportJob; readonly error?: unknown }
  | { readonly kind: 'forgetting'; readonly job: ExportJob };

/**
 * Makes exports step by step, those that are open in turns: what a step made is kept first, and its
 * state by compare-and-swap after that, so whoever dies at any point, or works at the same job at the
 * same time, changes nothing of the bytes. A step that cannot be done ends its job as failed, and no
 * other. Forgets those whose time is over, and those that failed. Rejects with `store-unavailable`.
 */
export const exportWorker = (making: ExportMaking): (() => Promise<ExportStepped>) => {
  const { jobs, objects, derived, remover, key, now } = making;
  const queue = exportQueue(making);
  let known: { readonly id: string; readonly working: Working } | undefined;

  const workingAt = async ({ id }: ExportJob): Promise<Working> => {
    if (known?.id === id) return known.working;
    const parts = exportParts(derived, key, id);
    const plan = parsePlan(await demand(parts, planName));
    const working = { making, plan, order: orderOf(plan, objects), parts };
    known = { id, working };
    return working;
  };

  /** Puts the state after a step; what an overtaken step left of an export that is gone goes, too. */
  const settle = async (stepped: Stepped): Promise<ExportStepped> => {
    const next = stepped.job;
    const answer = await jobs.swap(next);
    if (answer === 'written') {
      await queue.settled(next);
      return stepped;
    }
    const { standing } = answer;
    if (standing === undefined || isGone(toExportJob(standing).state)) {
      await remover.removeBelow(exportFolder(next.id));
    }
    return { kind: 'overtaken' };
  };

  const tryStep = async (job: ExportJob): Promise<Stepped> => {
    try {
      const change = await stepOf(await workingAt(job), job.state);
      return { kind: 'stepped', job: advanced(job, change) };
    } catch (error) {
      if (error instanceof Problem) throw error;
      const failure = failureOf(error);
      const failed = advanced(job, { step: 'failed', failure });
      return { kind: 'stepped', job: failed, ...(failure !== 'too-large' && { error }) };
    }
  };

  const forget = async (job: ExportJob): Promise<Stepped> => {
    if (known?.id === job.id) known = undefined;
    return { kind: 'forgetting', job: await forgetExport({ remover, now }, job) };
  };

  return async () => {
    const job = await queue.next();
    if (job === undefined) return { kind: 'idle' };
    return settle(isToForget(job, now()) ? await forget(job) : await tryStep(job));
  };
};
