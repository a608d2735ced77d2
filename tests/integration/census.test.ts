import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CensusTaken } from '#events/census-taken.ts';
import { loadCounting } from '#functions/runtime/counting.ts';
import { loadEntryFeeding } from '#functions/runtime/log/entry-feeding.ts';
import { loadIndexing } from '#functions/runtime/log/indexing.ts';
import { clocked } from '#functions/runtime/log/invoked.ts';
import { scheduled } from '#functions/runtime/log/scheduled.ts';
import { loadSequencing } from '#functions/runtime/log/sequencing.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { census } from '#shared/audit/census/census.ts';
import { checkCensus } from '#shared/audit/census/check-census.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { type LogSite, startLogSite } from './log-site.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

const newSite = (how: Parameters<typeof startLogSite>[1] = {}): Promise<LogSite> =>
  startLogSite(store?.endpoint ?? '', how);

/** The log as far as it can come, and its index. */
const runLog = async (site: LogSite): Promise<void> => {
  site.pass(25_000);
  await scheduled(loadSequencing, site.start())({ seconds: 0 });
  await scheduled(loadIndexing, site.start())({ seconds: 3 });
};

const count = (site: LogSite): Promise<object> => clocked(loadCounting, site.start())({});

/** The censuses in a log, as leaves. */
const censusesIn = async (site: LogSite, shard = 0): Promise<readonly CensusTaken[]> =>
  (await site.leaves(shard)).flatMap((leaf) => {
    const text = Buffer.from(leaf).toString('utf8');
    return text.includes('"k":"census"') ? [CensusTaken.parse(JSON.parse(text))] : [];
  });

describe('the census by the clock', () => {
  it('is a leaf of each log that has inquiries, which the leaves before it bear out', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite({ shards: 2 });
    await site.ask(5, 0);
    await site.ask(3, 1);
    await runLog(site);
    expect(await count(site)).toEqual({ censuses: 2 });
    expect(await count(site)).toEqual({ censuses: 0 });
    await runLog(site);
    for (const [shard, n] of [5, 3].entries()) {
      const [leaf, ...others] = await censusesIn(site, shard);
      expect(others).toEqual([]);
      const counted = (await site.leaves(shard)).slice(0, leaf?.to);
      expect([leaf?.shard, leaf?.n, leaf?.from]).toEqual([shard, n, 0]);
      expect(leaf && checkCensus(leaf, census(counted))).toEqual([]);
    }
    expect(site.told.events.filter(([name]) => name === 'census')).toHaveLength(2);
    expect(site.told.failures).toEqual([]);
  });

  it('finds an index that says something else, which is then made again', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(4);
    await runLog(site);
    const { derived, marks } = await loadEntryFeeding(site.env);
    const key = segmentKey(0, 0);
    const right = await derived.get(key);
    await derived.replace(key, right, utf8('spoilt'));
    await count(site);
    expect(site.told.metrics).toContainEqual(['IndexDiffers', 1, { shard: '0' }]);
    expect(await marks.read(0)).toEqual({ size: 0, until: 0 });
    await scheduled(loadIndexing, site.start())({ seconds: 0 });
    expect(Buffer.from((await derived.get(key)) ?? [])).toEqual(Buffer.from(right ?? []));
  });

  it('of one log goes on where another cannot be read, and the failure is told', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite({ shards: 2 });
    await site.ask(2, 0);
    await site.ask(2, 1);
    await runLog(site);
    const size = (await site.leaves(0)).length;
    const checkpoint = await site.objects.get('log/0/checkpoint');
    await site.objects.replace('log/0/checkpoint', checkpoint, utf8('no checkpoint'));
    await expect(count(site)).rejects.toMatchObject({ name: 'FeedStopped' });
    await site.objects.replace('log/0/checkpoint', utf8('no checkpoint'), checkpoint ?? utf8(''));
    expect(await count(site)).toEqual({ censuses: 1 });
    await runLog(site);
    expect((await censusesIn(site, 1)).map(({ n }) => n)).toEqual([2]);
    expect((await censusesIn(site, 0)).map(({ to }) => to)).toEqual([size]);
  });
});
