import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { concat } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { linkTime } from '#shared/oversight/exports/export-link.ts';
import { readExport, readExportPart } from '#shared/oversight/exports/read-export.ts';
import { exportTime, takeExport } from '#shared/oversight/exports/take-export.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { chunked } from '../../verify/sample-export.ts';
import { kid, type TakingStage, takingStage } from './taking-exports.ts';

const by = 'auditor:all';

const Told = z.looseObject({
  state: z.string(),
  parts: z.int(),
  rows: z.int(),
  bytes: z.int(),
  links: z.array(z.string()).default([]),
});

const taken = async (stage: TakingStage) =>
  (await takeExport(stage.parts)({ by, kid }, stage.asking({ range: {} }))).job.id;

const told = async ({ parts, clock }: TakingStage, id: string, reader = by) => {
  clock.advance(1000);
  return Told.parse(await readExport(parts)({ by: reader, kid }, id));
};

const askedBy = (link: string) => {
  const { pathname, searchParams } = new URL(link);
  const [, id = '', part = ''] = /\/exports\/([^/]+)\/parts\/([^/]+)$/.exec(pathname) ?? [];
  return { path: { id, part }, query: Object.fromEntries(searchParams) };
};

const fetched = ({ parts }: TakingStage, link: string): Promise<Uint8Array> => {
  const { path, query } = askedBy(link);
  return readExportPart(parts)(path, query);
};

const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((caught: unknown) => caught);
  return error instanceof Problem ? error.name : 'none';
};

describe('reading how an export stands', () => {
  it('tells how far it is, and where to fetch it once it is done: which is on record', async () => {
    const stage = await takingStage();
    const id = await taken(stage);
    expect(await told(stage, id)).toMatchObject({ state: 'waiting', done: 0, links: [] });
    expect(stage.reads()).toHaveLength(1);
    await stage.work();
    const done = await told(stage, id);
    const size = (await stage.log.leaves()).length;
    expect(done).toMatchObject({ state: 'done', done: size, total: size, rows: size });
    expect(done.links).toHaveLength(done.parts);
    expect(stage.reads().at(-1)).toMatchObject({ by, kid, act: 'export', n: size });
    expect(JSON.parse(stage.reads().at(-1)?.filter ?? '')).toEqual({ export: id });
  });

  it('leads to parts that are the export, one behind the other', async () => {
    const stage = await takingStage();
    const id = await taken(stage);
    await stage.work();
    const { links, bytes } = await told(stage, id);
    const parts = await Promise.all(links.map((link) => fetched(stage, link)));
    const tar = concat(...parts);
    expect(tar.length).toBe(bytes);
    const { policy } = stage.log;
    const { checks } = await checkExport({ source: chunked(tar), policy, depth: 'form' });
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(stage.reads()).toHaveLength(2);
  });

  it('is another read each time that links are told', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    for (let n = 0; n < 3; n += 1) await told(stage, id);
    expect(stage.reads().filter(({ n }) => n > 0)).toHaveLength(3);
  });

  it('tells nothing where it cannot be put on record', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    stage.journal.faults.breakCall('putRecord', 'unacknowledged');
    expect(await refusalOf(told(stage, id))).toBe('store-unavailable');
  });

  it.each([
    ['another reader', 'registrar:one', undefined],
    ['another id', by, inquiryIdAt(1)],
    ['an id that is none', by, '../plan'],
  ])('has nothing for %s', async (_, reader, other) => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    expect(await refusalOf(told(stage, other ?? id, reader))).toBe('not-found');
    expect(stage.reads()).toHaveLength(1);
  });

  it('tells no links to a reader who may see other things by now', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    const scopes = [{ kind: 'agency' as const, value: 'agency:telecom' }];
    const directory = { participant: async () => ({ ...agencyOf(by), scopes }) };
    const reading = told({ ...stage, parts: { ...stage.parts, directory } }, id);
    expect(await refusalOf(reading)).toBe('out-of-scope');
    expect(stage.reads().at(-1)).toMatchObject({ n: 0, refused: true });
  });

  it('tells why it failed', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    stage.derived.overwrite(`export/${id}/plan`, undefined);
    await stage.work();
    expect(await told(stage, id)).toMatchObject({
      state: 'failed',
      problem: { name: 'parts-differ' },
      links: [],
    });
    expect(stage.reads()).toHaveLength(1);
  });

  it('forgets it after a week', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    const { links } = await told(stage, id);
    stage.clock.advance(7 * 86_400_000);
    expect(await refusalOf(told(stage, id))).toBe('not-found');
    expect(await refusalOf(fetched(stage, links[0] ?? ''))).toBe('link-invalid');
  });
});

describe('a link to a part of an export', () => {
  it('leads nowhere when the time of the export is over, though its own is not', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    stage.clock.advance(exportTime - 60_000);
    const { links } = await told(stage, id);
    const [first = ''] = links;
    expect((await fetched(stage, first)).length).toBeGreaterThan(0);
    stage.clock.advance(60_000);
    expect(await refusalOf(fetched(stage, first))).toBe('not-found');
  });

  it('holds for an hour, and leads to its own part', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    const { links } = await told(stage, id);
    const [first = ''] = links;
    expect(first.startsWith(`https://exchange.example/v1/audit/exports/${id}/parts/0?`)).toBe(true);
    stage.clock.advance(linkTime * 1000 - 1000);
    expect((await fetched(stage, first)).length).toBeGreaterThan(0);
    stage.clock.advance(1000);
    expect(await refusalOf(fetched(stage, first))).toBe('link-invalid');
  });

  it('is refused when anything of it is bent', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    const { links } = await told(stage, id);
    const right = askedBy(links[0] ?? '');
    const { path, query } = right;
    const sig = query['sig'] ?? '';
    const flipped = `${sig.slice(0, -2)}${sig.at(-2) === 'A' ? 'E' : 'A'}${sig.at(-1)}`;
    const bent = [
      { path: { ...path, part: '1' }, query },
      { path: { ...path, part: '00' }, query },
      { path: { ...path, part: '0x0' }, query },
      { path: { ...path, id: InquiryId.parse(inquiryIdAt(1)) }, query },
      { path: { ...path, id: 'plan' }, query },
      { path, query: { ...query, expires: String(Number(query['expires']) + 1) } },
      { path, query: { ...query, expires: ` ${query['expires']}` } },
      { path, query: { ...query, expires: undefined } },
      { path, query: { ...query, sig: flipped } },
      { path, query: { ...query, sig: sig.slice(1) } },
      { path, query: { ...query, sig: `${sig}=` } },
      { path, query: { ...query, sig: '' } },
      { path, query: { ...query, sig: undefined } },
    ];
    for (const one of bent) {
      const work = readExportPart(stage.parts)(one.path, one.query);
      expect(await refusalOf(work)).toBe('link-invalid');
    }
    expect((await readExportPart(stage.parts)(path, query)).length).toBeGreaterThan(0);
  });

  it('of another exchange is refused', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    const { links } = await told(
      { ...stage, parts: { ...stage.parts, key: Buffer.alloc(32, 9) } },
      id,
    );
    expect(await refusalOf(fetched(stage, links[0] ?? ''))).toBe('link-invalid');
  });

  it('is a bug of ours where its part is gone', async () => {
    const stage = await takingStage(1);
    const id = await taken(stage);
    await stage.work();
    const { links } = await told(stage, id);
    stage.derived.overwrite(`export/${id}/head/0`, undefined);
    await expect(fetched(stage, links[0] ?? '')).rejects.toMatchObject({ name: 'PartDamaged' });
  });
});
