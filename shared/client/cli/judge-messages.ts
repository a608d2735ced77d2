import type { Batch, JudgeSettings, Verdict } from '../verify/judge.ts';
import type { KeyOnRecord } from '../verify/key-on-record.ts';

/** What a thread is told at its start. */
export type WorkerData = JudgeSettings;

/** What a thread is sent, in this order: keys before the batches behind them. */
export type ToWorker =
  | { readonly learn: readonly KeyOnRecord[] }
  | { readonly batch: Batch; readonly ticket: number };

export type FromWorker = { readonly ticket: number; readonly verdict: Verdict };
