import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { testPerson } from '#infra/local/agencies/data/test-ids.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { leaksIn, spellingsOf } from '../leaks.ts';
import { linesOf } from '../printed.ts';
import type { OnStage, Stage } from '../stage.ts';
import { onlyLocal } from '../workshop.ts';

const Attribute = z.object({
  S: z.string().optional(),
  N: z.string().optional(),
  B: z.string().optional(),
});
const Item = z.record(z.string(), Attribute);
type Item = z.infer<typeof Item>;
const Items = z.object({ Items: z.array(Item), LastEvaluatedKey: Item.optional() });

/** Every row of the journal as its store has it. */
const journalItems = async ({ world }: Stage): Promise<readonly Item[]> => {
  const found: Item[] = [];
  let from: Item | undefined;
  do {
    const page = Items.parse(
      await world.store('Scan', {
        TableName: world.env.JOURNAL_TABLE,
        ConsistentRead: true,
        ...(from !== undefined && { ExclusiveStartKey: from }),
      }),
    );
    found.push(...page.Items);
    from = page.LastEvaluatedKey;
  } while (from !== undefined);
  return found;
};

const bytesOf = (item: Item, name: string): Uint8Array =>
  Buffer.from(item[name]?.B ?? '', 'base64');

/** A text of which a part is base64url, with what that part says behind it. */
const withPayloads = (text: string): string =>
  [...text.matchAll(/[A-Za-z0-9_-]{40,}/g)]
    .map(([part]) => Buffer.from(part, 'base64url').toString('utf8'))
    .concat(text)
    .join('\n');

/** Everything that was kept or shown, by where. */
type Places = Readonly<Record<Place, readonly (string | Uint8Array)[]>>;
const places = ['keys', 'records', 'vaults', 'wire', 'output'] as const;
type Place = (typeof places)[number];

const gather = async (stage: Stage): Promise<Places> => {
  const items = await journalItems(stage);
  return {
    keys: items.map((item) => `${item['pk']?.S} ${item['sk']?.S}`),
    records: items
      .filter((item) => item['r'] !== undefined)
      .map((item) => withPayloads(unpackRecord(bytesOf(item, 'r')))),
    vaults: items.filter((item) => item['d'] !== undefined).map((item) => bytesOf(item, 'd')),
    wire: stage.wire.overheard().map(withPayloads),
    output: [stage.world.workshop?.exchange.output() ?? ''],
  };
};

/** The last suite: what all others said of persons must stand nowhere but inside sealed vaults. */
export const privacySuite = (onStage: OnStage): void => {
  describe('of the persons who were asked about', () => {
    let gathered: Places | undefined;
    beforeAll(async () => {
      gathered = await gather(onStage());
    }, 60_000);
    afterAll(() => {
      gathered = undefined;
    });
    const at = (place: Place): readonly (string | Uint8Array)[] => gathered?.[place] ?? [];

    it('much was said in this run', () => {
      const values = onStage().persons.values();

      expect(values.length).toBeGreaterThan(1000);
      expect(values).toEqual(expect.arrayContaining([testPerson.nationalId, testPerson.mobile]));
      for (const place of places.filter((one) => one !== 'output')) {
        expect(at(place).length).toBeGreaterThan(100);
      }
    });

    it.for(places)('nothing is readable in the %s', (place, { skip }) => {
      skip(place === 'output' && onStage().world.workshop === undefined, onlyLocal);

      expect(leaksIn(at(place), onStage().persons.values())).toEqual([]);
    });

    it('something would be found if it were there, in any spelling', () => {
      const { nationalId, firstName } = testPerson;
      for (const value of [nationalId, firstName]) {
        for (const spelling of spellingsOf(value)) {
          const planted = [...at('records').slice(0, 10), `{"x":"AAA${spelling}AAA"}`];
          expect(leaksIn(planted, [value])).toMatchObject([{ value }]);
        }
        for (const before of ['', 'a', 'ab', 'abc']) {
          const text = Buffer.from(`${before}${value} and more`).toString('base64url');
          expect(leaksIn([text], [value])).toHaveLength(1);
        }
      }
    });

    it('what a request disclosed is found as soon as it is looked for where it is', () => {
      const { nationalId } = testPerson;
      const disclosure = Buffer.from(JSON.stringify(['salt', 'subject', nationalId]));

      expect(leaksIn([`a.b.c~${disclosure.toString('base64url')}~`], [nationalId])).toHaveLength(1);
    });
  });

  describe('all that the exchange printed', () => {
    it('is JSON, a line each, and tells of no bug', ({ skip }) => {
      const { workshop } = onStage().world;
      skip(workshop === undefined, onlyLocal);

      const lines = linesOf(workshop?.exchange.output() ?? '');

      expect(lines.length).toBeGreaterThan(1000);
      expect(lines.filter((line) => line['message'] === 'bug')).toEqual([]);
      const outcomes = lines.filter((line) => line['message'] === 'outcome');
      const ids = outcomes.map((line) => line['requestId']);
      expect(new Set(ids).size).toBe(ids.length);
    });
  });
};
