import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { addressOf } from '#shared/audit/address.ts';
import { timeOf } from '#shared/kernel/id.ts';
import { factsOfReceipt } from '#tests/support/exchange.ts';
import { callsTo, idOf, otherTill, requestFor, retryOf, whileCounting } from '../ask.ts';
import { whileBehaving } from '../behaving.ts';
import { expectRecorded, rowsOf } from '../evidence.ts';
import { whileInFlight } from '../inflight.ts';
import { type Question, serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';

/** A key of held answers, as its store has it. */
const Kept = z.object({ Item: z.record(z.string(), z.json()) });

const receiptOf = ({ said }: Heard): string => said('receipt');

/** Asks, and gives back what was sent and heard. */
const asked = async (
  stage: Stage,
  question?: Question,
): Promise<{ readonly text: string; readonly first: Heard }> => {
  const text = await requestFor(stage, question === undefined ? {} : { question });
  return { text, first: await stage.wire.post(text) };
};

/** Sends a fresh token of the same inquiry; no agency may be asked again for it. */
const retried = async (stage: Stage, text: string): Promise<Heard> => {
  const { result, calls } = await whileCounting(stage, async () =>
    stage.wire.post(await retryOf(stage, text)),
  );
  expect(calls).toBe(0);
  return result;
};

/** That a retry was told what the first message was told, under a new signature. */
const expectSame = async (
  stage: Stage,
  { text, first }: { readonly text: string; readonly first: Heard },
  again: Heard,
): Promise<void> => {
  expect(again.status).toBe(first.status);
  expect(factsOfReceipt(receiptOf(again))).toEqual(factsOfReceipt(receiptOf(first)));
  expect(receiptOf(again)).not.toBe(receiptOf(first));
  await expectRecorded(stage, text, again);
};

/** The key of an outcome in the journal, as its store has it. */
const keyOf = ({ world }: Stage, text: string) => {
  const { id, bucket, shard, slot } = addressOf(idOf(text), world.layout);
  return { pk: { S: `J#${shard}#${bucket}#${slot}` }, sk: { S: `${id}#o` } };
};

/** Until when the answer to an inquiry is held, in milliseconds since 1970. */
const heldUntil = async (stage: Stage, text: string): Promise<number> =>
  (await rowsOf(stage, idOf(text))).outcome?.hold?.until ?? Number.NaN;

export const retrySuite = (onStage: OnStage): void => {
  // Asked before all other suites, so that its id is old when it is asked for again.
  let early: { readonly text: string; readonly first: Heard } | undefined;
  beforeAll(async () => {
    early = await asked(onStage());
  });

  describe('a retry under a fresh token', () => {
    it('gets the same facts and the answer again, and the agency is not asked twice', async () => {
      const stage = onStage();
      const before = await asked(stage);

      const again = await retried(stage, before.text);

      await expectSame(stage, before, again);
      expect(again.json['answer']).toBe(before.first.json['answer']);
    });

    it('gets them as often as it asks', async () => {
      const stage = onStage();
      const before = await asked(stage, serviceOf('post').yes);

      for (let time = 0; time < 3; time += 1) {
        const again = await retried(stage, before.text);
        await expectSame(stage, before, again);
        expect(again.json['answer']).toBe(before.first.json['answer']);
      }
    });

    it('gets an answer that discloses nothing again without a hold', async () => {
      const stage = onStage();
      const before = await asked(stage, serviceOf('telecom').yes);
      expect((await rowsOf(stage, idOf(before.text))).outcome?.hold).toBeUndefined();

      const again = await retried(stage, before.text);

      await expectSame(stage, before, again);
      expect(again.json['answer']).toBe(before.first.json['answer']);
    });

    it('gets the receipt alone from a service whose answers are not held', async () => {
      const stage = onStage();
      const before = await asked(stage, serviceOf('pension').yes);
      expect(before.first.json['answer']).toBeDefined();

      const again = await retried(stage, before.text);

      await expectSame(stage, before, again);
      expect(again.json).not.toHaveProperty('answer');
    });

    it('gets the receipt alone when the hold is over', async () => {
      const stage = onStage();
      const before = await asked(stage);
      await stage.world.store('UpdateItem', {
        TableName: stage.world.env.JOURNAL_TABLE,
        Key: keyOf(stage, before.text),
        UpdateExpression: 'SET u = :now',
        ExpressionAttributeValues: { ':now': { N: String(Date.now() - 1) } },
      });

      const again = await retried(stage, before.text);

      await expectSame(stage, before, again);
      expect(again.json).not.toHaveProperty('answer');
    });

    it('gets the receipt alone when the key of what is held is another by now', async () => {
      const stage = onStage();
      const before = await asked(stage);
      const later = (await heldUntil(stage, before.text)) + 300_000;
      await stage.world.store('UpdateItem', {
        TableName: stage.world.env.JOURNAL_TABLE,
        Key: keyOf(stage, before.text),
        UpdateExpression: 'SET u = :later',
        ExpressionAttributeValues: { ':later': { N: String(later) } },
      });

      const again = await retried(stage, before.text);

      await expectSame(stage, before, again);
      expect(again.json).not.toHaveProperty('answer');
    });

    it('gets the receipt alone when the store has swept the key of its hold away', async () => {
      const stage = onStage();
      const before = await asked(stage);
      const window = Math.floor((await heldUntil(stage, before.text)) / 300_000);
      const Key = { pk: { S: `H#${window}` }, sk: { S: 'key' } };
      const { world } = stage;
      const key = { TableName: world.env.JOURNAL_TABLE, Key };
      const { Item } = Kept.parse(await world.store('GetItem', { ...key, ConsistentRead: true }));
      await world.store('DeleteItem', key);
      try {
        const again = await retried(stage, before.text);

        await expectSame(stage, before, again);
        expect(again.json).not.toHaveProperty('answer');
      } finally {
        // Other answers are held under it.
        await world.store('PutItem', { TableName: world.env.JOURNAL_TABLE, Item });
      }
      const later = await retried(stage, before.text);
      expect(later.json['answer']).toBe(before.first.json['answer']);
    });

    it('of a denied inquiry gets the denial and its receipt again', async () => {
      const stage = onStage();
      const before = await asked(stage, { ...serviceOf('police').yes, purpose: 'curiosity' });
      expectRefused(before.first, 'policy-denied');

      const again = await retried(stage, before.text);

      expectRefused(again, 'policy-denied');
      await expectSame(stage, before, again);
    });

    it('of an inquiry whose agency failed gets that failure again', async () => {
      const stage = onStage();
      const before = await whileBehaving(stage, 'post', 'wrong-key', () =>
        asked(stage, serviceOf('post').yes),
      );
      expectRefused(before.first, 'agency-response-invalid');

      const again = await retried(stage, before.text);

      expectRefused(again, 'agency-response-invalid');
      await expectSame(stage, before, again);
    });

    it('of an Ed25519 counter is known as one as well', async () => {
      const stage = onStage();
      const key = stage.world.keyOf(otherTill);
      const text = await requestFor(stage, { key });
      const first = await stage.wire.post(text);

      const again = await stage.wire.post(await retryOf(stage, text, { key }));

      await expectSame(stage, { text, first }, again);
      expect(again.json['answer']).toBe(first.json['answer']);
    });

    it('that comes too early is told to wait, and works when the first is through', async () => {
      const stage = onStage();
      const before = callsTo(stage);

      const { text, first, meanwhile } = await whileInFlight(stage, async (asking) =>
        stage.wire.post(await retryOf(stage, asking)),
      );

      expectRefused(meanwhile, 'rate-limited');
      expect(meanwhile.header('retry-after')).toBe('2');
      expect(meanwhile.json).not.toHaveProperty('receipt');
      expect(first.status).toBe(200);
      await expectRecorded(stage, text, first);
      await expectSame(stage, { text, first }, await retried(stage, text));
      expect(callsTo(stage)).toBe(before + 1);
    });

    it('works when the id has become stale meanwhile, because it stands in the journal', async () => {
      const stage = onStage();
      const before = early ?? (await asked(stage));
      const staleAt = timeOf(idOf(before.text)) + 10_000;
      // The rule itself: the id must be older than ten seconds.
      await wait(Math.max(0, staleAt - Date.now() + 1));

      const again = await retried(stage, before.text);

      await expectSame(stage, before, again);
      expect(again.json['answer']).toBe(before.first.json['answer']);
    });
  });
};
