import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { JsonValue } from '#shared/kernel/strict-json.ts';
import { addKeyCommand } from '#tests/support/commands.ts';
import { inquiryIdAt, makeKey, type TestKey } from '#tests/support/messages.ts';
import { readAs } from '../access.ts';
import { otherTill, requestFor, till } from '../ask.ts';
import { registrar, sendCommand } from '../commands.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';

const Page = z.strictObject({
  entries: z.array(z.looseObject({ id: z.string(), counter: z.string(), agency: z.string() })),
  next: z.string().optional(),
  indexed: z.string(),
});

/** The till is licensed in Tehran, the other one in Fars. */
const tehran = 'تهران';
const fars = 'فارس';

/** Registers an auditor that no other test knows, with a key, and says what it may read. */
const newAuditor = async (stage: Stage, scopes: readonly JsonValue[]): Promise<TestKey> => {
  const key = await makeKey('ES256', `auditor:${randomUUID()}`);
  const id = key.owner;
  const audience = `${stage.world.origin}/v1/commands`;
  const title = { fa: 'بازرس استان', en: 'Inspector of a province' };
  const reason = 'مأموریت بازرسی';
  const added = await addKeyCommand(key, { key, now: Date.now(), audience });
  const commands = [
    { do: 'participant.register', on: 0, with: { id, title } },
    added,
    { do: 'auditor.scope', on: 2, with: { id, scopes: [...scopes], reason } },
  ];
  for (const said of commands) {
    expect((await sendCommand(stage, registrar, said)).status).toBe(201);
  }
  return key;
};

/** What each of them asked, in seconds of its own: of the police and of the post. */
const askBoth = async (stage: Stage): Promise<Readonly<Record<string, string>>> => {
  const at = Date.now() + 8000;
  for (const [n, counter] of [till, otherTill].entries()) {
    for (const agency of ['police', 'post'] as const) {
      const id = inquiryIdAt(at + n);
      const key = stage.world.keyOf(counter);
      const text = await requestFor(stage, { question: serviceOf(agency).yes, key, id });
      expect((await stage.wire.post(text)).status).toBe(200);
    }
  }
  return { from: new Date(at).toISOString(), to: new Date(at + 2).toISOString() };
};

/** Who asked whom, of each entry that was shown. */
const shown = ({ status, json }: Heard): readonly string[] => {
  expect(status).toBe(200);
  const { entries } = Page.parse(json);
  return entries.map(({ counter, agency }) => `${counter} ${agency}`).toSorted();
};

export const scopesSuite = (onStage: OnStage): void => {
  describe('what a reader may see of the journal', () => {
    let range: Readonly<Record<string, string>> = {};
    beforeAll(async () => {
      range = await askBoth(onStage());
    });

    const read = (
      participant: string,
      filter: Readonly<Record<string, string>> = {},
      bent: { readonly key?: TestKey } = {},
    ): Promise<Heard> => {
      const query = new URLSearchParams({ ...range, ...filter });
      return readAs(onStage(), participant, `/v1/audit/entries?${query.toString()}`, bent);
    };

    const all = [till, otherTill].flatMap((counter) =>
      ['agency:police', 'agency:post'].map((agency) => `${counter} ${agency}`),
    );

    it.each(['auditor:inspection', registrar, 'guild:pishkhan'])('%s sees all', async (reader) => {
      expect(shown(await read(reader))).toEqual(all);
    });

    it.each([till, otherTill])(
      '%s sees its own, and is refused what it names of another',
      async (own) => {
        const other = own === till ? otherTill : till;

        expect(shown(await read(own))).toEqual(all.filter((entry) => entry.startsWith(own)));
        expectRefused(await read(own, { counter: other }), 'out-of-scope');
      },
    );

    it('an agency sees its own, of whichever counter', async () => {
      const own = [`${till} agency:police`, `${otherTill} agency:police`];

      expect(shown(await read('agency:police'))).toEqual(own);
      expect(shown(await read('agency:police', { counter: till }))).toEqual(own.slice(0, 1));
      expectRefused(await read('agency:police', { agency: 'agency:post' }), 'out-of-scope');
      expectRefused(
        await read('agency:police', { service: 'post/postal-address' }),
        'out-of-scope',
      );
    });

    it('an auditor of a province sees its counters, and no others', async () => {
      const key = await newAuditor(onStage(), [{ kind: 'province', value: tehran }]);
      const readHere = (filter = {}) => read(registrar, filter, { key });

      expect(shown(await readHere())).toEqual(all.filter((entry) => entry.startsWith(till)));
      expect(shown(await readHere({ counter: till, province: tehran }))).toHaveLength(2);
      // Of the past, an office may have been elsewhere: it is refused by name for what is yet to come.
      const [from, to] = [3_600_000, 3_600_001].map((ms) =>
        new Date(Date.now() + ms).toISOString(),
      );
      expectRefused(await readHere({ counter: otherTill, from, to }), 'out-of-scope');
      expectRefused(await readHere({ province: fars }), 'out-of-scope');
    });

    it('an auditor without a scope sees nothing, and everybody may see what it may', async () => {
      const stage = onStage();
      const key = await newAuditor(stage, []);

      expectRefused(await read(registrar, {}, { key }), 'out-of-scope');

      const target = `/v1/participants/${encodeURIComponent(key.owner)}`;
      expect((await stage.wire.send('GET', target)).json).toMatchObject({ scopes: [] });
    });
  });
};
