import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commandIdAt, type Said } from '#tests/support/commands.ts';
import { till } from '../ask.ts';
import { postCommand, registrar, sendCommand } from '../commands.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage } from '../stage.ts';
import type { Heard } from '../wire.ts';

const Effect = z.strictObject({
  n: z.int().min(1),
  t: z.int(),
  entries: z.array(z.strictObject({ kind: z.string(), key: z.string(), version: z.int() })),
  repeated: z.boolean(),
});

const effectOf = ({ json }: Heard): z.infer<typeof Effect> => Effect.parse(json);

/** A participant that no other test knows. */
const newcomer = (): string => `vendor:${randomUUID()}`;

const register = (id: string): Said & { readonly id: string } => ({
  id: commandIdAt(Date.now()),
  do: 'participant.register',
  on: 0,
  with: { id, title: { fa: 'شرکت نرم‌افزاری', en: 'Software house' } },
});

const rename = (id: string, on: number): Said => ({
  do: 'participant.rename',
  on,
  with: { id, title: { fa: 'شرکت تازه', en: 'Another name' } },
});

export const commandsSuite = (onStage: OnStage): void => {
  describe('a command', () => {
    it('takes effect with 201, and sent again is told the same with 200', async () => {
      const stage = onStage();
      const id = newcomer();
      const said = register(id);

      const first = await sendCommand(stage, registrar, said);
      const second = await sendCommand(stage, registrar, said);

      expect([first.status, second.status]).toEqual([201, 200]);
      expect(effectOf(first).entries).toEqual([{ kind: 'participant', key: id, version: 1 }]);
      expect(effectOf(second)).toEqual({ ...effectOf(first), repeated: true });
    });

    it('under the id of another is refused', async () => {
      const stage = onStage();
      const said = register(newcomer());
      expect((await sendCommand(stage, registrar, said)).status).toBe(201);

      const heard = await sendCommand(stage, registrar, { ...register(newcomer()), id: said.id });

      expectRefused(heard, 'reference-conflict');
    });

    it('on a version that is over is refused, and told which one stands', async () => {
      const stage = onStage();
      const id = newcomer();
      expect((await sendCommand(stage, registrar, register(id))).status).toBe(201);
      expect((await sendCommand(stage, registrar, rename(id, 1))).status).toBe(201);

      const heard = await sendCommand(stage, registrar, rename(id, 1));

      expectRefused(heard, 'stale-version');
      expect(heard.json['current']).toBe(2);
    });

    it('of a counter about somebody else is refused', async () => {
      const heard = await sendCommand(onStage(), till, register(newcomer()));
      expectRefused(heard, 'wrong-role');
    });

    it('that is no message is refused', async () => {
      expectRefused(await postCommand(onStage(), 'this is not a token'), 'malformed');
    });

    it('is one of twenty at once: each takes effect, under a number of its own', async () => {
      const stage = onStage();

      const heard = await Promise.all(
        Array.from({ length: 20 }, () => sendCommand(stage, registrar, register(newcomer()))),
      );

      expect(heard.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 201));
      const numbers = heard.map((one) => effectOf(one).n).toSorted((a, b) => a - b);
      expect(new Set(numbers).size).toBe(20);
    });

    it('is one of ten at once on one entry: one takes effect', async () => {
      const stage = onStage();
      const id = newcomer();
      await sendCommand(stage, registrar, register(id));

      const heard = await Promise.all(
        Array.from({ length: 10 }, () => sendCommand(stage, registrar, rename(id, 1))),
      );

      const statuses = heard.map(({ status }) => status).toSorted((a, b) => a - b);
      expect(statuses).toEqual([201, ...Array.from({ length: 9 }, () => 409)]);
    });
  });
};
