import { describe, expect, it, vi } from 'vitest';
import { callsTo, idOf, requestFor, retryOf, whileCounting } from '../ask.ts';
import { whileBehaving } from '../behaving.ts';
import { expectNothingUnder, expectRecorded, recordsOf, rowsOf } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';
import { onlyLocal, putsOf, whileCallsBreak, workshopOf } from '../workshop.ts';

type Broken = { readonly text: string; readonly heard: Heard; readonly calls: number };

/** Asks while the writes of one row break, each of them. */
const askWhileBroken = async (
  stage: Stage,
  row: 'i' | 'o' | 'h',
  fault: 'refuse' | 'lose',
): Promise<Broken> => {
  const text = await requestFor(stage);
  const isPut = putsOf(text, row);
  const { result, calls } = await whileCallsBreak(
    stage,
    (call) => (isPut(call) ? fault : 'pass'),
    () => whileCounting(stage, () => stage.wire.post(text)),
  );
  return { text, heard: result, calls };
};

/** Asks while the answer to the first write of one row is lost. */
const askWhileOneIsLost = async (stage: Stage, row: 'i' | 'o' | 'h'): Promise<Broken> => {
  const text = await requestFor(stage);
  const isPut = putsOf(text, row);
  let lost = 0;
  const { result, calls } = await whileCallsBreak(
    stage,
    (call) => {
      if (!isPut(call) || lost > 0) return 'pass';
      lost += 1;
      return 'lose';
    },
    () => whileCounting(stage, () => stage.wire.post(text)),
  );
  expect(lost).toBe(1);
  return { text, heard: result, calls };
};

export const storeOutageSuite = (onStage: OnStage): void => {
  describe('a store that fails', () => {
    it('before the intent: nothing is asked, and the same token works afterwards', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard, calls } = await askWhileBroken(stage, 'i', 'refuse');

      expectRefused(heard, 'store-unavailable');
      expect(heard.json).not.toHaveProperty('receipt');
      expect(calls).toBe(0);
      await expectNothingUnder(stage, idOf(text));
      await expectRecorded(stage, text, await stage.wire.post(text));
    });

    it('altogether: nothing is asked', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const text = await requestFor(stage);

      const { result, calls } = await whileCallsBreak(
        stage,
        () => 'refuse',
        () => whileCounting(stage, () => stage.wire.post(text)),
      );

      expectRefused(result, 'store-unavailable');
      expect(calls).toBe(0);
      await expectNothingUnder(stage, idOf(text));
    });

    it('to acknowledge the intent once: it is served, and the agency is asked once', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard, calls } = await askWhileOneIsLost(stage, 'i');

      expect(heard.status).toBe(200);
      expect(calls).toBe(1);
      await expectRecorded(stage, text, heard);
    });

    it('to acknowledge the intent each time: nothing is asked, and a retry must wait', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard, calls } = await askWhileBroken(stage, 'i', 'lose');

      expectRefused(heard, 'store-unavailable');
      expect(calls).toBe(0);
      const { intent, outcome } = await recordsOf(stage, idOf(text));
      expect(intent).toBeDefined();
      expect(outcome).toBeUndefined();
      expectRefused(await stage.wire.post(await retryOf(stage, text)), 'rate-limited');
      expectRefused(await stage.wire.post(text), 'replayed');
    });

    it('to keep the outcome: nothing is released, and a retry must wait', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard, calls } = await askWhileBroken(stage, 'o', 'refuse');

      expectRefused(heard, 'store-unavailable');
      expect(heard.json).not.toHaveProperty('receipt');
      expect(heard.json).not.toHaveProperty('answer');
      expect(calls).toBe(1);
      expect((await recordsOf(stage, idOf(text))).outcome).toBeUndefined();
      const before = callsTo(stage);
      const retry = await stage.wire.post(await retryOf(stage, text));
      expectRefused(retry, 'rate-limited');
      expect(retry.json).not.toHaveProperty('answer');
      expect(callsTo(stage)).toBe(before);
    });

    it('to acknowledge the outcome once: it is served', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard, calls } = await askWhileOneIsLost(stage, 'o');

      expect(heard.status).toBe(200);
      expect(calls).toBe(1);
      await expectRecorded(stage, text, heard);
    });

    it('to acknowledge the outcome each time: nothing is released, and a retry learns it', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard, calls } = await askWhileBroken(stage, 'o', 'lose');

      expectRefused(heard, 'store-unavailable');
      expect(heard.json).not.toHaveProperty('answer');
      expect(calls).toBe(1);
      const retry = await stage.wire.post(await retryOf(stage, text));
      expect(retry.status).toBe(200);
      expect((await expectRecorded(stage, text, retry)).fields).toBeDefined();
    });

    it('to keep the hold: it is answered, and a retry gets the receipt alone', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard } = await askWhileBroken(stage, 'h', 'refuse');

      expect(heard.status).toBe(200);
      expect((await expectRecorded(stage, text, heard)).fields).toBeDefined();
      expect((await rowsOf(stage, idOf(text))).hold).toBeUndefined();
      const retry = await stage.wire.post(await retryOf(stage, text));
      expect(retry.status).toBe(200);
      expect((await expectRecorded(stage, text, retry)).fields).toBeUndefined();
    });

    it('to acknowledge the hold once: it is answered, and a retry gets the answer', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { text, heard } = await askWhileOneIsLost(stage, 'h');

      expect(heard.status).toBe(200);
      const retry = await stage.wire.post(await retryOf(stage, text));
      expect(retry.json['answer']).toBe(heard.json['answer']);
      await expectRecorded(stage, text, retry);
    });
  });

  describe('an exchange that is killed while the agency answers', () => {
    it('has released nothing; another process tells a retry to wait, and a replay no', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const doomed = await workshopOf(stage).startAnother();
      const text = await requestFor(stage, { question: serviceOf('education').yes });

      await whileBehaving(stage, 'education', 'hang', async () => {
        const before = callsTo(stage, 'education');
        const lost = stage.wire
          .to(doomed.url)
          .post(text)
          .catch((error: unknown) => error);
        await vi.waitFor(() => expect(callsTo(stage, 'education')).toBe(before + 1), 10_000);
        await doomed.kill();
        expect(await lost).toBeInstanceOf(Error);
      });

      const { intent, outcome } = await recordsOf(stage, idOf(text));
      expect(intent).toBeDefined();
      expect(outcome).toBeUndefined();
      expectRefused(await stage.wire.post(await retryOf(stage, text)), 'rate-limited');
      expectRefused(await stage.wire.post(text), 'replayed');
    });
  });
};
