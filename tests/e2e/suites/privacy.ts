import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
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

/** Every file below a folder: its path, its bytes, and what is said in them. */
const filesIn = async (folder: string): Promise<readonly (string | Uint8Array)[]> => {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = found.filter((one) => one.isFile());
  const texts = files.map(async ({ parentPath, name }) => {
    const path = join(parentPath, name);
    const bytes = await readFile(path);
    return [path, bytes, withPayloads(bytes.toString('utf8'))];
  });
  return (await Promise.all(texts)).flat();
};

/** Everything that was kept or shown, by where. */
type Places = Readonly<Record<Place, readonly (string | Uint8Array)[]>>;

/** Where only an exchange on this machine can be looked into. */
const localPlaces = ['output', 'objects', 'staging', 'witnesses', 'logs'] as const;
const places = ['keys', 'records', 'vaults', 'wire', ...localPlaces] as const;
type Place = (typeof places)[number];

const isLocal = (place: Place): boolean => localPlaces.some((one) => one === place);

const gather = async (stage: Stage): Promise<Places> => {
  const items = await journalItems(stage);
  const { workshop } = stage.world;
  const below = async (place: 'objects' | 'staging' | 'witnesses' | 'logs') =>
    workshop === undefined ? [] : filesIn(workshop.places[place]);
  return {
    keys: items.map((item) => `${item['pk']?.S} ${item['sk']?.S}`),
    records: items
      .filter((item) => item['r'] !== undefined)
      .map((item) => withPayloads(unpackRecord(bytesOf(item, 'r')))),
    vaults: items.filter((item) => item['d'] !== undefined).map((item) => bytesOf(item, 'd')),
    wire: stage.wire.overheard().map(withPayloads),
    output: [workshop?.exchange.output() ?? ''],
    // The published log: checkpoints, tiles, entry bundles.
    objects: await below('objects'),
    staging: await below('staging'),
    witnesses: await below('witnesses'),
    logs: await below('logs'),
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
      for (const place of places.filter((one) => !isLocal(one))) {
        expect(at(place).length).toBeGreaterThan(100);
      }
    });

    it('the published log holds what was asked of them, and so is worth looking through', ({
      skip,
    }) => {
      skip(onStage().world.workshop === undefined, onlyLocal);
      const inquiries =
        at('objects')
          .join('')
          .match(/"k":"i"/g) ?? [];

      expect(inquiries.length).toBeGreaterThan(100);
      for (const place of ['staging', 'witnesses', 'logs'] as const) {
        expect(at(place).length).toBeGreaterThan(2);
      }
      expect(at('logs').join('')).toContain('"message":"sequenced"');
    });

    it.for(places)('nothing is readable in the %s', (place, { skip }) => {
      skip(isLocal(place) && onStage().world.workshop === undefined, onlyLocal);

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
