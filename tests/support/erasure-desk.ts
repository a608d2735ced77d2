/** Where a test's exchange takes orders to erase, and a hold and an erasure that stand there. */
import { takeErasure, takeHold } from '#shared/oversight/erasure/desk.ts';
import type { JobStore } from '#shared/oversight/job-store.ts';
import { memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import type { TestExchange } from './exchange.ts';
import { inquiryIdAt, requestFactsExample } from './messages.ts';

export type TestDesk = {
  readonly jobs: {
    readonly erasures: JobStore;
    readonly holds: JobStore;
    readonly retention: JobStore;
  };
  /** An id of each that stands. */
  readonly erasure: string;
  readonly hold: string;
};

/** `by` orders and places. */
export const testDesk = async (
  { exchange, clock }: Pick<TestExchange, 'exchange' | 'clock'>,
  by: string,
): Promise<TestDesk> => {
  const jobs = {
    erasures: memoryJobStore(clock.now).store,
    holds: memoryJobStore(clock.now).store,
    retention: memoryJobStore(clock.now).store,
  };
  const desk = { ...exchange, ...jobs };
  const [erasure, hold] = [inquiryIdAt(clock.now()), inquiryIdAt(clock.now())];
  const order = 'court-12/05-778';
  await takeErasure(desk)({ id: erasure, subject: requestFactsExample.subject, order }, by);
  const what = { kind: 'counter', id: 'counter:1' };
  await takeHold(desk)({ id: hold, order, reason: 'A case is open.', what }, by);
  return { jobs, erasure, hold };
};
