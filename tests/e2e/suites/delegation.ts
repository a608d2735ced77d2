import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { commandIdAt } from '#tests/support/commands.ts';
import { withInquiry } from '#tests/support/messages.ts';
import { readAs } from '../access.ts';
import { idOf, otherTill, requestFor, retryOf, till, whileCounting } from '../ask.ts';
import { sendCommand } from '../commands.ts';
import { askedFor, letAsk } from '../delegations.ts';
import { expectRecorded } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';

const house = 'vendor:rayan';
const guild = 'guild:pishkhan';
const auditor = 'auditor:inspection';

const post = serviceOf('post').yes;

/** Who may ask for a counter only what it names. */
const narrow = { counter: otherTill, services: ['police/vehicle'] };

type Denial = {
  readonly name: string;
  readonly rule: string;
  readonly by: string;
  readonly for?: string;
};

const denials: readonly Denial[] = [
  { name: 'a software house names no counter', rule: 'counter-named', by: house },
  { name: 'a counter names another', rule: 'counter-named', by: otherTill, for: till },
  {
    name: 'a counter has let it ask for another service only',
    rule: 'delegation-scope',
    by: house,
    for: otherTill,
  },
  {
    name: 'a counter has let another ask',
    rule: 'delegation-missing',
    by: guild,
    for: otherTill,
  },
  { name: 'there is no such counter', rule: 'delegation-missing', by: house, for: 'counter:1' },
];

const Entries = z.object({
  entries: z.array(
    z.looseObject({ id: z.string(), counter: z.string(), by: z.string().optional() }),
  ),
});

/** What an auditor finds of one inquiry. */
const listed = async (stage: Stage, text: string): Promise<unknown> => {
  const now = Date.now();
  const [from, to] = [now - 60_000, now + 20_000].map((time) => new Date(time).toISOString());
  const query = new URLSearchParams({
    from: from ?? '',
    to: to ?? '',
    counter: till,
    limit: '1000',
  });
  const heard = await readAs(stage, auditor, `/v1/audit/entries?${query.toString()}`);
  return Entries.parse(heard.json).entries.find(({ id }) => id === idOf(text));
};

export const delegationSuite = (onStage: OnStage): void => {
  describe('a software house', () => {
    beforeAll(async () => {
      await letAsk(onStage(), house);
      await letAsk(onStage(), house, narrow);
    });

    it('asks for a counter, and is answered with a receipt of its own', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: post, ...askedFor(stage, house) });

      const { result, calls } = await whileCounting(stage, () => stage.wire.post(text));

      expect([result.status, calls]).toEqual([200, 1]);
      const { receipt, fields } = await expectRecorded(stage, text, result);
      expect(receipt).toMatchObject({ aud: house, decision: { effect: 'allow' } });
      expect(fields).toEqual(serviceOf('post').fields.yes);
      expect(await listed(stage, text)).toMatchObject({ counter: till, by: house });
    });

    it('and the counter read what became of it, and nobody else does', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: post, ...askedFor(stage, house) });
      await stage.wire.post(text);
      const target = `/v1/inquiries/${idOf(text)}`;

      for (const reader of [house, till]) {
        const heard = await readAs(stage, reader, target);
        expect(heard.json).toMatchObject({ counter: till, by: house, outcome: 'FOUND' });
        await expectRecorded(stage, text, heard);
      }
      for (const reader of [otherTill, guild]) {
        expectRefused(await readAs(stage, reader, target), 'not-found');
        expectRefused(await readAs(stage, reader, `${target}/proof`), 'not-found');
      }
    });

    it('is answered again for a retry, and the counter is not: it did not sign', async () => {
      const stage = onStage();
      const text = await requestFor(stage, { question: post, ...askedFor(stage, house) });
      await stage.wire.post(text);
      const key = stage.world.keyOf(house);

      const { result, calls } = await whileCounting(stage, async () => [
        await stage.wire.post(await retryOf(stage, text, { key })),
        await stage.wire.post(await retryOf(stage, text)),
      ]);

      const [again, own] = result;
      expect([again?.status, again?.said('answer') === '', calls]).toEqual([200, false, 0]);
      if (own !== undefined) expectRefused(own, 'reference-conflict');
    });

    it.each(denials)('is denied by $rule where $name', async ({ rule, by, for: named }) => {
      const stage = onStage();
      const claims = withInquiry({ for: named });
      const asking = { question: post, key: stage.world.keyOf(by), claims };
      const text = await requestFor(stage, asking);

      const { result, calls } = await whileCounting(stage, () => stage.wire.post(text));

      expectRefused(result, 'policy-denied');
      expect(calls).toBe(0);
      const { asked, receipt } = await expectRecorded(stage, text, result);
      expect(asked.dec).toMatchObject({ effect: 'deny', rule });
      expect(receipt).toMatchObject({ outcome: 'DENIED', aud: by });
    });

    it.each(['agency:post', house, 'exchange:estelam', `counter:${'1'.repeat(53)}`])(
      'is refused, and nothing is kept, when it names %s',
      async (named) => {
        const stage = onStage();
        const asking = { question: post, key: stage.world.keyOf(house) };
        const text = await requestFor(stage, { ...asking, claims: withInquiry({ for: named }) });

        const heard = await stage.wire.post(text);

        expectRefused(heard, 'invalid-claims');
        expect(heard.text).not.toContain(named);
      },
    );

    it('may be given nothing by somebody else in the name of a counter', async () => {
      const stage = onStage();
      const given = { to: house, services: [], from: Date.now(), until: Date.now() + 60_000 };
      for (const sender of [house, guild, 'agency:post']) {
        const said = { id: commandIdAt(Date.now()), do: 'delegation.give', on: 0, with: given };
        expectRefused(await sendCommand(stage, sender, said), 'wrong-role');
      }
    });
  });
};
