import { describe, expect, it } from 'vitest';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { eraseExports } from '#shared/oversight/exports/erase-exports.ts';
import { partLink } from '#shared/oversight/exports/export-link.ts';
import { isGone, toExportJob } from '#shared/oversight/exports/export-state.ts';
import { readExport, readExportPart } from '#shared/oversight/exports/read-export.ts';
import { takeExport } from '#shared/oversight/exports/take-export.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { chunked } from '../../verify/sample-export.ts';
import { built, inquiries, long } from '../../verify/sample-files.ts';
import { policy } from '../../verify/sample-log.ts';
import { type ExportStage, exportStage, linkKey, planOf, planPart, same } from './exporting.ts';
import { kid, takingStage } from './taking-exports.ts';

const [first, second] = inquiries.map(({ id }) => InquiryId.parse(id));
if (first === undefined || second === undefined) throw new Error('There are no inquiries.');

const opened = [{ inquiry: first, texts: { request: ['WyJhIiwic3ViamVjdCIsMV0'], response: [] } }];
const plan = planOf([planPart(built)], { opened });

const erasing =
  ({ jobs, derived }: Pick<ExportStage, 'jobs' | 'derived'>) =>
  (ids: readonly InquiryId[]): Promise<void> =>
    eraseExports({ exports: jobs.store, remover: derived.remover }, ids);

const left = ({ derived }: Pick<ExportStage, 'derived'>, id: string): readonly string[] =>
  [...derived.dump().keys()].filter((key) => key.startsWith(`export/${id}/`));

const refusalOf = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.catch((caught: unknown) => caught);
  return error instanceof Problem ? error.name : 'none';
};

/** One step at a time, until the export is at a step. */
const until = async (stage: ExportStage, id: string, step: string): Promise<void> => {
  const work = stage.worker();
  while (stage.job(id).state.step !== step) await work();
};

describe('erasing exports', () => {
  it.each(['lines', 'frame', 'check', 'done'] as const)(
    'withdraws one that is at %s and holds a fact of an inquiry, and leaves nothing of it',
    async (step) => {
      const stage = exportStage(built);
      const id = await stage.begin(plan);
      await until(stage, id, step);
      await erasing(stage)([second, first]);
      expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'erased' });
      expect(left(stage, id)).toEqual([]);
      await stage.finish();
      await stage.worker()();
      expect(left(stage, id)).toEqual([]);
      expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'erased' });
    },
  );

  it('leaves those in which nothing was opened, or facts of others: they verify', async () => {
    const stage = exportStage(built, long);
    const ids: string[] = [];
    for (const one of [
      planOf([planPart(built)]),
      planOf([planPart(built)], { opened: opened.map((each) => ({ ...each, inquiry: second })) }),
    ]) {
      ids.push(await stage.begin(one));
      stage.clock.now += 1;
    }
    const gone = await stage.begin(plan);
    await stage.finish();
    const before = await Promise.all(ids.map(stage.tarOf));
    await erasing(stage)([first]);
    expect(left(stage, gone)).toEqual([]);
    expect(ids.map((id) => stage.job(id).state.step)).toEqual(['done', 'done']);
    const after = await Promise.all(ids.map(stage.tarOf));
    expect(after.map((tar, n) => same(tar, before[n] ?? new Uint8Array()))).toEqual([true, true]);
    const source = chunked(after[0] ?? new Uint8Array());
    const { checks } = await checkExport({ source, policy, depth: 'form' });
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
  });

  it.each(
    (['list', 'swap', 'removeBelow'] as const).flatMap((method) =>
      (['not-persisted', 'unacknowledged'] as const).map((fault) => ({ method, fault })),
    ),
  )('is not over when $method breaks ($fault), and can be done again', async (broken) => {
    const { method, fault } = broken;
    const stage = exportStage(built);
    const id = await stage.begin(plan);
    await stage.finish();
    if (method === 'removeBelow') stage.derived.faults.breakCall(method, fault);
    else stage.jobs.faults.breakCall(method, fault);
    expect(await refusalOf(erasing(stage)([first]))).toBe('store-unavailable');
    await erasing(stage)([first]);
    expect(left(stage, id)).toEqual([]);
    expect(isGone(stage.job(id).state)).toBe(true);
  });

  it('wins against a worker that is at the export, wherever it stands still', async () => {
    for (const [where, side, nth] of [
      ['putIfAbsent', 'before', 1],
      ['putIfAbsent', 'after', 1],
      ['putIfAbsent', 'after', 2],
      ['swap', 'before', 1],
      ['swap', 'after', 1],
      ['swap', 'before', 3],
      ['swap', 'after', 3],
    ] as const) {
      const stage = exportStage(built);
      const id = await stage.begin(plan);
      const pause =
        where === 'swap'
          ? stage.jobs.faults.pauseCall(where, side, nth)
          : stage.derived.faults.pauseCall(where, side, nth);
      const working = stage.finish();
      await pause.reached;
      await erasing(stage)([first]);
      pause.release();
      await working;
      expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'erased' });
      expect(left(stage, id)).toEqual([]);
    }
  });

  it('withdraws one that goes on between its look and its word, however often', async () => {
    const stage = exportStage(built);
    const id = await stage.begin(plan);
    const pauses = [1, 3].map((nth) => stage.jobs.faults.pauseCall('swap', 'before', nth));
    const erased = erasing(stage)([first]);
    const work = stage.worker();
    for (const pause of pauses) {
      await pause.reached;
      await work();
      pause.release();
    }
    await erased;
    expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'erased' });
    expect(left(stage, id)).toEqual([]);
  });

  it('stops where a job cannot be read: it may be one that holds a fact', async () => {
    const stage = exportStage(built);
    const strange = {
      id: inquiryIdAt(testNow - 5),
      version: 1,
      state: { v: 9 },
      until: testNow * 2,
    };
    await stage.jobs.store.swap(strange);
    await expect(erasing(stage)([first])).rejects.toMatchObject({ name: 'ZodError' });
  });
});

describe('an export of which a fact is erased', () => {
  const by = 'auditor:all';

  const asking = async (stage: Awaited<ReturnType<typeof takingStage>>) => {
    const inquiry = InquiryId.parse(inquiryIdAt(stage.clock.now()));
    const disclosures = [{ inquiry, fact: 'operator' }];
    const body = stage.asking({ range: {}, disclosures, reason: 'a complaint was made' });
    return { inquiry, body };
  };

  it('says so to its reader, who is told no links; those that were told lead nowhere', async () => {
    const stage = await takingStage(1);
    const { inquiry, body } = await asking(stage);
    const { id } = (await takeExport(stage.parts)({ by, kid }, body)).job;
    await stage.work();
    const expires = Math.floor(stage.clock.now() / 1000) + 600;
    const link = new URL(partLink(linkKey, { id, part: 0, expires }), 'https://exchange.example');
    const fetching = () =>
      readExportPart(stage.parts)({ id, part: '0' }, Object.fromEntries(link.searchParams));
    expect((await fetching()).length).toBeGreaterThan(0);
    await erasing(stage)([inquiry]);
    expect(await refusalOf(fetching())).toBe('not-found');
    const told = await readExport(stage.parts)({ by, kid }, id);
    expect(told).toMatchObject({ state: 'failed', problem: { name: 'erased' } });
    expect(told).not.toHaveProperty('links');
    const { job: again } = await takeExport(stage.parts)({ by, kid }, body);
    expect(again.state).toMatchObject({ step: 'failed', failure: 'erased' });
  });

  it('is not found either by whoever is at fetching it', async () => {
    const stage = await takingStage(1);
    const { inquiry, body } = await asking(stage);
    const { id } = (await takeExport(stage.parts)({ by, kid }, body)).job;
    await stage.work();
    const expires = Math.floor(stage.clock.now() / 1000) + 600;
    const link = new URL(partLink(linkKey, { id, part: 0, expires }), 'https://exchange.example');
    const pause = stage.derived.faults.pauseCall('get', 'before');
    const fetching = refusalOf(
      readExportPart(stage.parts)({ id, part: '0' }, Object.fromEntries(link.searchParams)),
    );
    await pause.reached;
    await erasing(stage)([inquiry]);
    pause.release();
    expect(await fetching).toBe('not-found');
  });

  it.each(['while its facts are opened', 'when they are opened and it is not settled'])(
    'is withdrawn too %s, and nothing of it stays',
    async (when) => {
      const stage = await takingStage(1);
      const { inquiry, body } = await asking(stage);
      const openFact: typeof stage.parts.openFact = async (asked, sender) => {
        const fact = await stage.parts.openFact(asked, sender);
        if (when === 'while its facts are opened') await erasing(stage)([inquiry]);
        return fact;
      };
      const pause = stage.derived.faults.pauseCall('putIfAbsent', 'before');
      const taking = takeExport({ ...stage.parts, openFact })({ by, kid }, body);
      const settling = await Promise.race([
        pause.reached.then(() => true),
        taking.then(() => false),
      ]);
      expect(settling).toBe(when !== 'while its facts are opened');
      if (settling) await erasing(stage)([inquiry]);
      pause.release();
      const { id, state } = (await taking).job;
      expect(state).toMatchObject({ step: 'failed', failure: 'erased' });
      await stage.work();
      expect(left(stage, id)).toEqual([]);
      expect(stage.jobs.dump().map(toExportJob)).toMatchObject([{ state: { step: 'failed' } }]);
    },
  );
});
