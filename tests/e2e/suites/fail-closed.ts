import { describe, expect, it } from 'vitest';
import type { ProblemName } from '#shared/kernel/problem.ts';
import { readAs } from '../access.ts';
import { idOf, requestFor, retryOf, till, whileCounting } from '../ask.ts';
import { expectNothingUnder, expectRecorded } from '../evidence.ts';
import { askFor, proofOf, publishedSize, untilLarger } from '../log.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import { onlyLocal, whileCallsBreak, workshopOf } from '../workshop.ts';

/** A proof takes tens of seconds. */
const patience = 240_000;

/** Does some work with another process of the exchange that keeps to narrower limits. */
const withLimits = async <Result>(
  stage: Stage,
  limits: Readonly<Record<string, string>>,
  work: (wire: ReturnType<Stage['wire']['to']>) => Promise<Result>,
): Promise<Result> => {
  const another = await workshopOf(stage).startAnother(limits);
  try {
    return await work(stage.wire.to(another.url));
  } finally {
    await another.stop();
  }
};

/**
 * That an exchange with these limits takes nothing new, keeps nothing of it and asks nobody; and still
 * answers for what stands in the journal.
 */
const expectClosed = async (
  stage: Stage,
  limits: Readonly<Record<string, string>>,
  problem: ProblemName,
): Promise<void> => {
  const settled = await requestFor(stage);
  const first = await stage.wire.post(settled);
  expect(first.status).toBe(200);
  await withLimits(stage, limits, async (wire) => {
    const text = await requestFor(stage);
    const { result, calls } = await whileCounting(stage, () => wire.post(text));
    expectRefused(result, problem);
    expect(result.header('retry-after')).toBe('60');
    expect(result.json).not.toHaveProperty('receipt');
    expect(calls).toBe(0);
    await expectNothingUnder(stage, idOf(text));
    const retry = await wire.post(await retryOf(stage, settled));
    expect(retry.status).toBe(200);
    await expectRecorded(stage, settled, retry);
  });
};

/** That an exchange with these limits serves. */
const expectOpen = (stage: Stage, limits: Readonly<Record<string, string>>): Promise<void> =>
  withLimits(stage, limits, async (wire) => {
    const text = await requestFor(stage);
    await expectRecorded(stage, text, await wire.post(text));
  });

export const failClosedSuite = (onStage: OnStage): void => {
  describe('an exchange that could not prove what it does', { timeout: patience }, () => {
    it('takes nothing while its journal cannot be written, and reads are answered', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const asked = await askFor(stage);
      const text = await requestFor(stage);

      const [{ result, calls }, read] = await whileCallsBreak(
        stage,
        ({ operation }) => (operation === 'PutItem' ? 'refuse' : 'pass'),
        async () => [
          await whileCounting(stage, () => stage.wire.post(text)),
          await readAs(stage, till, `/v1/inquiries/${asked.id}`),
        ],
      );

      expectRefused(result, 'store-unavailable');
      expect(calls).toBe(0);
      expect(read.status).toBe(200);
      await expectNothingUnder(stage, idOf(text));
      await expectRecorded(stage, text, await stage.wire.post(text));
    });

    it('takes nothing once its log is further behind than it may be, and goes on when it is not', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const { log } = workshopOf(stage);
      await log.stop();
      try {
        await expectClosed(stage, { SEQUENCING_LIMIT_SECONDS: '1' }, 'log-behind');
        await expectOpen(stage, {});
      } finally {
        await log.start();
      }
    });

    it('takes nothing once no quorum has seen its log for too long; proofs are given as before, and when the witnesses are back it catches up', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const before = await askFor(stage);
      const { checkpoint } = await proofOf(stage, before);
      const [, second] = workshopOf(stage).witnesses;
      if (second === undefined) throw new Error('There is no second witness.');

      await second.stop();
      try {
        const size = await publishedSize(stage);
        const after = await askFor(stage);
        await expectClosed(stage, { WITNESS_LIMIT_SECONDS: '1' }, 'witness-quorum-lost');
        await expectOpen(stage, { WITNESS_LIMIT_SECONDS: '0' });
        await untilLarger(stage, size);

        const still = await proofOf(stage, before);
        const pending = await readAs(stage, till, `/v1/inquiries/${after.id}/proof`);

        expect(still.checkpoint.checkpoint.size).toBeGreaterThanOrEqual(checkpoint.checkpoint.size);
        expect(still.checkpoint.cosignedBy).toHaveLength(2);
        expectRefused(pending, 'proof-pending');
        await second.start();
        expect((await proofOf(stage, after)).checkpoint.cosignedBy).toHaveLength(2);
      } finally {
        await second.stop();
        await second.start();
      }
    });
  });
};
