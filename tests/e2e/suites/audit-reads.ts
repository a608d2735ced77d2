import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { LogRead } from '#events/log-read.ts';
import { bucketOf } from '#shared/audit/address.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { readAs } from '../access.ts';
import { otherTill, requestFor, till } from '../ask.ts';
import { leaksIn } from '../leaks.ts';
import { missingLog } from '../log.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';

const auditor = 'auditor:inspection';

/** The reads by somebody that stand in the journal from a time on. */
const readsSince = async (
  { world }: Stage,
  since: number,
  by: string = auditor,
): Promise<readonly LogRead[]> => {
  const { journal, layout } = world;
  const found: LogRead[] = [];
  // One bucket more than by this clock: that of a deployment is another.
  for (let bucket = bucketOf(since) - 1; bucket <= bucketOf(Date.now()) + 1; bucket += 1) {
    for (let slot = 0; slot < layout.slots; slot += 1) {
      const partition = { bucket, slot, shard: slot % layout.shards };
      const { entries } = await journal.list(partition, { after: '', limit: 1000 });
      for (const { record } of entries) {
        if (record === undefined) continue;
        const json: unknown = JSON.parse(unpackRecord(record.record));
        const read = LogRead.safeParse(json).data;
        if (read !== undefined && read.by === by && read.t >= since) found.push(read);
      }
    }
  }
  return found;
};

const Page = z.object({ entries: z.array(z.unknown()) });

const targetOf = (query: Readonly<Record<string, string>>): string =>
  `/v1/audit/entries?${new URLSearchParams(query).toString()}`;

export const auditReadsSuite = (onStage: OnStage): void => {
  describe('a read by an auditor', () => {
    it('of entries is a leaf: who, by which key, what was asked, how much, and no person', async () => {
      const stage = onStage();
      const at = Date.now();
      const key = stage.world.keyOf(otherTill);
      await stage.wire.post(await requestFor(stage, { question: serviceOf('post').yes, key }));
      const range = {
        from: new Date(at - 60_000).toISOString(),
        to: new Date(at + 10_000).toISOString(),
      };
      const since = Date.now() - 1;
      // A limit that no other reading of this run has.
      const asked = { ...range, counter: otherTill, limit: String(900 + (at % 97)) };

      const heard = await readAs(stage, auditor, targetOf(asked));

      expect(heard.status).toBe(200);
      const filter = JSON.stringify({
        counter: otherTill,
        from: range.from,
        limit: Number(asked.limit),
        to: range.to,
      });
      const reads = (await readsSince(stage, since)).filter((read) => read.filter === filter);
      expect(reads).toHaveLength(1);
      expect(reads[0]).toMatchObject({
        act: 'entries',
        kid: stage.world.keyOf(auditor).kid,
        n: Page.parse(heard.json).entries.length,
      });
      expect(reads[0]?.n).toBeGreaterThan(0);
      expect(leaksIn([JSON.stringify(reads)], stage.persons.values())).toEqual([]);
    });

    it('that is refused is none', async () => {
      const stage = onStage();
      const since = Date.now() - 1;
      const before = (await readsSince(stage, since)).length;

      const wrong = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z', limit: '0' };
      expectRefused(await readAs(stage, auditor, targetOf(wrong)), 'invalid-query');

      expect(await readsSince(stage, since)).toHaveLength(before);
    });

    it('of what lies outside its scope is one as well: of nothing, and refused', async () => {
      const stage = onStage();
      const since = Date.now() - 1;
      const range = { from: '2026-01-01T00:00:00Z', to: '2026-01-01T01:00:00Z' };
      const target = targetOf({ ...range, counter: otherTill });

      expectRefused(await readAs(stage, till, target), 'out-of-scope');

      const reads = await readsSince(stage, since, till);
      expect(reads).toHaveLength(1);
      expect(reads[0]).toMatchObject({ act: 'entries', n: 0, refused: true });
    });

    it('by counts and questions is a leaf of what was looked at', async () => {
      const stage = onStage();
      const since = Date.now() - 1;
      const range = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
      const query = new URLSearchParams(range).toString();
      for (const address of [`summary?by=rule&${query}`, `questions/no-case?${query}`]) {
        expect((await readAs(stage, auditor, `/v1/audit/${address}`)).status).toBe(200);
      }

      const reads = await readsSince(stage, since);
      expect(reads.map(({ act }) => act).toSorted()).toEqual(['question', 'summary']);
      expect(reads.map(({ filter }) => filter).join()).toMatch(/"question":"no-case"/);
    });

    it('of a bundle of the log is a leaf', async ({ skip }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      const since = Date.now() - 1;

      const heard = await readAs(stage, auditor, '/log/0/tile/entries/000.p/1');

      expect(heard.status).toBe(200);
      const reads = (await readsSince(stage, since)).filter(({ act }) => act === 'bundle');
      expect(reads).toHaveLength(1);
      expect(reads[0]).toMatchObject({ filter: '{"bundle":0,"shard":0}', n: 1 });
    });
  });
};
