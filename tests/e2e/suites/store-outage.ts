import { describe, expect, it, vi } from 'vitest';
import type { StoreCall } from '#tests/support/store-proxy.ts';
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
  row: 'i' | 'o',
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
const askWhileOneIsLost = async (stage: Stage, row: 'i' | 'o'): Promise<Broken> => {
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

/** Recognises the put of a key under which answers are held. */
const isKeyPut = ({ operation, body }: StoreCall): boolean =>
  operation === 'PutItem' && body.includes('"H#');

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

    it('to make the key of held answers: it is answered, and a retry gets the receipt alone', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      await using started = new AsyncDisposableStack();
      const another = await workshopOf(stage).startAnother();
      started.defer(another.stop);
      const wire = stage.wire.to(another.url);
      const text = await requestFor(stage);

      const heard = await whileCallsBreak(
        stage,
        (call) => (isKeyPut(call) ? 'refuse' : 'pass'),
        () => wire.post(text),
      );

      expect(heard.status).toBe(200);
      expect((await expectRecorded(stage, text, heard)).fields).toBeDefined();
      expect((await rowsOf(stage, idOf(text))).outcome?.hold).toBeUndefined();
      const retry = await wire.post(await retryOf(stage, text));
      expect(retry.status).toBe(200);
      expect((await expectRecorded(stage, text, retry)).fields).toBeUndefined();
      // The next answer is held again.
      const next = await requestFor(stage);
      const answered = await wire.post(next);
      const again = await wire.post(await retryOf(stage, next));
      expect(again.json['answer']).toBe(answered.json['answer']);
    });

    it('to answer for the key of held answers: the answer waits briefly, and is released', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      await using started = new AsyncDisposableStack();
      const another = await workshopOf(stage).startAnother();
      started.defer(another.stop);
      const text = await requestFor(stage);

      const heard = await whileCallsBreak(
        stage,
        (call) => (isKeyPut(call) ? 'hang' : 'pass'),
        () => stage.wire.to(another.url).post(text),
      );

      expect(heard.status).toBe(200);
      expect((await rowsOf(stage, idOf(text))).outcome?.hold).toBeUndefined();
    });

    it('to acknowledge the key of held answers once: a retry gets the answer', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      await using started = new AsyncDisposableStack();
      const another = await workshopOf(stage).startAnother();
      started.defer(another.stop);
      const wire = stage.wire.to(another.url);
      const text = await requestFor(stage);
      let lost = 0;

      const heard = await whileCallsBreak(
        stage,
        (call) => {
          if (!isKeyPut(call) || lost > 0) return 'pass';
          lost += 1;
          return 'lose';
        },
        // Time enough to put it again.
        () => whileBehaving(stage, 'civil-registry', 'slow', () => wire.post(text), { ms: 700 }),
      );

      expect(lost).toBe(1);
      expect(heard.status).toBe(200);
      const retry = await wire.post(await retryOf(stage, text));
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
