import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { handler as runErasures } from '#functions/run-erasures/handler.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoSubjectIndex } from '#functions/runtime/dynamo/subject-index.ts';
import { loadErasureDesk } from '#functions/runtime/erasure-desk.ts';
import { loadExports } from '#functions/runtime/export-reading.ts';
import { loadSecretKeys } from '#functions/runtime/keys/secret.ts';
import { loadErasing } from '#functions/runtime/log/erasing.ts';
import { loadExporting } from '#functions/runtime/log/exporting.ts';
import { loadIndexing } from '#functions/runtime/log/indexing.ts';
import { loadPolicy } from '#functions/runtime/log/log-policy.ts';
import { publishOrWitness } from '#functions/runtime/log/publish-invoked.ts';
import { scheduled } from '#functions/runtime/log/scheduled.ts';
import { loadSequencing } from '#functions/runtime/log/sequencing.ts';
import { openObjectStore } from '#functions/runtime/objects/open-objects.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { addressOf } from '#shared/audit/address.ts';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { concat } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { readErasure, takeErasure, takeHold } from '#shared/oversight/erasure/desk.ts';
import { readExport, readExportPart } from '#shared/oversight/exports/read-export.ts';
import { takeExport } from '#shared/oversight/exports/take-export.ts';
import { readVaultRow } from '#shared/oversight/feeding/vault-objects.ts';
import { subjectTag } from '#shared/oversight/tags.ts';
import { inquiryIdAt, requestFactsExample } from '#tests/support/messages.ts';
import { chunked } from '#tests/unit/verify/sample-export.ts';
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

afterEach(() => {
  vi.unstubAllEnvs();
});

const by = 'registrar:cra';
const sender = { by: 'auditor:one', kid: 'A'.repeat(43) };
const order = 'court-12/05-778';
const { subject } = requestFactsExample;

/** Everybody may do what the desk is asked for here. */
const deskOf = async ({ env }: LogSite) => ({
  ...(await loadErasureDesk(env)),
  directory: {
    participant: async (id: string) => ({
      kind: 'participant' as const,
      id,
      title: { fa: 'سازمان', en: 'Office' },
      status: 'active' as const,
      version: 1,
    }),
  },
});

/** The log as far as it can come, cosigned and indexed. */
const follow = async (site: LogSite): Promise<void> => {
  site.pass(60_000);
  const start = site.start();
  await scheduled(loadSequencing, start)({ seconds: 0 });
  await publishOrWitness(start)({ seconds: 0 });
  await scheduled(loadIndexing, start)({ seconds: 0 });
};

const rowsOf = async ({ env }: LogSite, t: number) => {
  const { subject: key } = await loadSecretKeys(env);
  const tag = subjectTag(key, new Date(t).getUTCFullYear(), subject);
  const index = dynamoSubjectIndex(dynamoClient(env), env.SUBJECT_TABLE ?? '');
  return (await index.list(tag, { before: t + 60_000, limit: 10 })).rows;
};

describe('run-erasures', () => {
  it('erases a person from journal, vault and index, in the stores of one machine', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '', { time: Date.now() - 1000 });
    const began = site.now();
    const ids = [...(await site.ask(3)).keys()].map((id) => InquiryId.parse(id));
    await follow(site);
    const rows = await rowsOf(site, began);
    expect(rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());

    const desk = await deskOf(site);
    const id = inquiryIdAt(Date.now());
    await takeErasure(desk)({ id, subject, order }, by);
    await follow(site);
    await scheduled(loadErasing, site.start())({ seconds: 0 });

    expect(site.told.failures).toEqual([]);
    expect(await readErasure(desk)(id)).toMatchObject({ state: 'erased', n: 3, order });
    expect(await rowsOf(site, began)).toEqual([]);
    for (const one of ids) {
      const { intent } = await site.journal.read(addressOf(one, site.layout));
      expect(intent?.vault).toHaveLength(0);
    }
    const derived = openObjectStore(site.env, 'DERIVED');
    for (const { shard, index } of rows) {
      expect(await readVaultRow(derived, shard, index)).toEqual({ kind: 'erased' });
    }
    await follow(site);
    const erased = (await site.leaves()).map((data) => Buffer.from(data).toString('utf8'));
    expect(erased.filter((text) => text.includes('"k":"erase"'))).toHaveLength(1);
    expect(site.told.metrics).toEqual(
      expect.arrayContaining([
        ['ErasuresOpen', 0, {}],
        ['ErasureAge', 0, {}],
        ['RetentionLag', 0, {}],
      ]),
    );
  });

  it('takes the exports away that hold a fact of the person, and leaves others, which verify', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '', { time: Date.now() - 1000 });
    const [asked = ''] = [...(await site.ask(2)).keys()];
    await follow(site);
    const desk = await deskOf(site);
    const { directory } = desk;
    const opening = { disclosure: 'WyJhIiwic3ViamVjdCIsMV0' };
    const ground = {
      ...(await loadExports(site.env)),
      directory,
      openFact: async () => ({ fact: opening }),
    };
    const make = scheduled(loadExporting, site.start());
    const taken = async (more: JsonObject): Promise<string> => {
      const body = { id: inquiryIdAt(Date.now()), range: {}, ...more };
      return (await takeExport(ground)(sender, body)).job.id;
    };
    const disclosures = [{ inquiry: asked, fact: 'operator' }];
    const held = await taken({ disclosures, reason: 'a complaint was made' });
    const plain = await taken({});
    await make({ seconds: 2 });
    const partOf = (link: unknown) => {
      const { pathname, searchParams } = new URL(String(link));
      const [, id = '', part = ''] = /exports\/([^/]+)\/parts\/([^/]+)$/.exec(pathname) ?? [];
      return readExportPart(ground)({ id, part }, Object.fromEntries(searchParams));
    };
    const linksOf = async (id: string): Promise<readonly unknown[]> => {
      const { links } = await readExport(ground)(sender, id);
      return z.array(z.string()).parse(links);
    };
    const told = await linksOf(held);
    expect((await partOf(told[0])).length).toBeGreaterThan(0);

    const id = inquiryIdAt(Date.now());
    await takeErasure(desk)({ id, subject, order }, by);
    await follow(site);
    await scheduled(loadErasing, site.start())({ seconds: 0 });

    expect(site.told.failures).toEqual([]);
    expect(await readErasure(desk)(id)).toMatchObject({ state: 'erased', n: 2 });
    const folder = join(site.env.DERIVED_DIRECTORY ?? '', 'export');
    expect(await readdir(folder)).toEqual([plain]);
    expect(await readExport(ground)(sender, held)).toMatchObject({
      state: 'failed',
      problem: { name: 'erased' },
    });
    await expect(partOf(told[0])).rejects.toMatchObject({ name: 'not-found' });
    const tar = concat(...(await Promise.all((await linksOf(plain)).map(partOf))));
    const policy = await loadPolicy(site.env);
    const { checks } = await checkExport({ source: chunked(tar), policy, depth: 'hashes' });
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
    // And the others are forgotten by the clock, of which nothing stays.
    const later = scheduled(loadExporting, site.start({ now: () => Date.now() + 7 * 86_400_000 }));
    for (let n = 0; n < 4; n += 1) await later({ seconds: 0 });
    expect(await readdir(folder)).toEqual([]);
  });

  it('leaves what is held, and says nothing wrong', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '', { time: Date.now() - 1000 });
    const began = site.now();
    await site.ask(1);
    await follow(site);
    const desk = await deskOf(site);
    const id = inquiryIdAt(Date.now());
    await takeErasure(desk)({ id, subject, order }, by);
    const held = { order, reason: 'A case is open.', what: { kind: 'subject', subject } };
    expect(await takeHold(desk)({ id: inquiryIdAt(Date.now()), ...held }, by)).toMatchObject({
      seen: true,
    });
    await follow(site);
    await scheduled(loadErasing, site.start())({ seconds: 0 });
    expect(await readErasure(desk)(id)).toMatchObject({ state: 'held', n: 0 });
    expect(await rowsOf(site, began)).toHaveLength(1);
    expect(site.told.failures).toEqual([]);
  });

  it('runs as Lambda runs it, where nothing is to be done', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '', { time: Date.now() });
    for (const [name, value] of Object.entries(site.variables)) vi.stubEnv(name, value);
    vi.stubEnv('LOG_LEVEL', 'SILENT');
    expect(await runErasures({ seconds: 0 })).toEqual({});
  });
});
