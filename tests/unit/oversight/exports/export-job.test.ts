import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maxOctal } from '#shared/audit/export/tar-header.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { exportWorker } from '#shared/oversight/exports/export-job.ts';
import { exportParts } from '#shared/oversight/exports/export-parts.ts';
import { partCount } from '#shared/oversight/exports/export-state.ts';
import { policyText } from '#tests/support/log-builder.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { chunked } from '../../verify/sample-export.ts';
import { built, inquiries, long } from '../../verify/sample-files.ts';
import { completeLog } from '../../verify/sample-filtered.ts';
import { policy } from '../../verify/sample-log.ts';
import {
  type ExportStage,
  exportStage,
  linkKey,
  madeAtOnce,
  planOf,
  planPart,
  same,
} from './exporting.ts';

const bounds = fc
  .tuple(fc.nat({ max: long.size - 1 }), fc.nat({ max: long.size - 1 }))
  .map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) + 1 }));

const wholePlan = planOf([planPart(long)]);

/** Every write of a job, and every read that one stands on. */
const anyFault = fc.record({
  where: fc.constantFrom('derived', 'jobs' as const),
  fault: fc.constantFrom('not-persisted', 'unacknowledged' as const),
  nth: fc.integer({ min: 1, max: 40 }),
});

const breakAt = (
  { derived, jobs }: ExportStage,
  { where, fault, nth }: { where: string; fault: 'not-persisted' | 'unacknowledged'; nth: number },
): void => {
  if (where === 'derived') derived.faults.breakCall('putIfAbsent', fault, nth);
  else jobs.faults.breakCall('swap', fault, nth);
};

/** Takes a part away, or bends it, once all of them are made. */
const untilChecked = async (stage: ExportStage, id: string): Promise<void> => {
  const work = stage.worker();
  while (stage.job(id).state.step !== 'check') {
    if ((await work()).kind === 'idle') throw new Error('the export is not made');
  }
};

describe('a job that makes an export', () => {
  it('makes the bytes of one made in one go, in parts that can be fetched', async () => {
    await fc.assert(
      fc.asyncProperty(bounds, fc.boolean(), async (range, hasPolicy) => {
        const stage = exportStage(long, built);
        const more = hasPolicy ? { policy: utf8(policyText()) } : {};
        const plan = planOf([planPart(long, range), planPart(built, { shard: 1 })], more);
        const id = await stage.begin(plan);
        await stage.finish();
        const { state } = stage.job(id);
        const tar = await stage.tarOf(id);
        expect(state.step).toBe('done');
        expect(state.rows).toBe(range.to - range.from + built.size);
        expect([state.done, state.bytes]).toEqual([state.total, tar.length]);
        expect(same(tar, await madeAtOnce(stage, plan))).toBe(true);
      }),
      { numRuns: 6 },
    );
  });

  it('makes what verifies, and says how far it is', async () => {
    const stage = exportStage(long);
    const id = await stage.begin(wholePlan);
    const seen: number[] = [];
    const work = stage.worker();
    while ((await work()).kind !== 'idle') seen.push(stage.job(id).state.done);
    expect(seen.slice(0, 3)).toEqual([256, 512, 704]);
    const source = chunked(await stage.tarOf(id));
    const { checks } = await checkExport({ source, policy, depth: 'form' });
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
  });

  it('selects the rows of a filter, and tells the censuses, in however many steps', async () => {
    const stage = exportStage(completeLog, long);
    const filtering = { filter: { counter: 'counter:72110345' } };
    const plan = planOf([planPart(completeLog), planPart(long, { shard: 1 })], {
      filtering,
      pending: { count: 1, ids: [InquiryId.parse(inquiryIdAt(testNow))] },
    });
    const id = await stage.begin(plan);
    await stage.finish();
    const { state } = stage.job(id);
    const tar = await stage.tarOf(id);
    expect(state).toMatchObject({ step: 'done', total: completeLog.size + long.size });
    expect([state.rows > 0, state.censuses > 0]).toEqual([true, true]);
    expect(same(tar, await madeAtOnce(stage, plan))).toBe(true);
  });

  it('shows facts in the rows of the inquiries that they were opened of, and nowhere else', async () => {
    const stage = exportStage(built);
    const inquiry = InquiryId.parse(inquiries[2]?.id);
    const texts = { request: ['WyJhIiwic3ViamVjdCIsMV0'], response: [] };
    const id = await stage.begin(planOf([planPart(built)], { opened: [{ inquiry, texts }] }));
    await stage.finish();
    const tar = Buffer.from(await stage.tarOf(id)).toString('latin1');
    const lines = tar.split('\n').filter((line) => line.startsWith('{"disclosures"'));
    expect(lines).toHaveLength(1);
    expect(lines[0]).toContain(`"id":"${inquiry}"`);
    expect(lines[0]).toContain('"request":["WyJhIiwic3ViamVjdCIsMV0"]');
    expect(stage.job(id).state.rows).toBe(built.size);
  });

  it('makes the same bytes whichever of its writes break', async () => {
    const whole = exportStage(long);
    const expected = await madeAtOnce(whole, wholePlan);
    await fc.assert(
      fc.asyncProperty(fc.array(anyFault, { minLength: 1, maxLength: 6 }), async (faults) => {
        const stage = exportStage(long);
        const id = await stage.begin(wholePlan);
        for (const fault of faults) breakAt(stage, fault);
        await stage.finish();
        expect(stage.job(id).state.step).toBe('done');
        expect(same(await stage.tarOf(id), expected)).toBe(true);
      }),
      { numRuns: 15 },
    );
  });

  it('makes the same bytes with two workers at once, one of which may stand still anywhere', async () => {
    const expected = await madeAtOnce(exportStage(long), wholePlan);
    const anyPause = fc.record({
      where: fc.constantFrom('derived', 'jobs' as const),
      side: fc.constantFrom('before', 'after' as const),
      nth: fc.integer({ min: 1, max: 30 }),
    });
    await fc.assert(
      fc.asyncProperty(anyPause, async ({ where, side, nth }) => {
        const stage = exportStage(long);
        const id = await stage.begin(wholePlan);
        const pause =
          where === 'derived'
            ? stage.derived.faults.pauseCall('putIfAbsent', side, nth)
            : stage.jobs.faults.pauseCall('swap', side, nth);
        const slow = stage.finish();
        await Promise.race([pause.reached, slow]);
        await stage.finish();
        pause.release();
        await slow;
        expect(stage.job(id).state.step).toBe('done');
        expect(same(await stage.tarOf(id), expected)).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('takes open jobs in turns', async () => {
    const stage = exportStage(long);
    const ids = [await stage.begin(wholePlan)];
    stage.clock.now += 1;
    ids.push(await stage.begin(planOf([planPart(long, { from: 0, to: 10 })])));
    const steps = await stage.finish();
    const turns = steps.map((one) => (one.kind === 'stepped' ? ids.indexOf(one.job.id) : -1));
    expect(turns.slice(0, 4)).toEqual([0, 1, 0, 1]);
    expect(ids.map((id) => stage.job(id).state.step)).toEqual(['done', 'done']);
  });

  it('does nothing where no job is open', async () => {
    const stage = exportStage(built);
    const work = stage.worker();
    expect(await work()).toEqual({ kind: 'idle' });
    const id = await stage.begin(planOf([planPart(built)]));
    await stage.finish();
    const { version } = stage.job(id);
    expect(await work()).toEqual({ kind: 'idle' });
    expect(stage.job(id).version).toBe(version);
  });

  it.each(['head/0', 'lines/1', 'tail/0'])(
    'does not end well when %s is gone, or another one, by the time all is made',
    async (name) => {
      for (const bend of [() => undefined, (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)]) {
        const stage = exportStage(long);
        const id = await stage.begin(wholePlan);
        await untilChecked(stage, id);
        const key = `export/${id}/${name}`;
        const standing = stage.derived.peek(key);
        stage.derived.overwrite(key, bend(standing ?? new Uint8Array()));
        expect(standing).toBeDefined();
        const steps = await stage.finish();
        expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'parts-differ' });
        expect(steps.at(-1)).toMatchObject({ error: { name: 'PartDamaged' } });
      }
    },
  );

  it('does not end well when a part is one of another place, or of another export', async () => {
    for (const from of ['lines/0', 'other'] as const) {
      const stage = exportStage(long);
      const other = await stage.begin(wholePlan);
      await stage.finish();
      stage.clock.now += 1;
      const id = await stage.begin(wholePlan);
      await untilChecked(stage, id);
      const source = from === 'other' ? `export/${other}/lines/1` : `export/${id}/${from}`;
      stage.derived.overwrite(`export/${id}/lines/1`, stage.derived.peek(source));
      await stage.finish();
      expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'parts-differ' });
    }
  });

  it('ends as failed where another part stands already, and keeps that', async () => {
    const stage = exportStage(long);
    const id = await stage.begin(wholePlan);
    const other = utf8('another part, sealed as all of them are');
    await exportParts(stage.derived.store, linkKey, id).put('lines/0', [other]);
    const [step] = await stage.finish();
    expect(step).toMatchObject({ error: { name: 'PartDiffers' } });
    expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'parts-differ' });
    expect(await exportParts(stage.derived.store, linkKey, id).get('lines/0')).toEqual(other);
  });

  it.each([
    ['a tile', tilePath({ level: 0, index: 1, width: 256 })],
    ['a bundle', bundlePath({ index: 1, width: 256 })],
  ])(
    'ends as failed where %s of the log is gone, or another one; others go on',
    async (_, path) => {
      for (const bend of [() => undefined, (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)]) {
        const stage = exportStage(long, built);
        const key = logKey(0, path);
        stage.objects.overwrite(key, bend(stage.objects.peek(key) ?? new Uint8Array()));
        const id = await stage.begin(wholePlan);
        stage.clock.now += 1;
        const other = await stage.begin(planOf([planPart(built, { shard: 1 })]));
        const steps = await stage.finish();
        expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'log-differs' });
        expect(stage.job(other).state.step).toBe('done');
        expect(
          steps.filter((one) => one.kind === 'stepped' && one.error !== undefined),
        ).toHaveLength(1);
      }
    },
  );

  it('ends as failed where the rows outgrow a tar, which nobody has to look at', async () => {
    const stage = exportStage(long);
    const id = await stage.begin(wholePlan, { lines: maxOctal - 1000 });
    const [step] = await stage.finish();
    expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'too-large' });
    expect(step).not.toHaveProperty('error');
  });

  it('ends as failed for a reason that nobody foresaw, once', async () => {
    const stage = exportStage(built);
    const filtering = { filter: { province: 'تهران' } };
    const id = await stage.begin(planOf([planPart(built)], { filtering }));
    const provinceOf = () => Promise.reject(new RangeError('nobody foresaw this'));
    const work = exportWorker({ ...stage.making, provinceOf });
    expect(await work()).toMatchObject({ error: { name: 'RangeError' } });
    expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'broken' });
    expect(await work()).toMatchObject({ kind: 'forgetting' });
    expect(await work()).toEqual({ kind: 'idle' });
  });

  it('waits where the store cannot be reached', async () => {
    const stage = exportStage(built);
    const id = await stage.begin(planOf([planPart(built)]));
    const before = stage.job(id);
    for (const [where, method] of [
      [stage.objects, 'get'],
      [stage.derived, 'get'],
    ] as const) {
      where.faults.breakCall(method, 'not-persisted');
      await expect(stage.worker()()).rejects.toMatchObject({ name: 'store-unavailable' });
      expect(stage.job(id)).toEqual(before);
    }
  });

  it('leaves a job alone that is of another make, and does the others', async () => {
    const stage = exportStage(built);
    const strange = {
      id: inquiryIdAt(testNow - 5),
      version: 1,
      state: { v: 9 },
      until: testNow * 2,
    };
    await stage.jobs.store.swap(strange);
    const id = await stage.begin(planOf([planPart(built)]));
    const work = stage.worker();
    for (let n = 0; n < 9; n += 1) await work();
    expect(stage.job(id).state.step).toBe('done');
    expect(stage.jobs.dump()[0]).toEqual(strange);
  });

  it('keeps nothing of an entry in the clear', async () => {
    const stage = exportStage(long);
    const id = await stage.begin(wholePlan);
    await stage.finish();
    const kept = [...stage.derived.dump()].filter(([key]) => key.startsWith(`export/${id}/`));
    expect(kept.length).toBeGreaterThan(partCount(stage.job(id).state));
    for (const [, bytes] of kept) {
      const text = Buffer.from(bytes).toString('latin1');
      expect(text.includes('entries.ndjson') || text.includes('"leaf"')).toBe(false);
    }
  });
});
