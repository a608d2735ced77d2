import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ExportsGround, loadExports } from '#functions/runtime/export-reading.ts';
import { loadExporting } from '#functions/runtime/log/exporting.ts';
import { loadPolicy } from '#functions/runtime/log/log-policy.ts';
import { scheduled } from '#functions/runtime/log/scheduled.ts';
import { loadSequencing } from '#functions/runtime/log/sequencing.ts';
import { loadWitnessing } from '#functions/runtime/log/witnessing.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { concat } from '#shared/kernel/bytes.ts';
import { readExport, readExportPart } from '#shared/oversight/exports/read-export.ts';
import { takeExport } from '#shared/oversight/exports/take-export.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { chunked } from '#tests/unit/verify/sample-export.ts';
import { type LogSite, startLogSite } from './log-site.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';
const sender = { by: 'auditor:one', kid: 'A'.repeat(43) };

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

/** A log of two shards with inquiries in both, cosigned. */
const newSite = async (): Promise<LogSite> => {
  const site = await startLogSite(store?.endpoint ?? '', { shards: 2, time: Date.now() - 60_000 });
  await site.ask(5, 0);
  await site.ask(3, 1);
  site.pass(25_000);
  await scheduled(loadSequencing, site.start())({ seconds: 0 });
  await scheduled(loadWitnessing, site.start())({ seconds: 0 });
  return site;
};

/** Where an auditor takes part, whatever the registry holds. */
const groundOf = async ({ env }: LogSite): Promise<ExportsGround> => {
  const ground = await loadExports(env);
  const participant = async (id: string) => agencyOf(id);
  return { ...ground, directory: { ...ground.directory, participant } };
};

const fetchAll = async (ground: ExportsGround, id: string): Promise<Uint8Array> => {
  const { links } = await readExport(ground)(sender, id);
  const parts = (Array.isArray(links) ? links : []).map(async (link, part) => {
    const query = Object.fromEntries(new URL(String(link)).searchParams);
    return readExportPart(ground)({ id, part: String(part) }, query);
  });
  return concat(...(await Promise.all(parts)));
};

describe('run-exports', () => {
  it.for([
    ['the whole of every log', { range: {} }, 10],
    ['what a filter names', { filter: { counter: 'counter:72110345' } }, 10],
  ] as const)(
    'makes an export of %s, which verifies, and tells of it once',
    async ([, more, rows], { skip }) => {
      skip(missing, reason);
      await using site = await newSite();
      const ground = await groundOf(site);
      const run = scheduled(loadExporting, site.start());
      await run({ seconds: 0 });
      const { job } = await takeExport(ground)(sender, { id: inquiryIdAt(Date.now()), ...more });
      const { id } = job;
      await run({ seconds: 2 });

      const tar = await fetchAll(ground, id);

      const policy = await loadPolicy(site.env);
      const { checks } = await checkExport({ source: chunked(tar), policy, depth: 'hashes' });
      expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
      expect(site.told.events.filter(([name]) => name === 'export')).toMatchObject([
        ['export', { export: id, step: 'done', rows, failure: '' }],
      ]);
      expect(site.told.failures).toEqual([]);
    },
  );

  it('tells how old the oldest is that is not made, also where no step of it succeeds', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    const ground = await groundOf(site);
    const ages = () => site.told.metrics.filter(([name]) => name === 'ExportAge');
    await scheduled(loadExporting, site.start())({ seconds: 0 });
    expect(ages()).toEqual([['ExportAge', 0, {}]]);
    await takeExport(ground)(sender, { id: inquiryIdAt(Date.now()), range: {} });
    const now = () => Date.now() + 3_600_000;
    const away = { ...site.env, DERIVED_DIRECTORY: '/dev/null/none' };
    await scheduled(loadExporting, site.start({ env: away, now }))({ seconds: 0 });
    expect(site.told.failures).toMatchObject([{ name: 'store-unavailable' }]);
    expect(ages().at(-1)?.[1]).toBeGreaterThanOrEqual(3600);
    await scheduled(loadExporting, site.start({ now }))({ seconds: 2 });
    await scheduled(loadExporting, site.start({ now }))({ seconds: 0 });
    expect(ages().at(-1)).toEqual(['ExportAge', 0, {}]);
  });

  it('tells why an export failed, as a failure to look at', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const ground = await groundOf(site);
    const { job } = await takeExport(ground)(sender, { id: inquiryIdAt(Date.now()), range: {} });
    const { id } = job;
    const { env } = site;
    const elsewhere = { ...env, OBJECTS_DIRECTORY: `${env.OBJECTS_DIRECTORY}-none` };
    await scheduled(loadExporting, site.start({ env: elsewhere }))({ seconds: 1 });
    expect(await readExport(ground)(sender, id)).toMatchObject({
      state: 'failed',
      problem: { name: 'log-differs' },
    });
    expect(site.told.failures).toMatchObject([{ name: 'LogFileMissing' }]);
  });
});
