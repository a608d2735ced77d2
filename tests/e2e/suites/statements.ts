import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { InquiryId } from '#shared/kernel/id.ts';
import { dayBefore, type Stated, stated } from '#tests/support/statements.ts';
import { otherTill, till } from '../ask.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage } from '../stage.ts';
import { sendStatement } from '../statements.ts';
import type { Heard } from '../wire.ts';

const Taken = z.strictObject({ id: InquiryId, day: z.string(), repeated: z.boolean() });

const takenIn = ({ json }: Heard): z.infer<typeof Taken> => Taken.parse(json);

/** A day that no other test states. */
const ago = (days: number): Stated => stated(dayBefore(Date.now(), days));

export const statementsSuite = (onStage: OnStage): void => {
  describe('a statement of a day', () => {
    it('is taken with 201, and sent again is told the same with 200', async () => {
      const stage = onStage();
      const key = stage.world.keyOf(till);

      const first = await sendStatement(stage, key, ago(3));
      const again = await sendStatement(stage, key, ago(3));

      expect([first.status, again.status]).toEqual([201, 200]);
      expect(takenIn(first)).toMatchObject({ day: ago(3).day, repeated: false });
      expect(takenIn(again)).toEqual({ ...takenIn(first), repeated: true });
    });

    it('that says another thing of a stated day is refused, of another participant taken', async () => {
      const stage = onStage();
      const { day } = ago(4);
      const other = { day, asked: [{ station: 'till-3', first: 1, last: 10, n: 9 }] };
      expect((await sendStatement(stage, stage.world.keyOf(till), ago(4))).status).toBe(201);

      const heard = await sendStatement(stage, stage.world.keyOf(till), other);
      const another = await sendStatement(stage, stage.world.keyOf(otherTill), other);

      expectRefused(heard, 'reference-conflict');
      expect(another.status).toBe(201);
    });

    it('that is one of ten at once is taken once, under one id', async () => {
      const stage = onStage();
      const key = stage.world.keyOf(till);

      const heard = await Promise.all(
        Array.from({ length: 10 }, () => sendStatement(stage, key, ago(5))),
      );

      expect(new Set(heard.map((one) => takenIn(one).id)).size).toBe(1);
      expect(heard.filter(({ status }) => status === 201).length).toBeGreaterThan(0);
    });

    it.each([
      ['that is not over', 0],
      ['that was too long ago', 64],
    ])('of a day %s is refused', async (_, days) => {
      const stage = onStage();
      const heard = await sendStatement(stage, stage.world.keyOf(till), ago(days));
      expectRefused(heard, 'invalid-claims');
    });

    it('of an agency tells its answers, and of an auditor nothing', async () => {
      const stage = onStage();
      const [agency, auditor] = ['agency:police', 'auditor:inspection'];
      const { day } = ago(3);

      const taken = await sendStatement(stage, stage.world.keyOf(agency), stated(day, agency));
      const refused = await sendStatement(stage, stage.world.keyOf(auditor), stated(day));

      expect(taken.status).toBe(201);
      expectRefused(refused, 'wrong-role');
    });
  });
};
