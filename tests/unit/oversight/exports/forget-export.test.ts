import { describe, expect, it } from 'vitest';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { exportParts } from '#shared/oversight/exports/export-parts.ts';
import { workerLease } from '#shared/oversight/exports/forget-export.ts';
import { exportTime } from '#shared/oversight/exports/take-export.ts';
import { chunked } from '../../verify/sample-export.ts';
import { built, long } from '../../verify/sample-files.ts';
import { policy } from '../../verify/sample-log.ts';
import { type ExportStage, exportStage, linkKey, planOf, planPart } from './exporting.ts';

const wholePlan = planOf([planPart(long)]);

/** Works until nothing is to be done now, by new processes where the store failed; what was done. */
const settle = async (stage: ExportStage): Promise<readonly string[]> => {
  const kinds: string[] = [];
  let work = stage.worker();
  for (;;) {
    const kind = await work().then(
      (stepped) => stepped.kind,
      (error: unknown) => {
        if (error instanceof Problem) return 'broken';
        throw error;
      },
    );
    if (kind === 'idle') return kinds;
    kinds.push(kind);
    if (kind === 'broken') work = stage.worker();
  }
};

const left = ({ derived }: ExportStage, id: string): readonly string[] =>
  [...derived.dump().keys()].filter((key) => key.startsWith(`export/${id}/`));

/** Whether a store that keeps to `until` shows the job still. */
const isKnown = async ({ jobs }: ExportStage, id: string): Promise<boolean> =>
  (await jobs.store.read(id)) !== undefined;

/** An export that is done, and whose time is over. */
const outdated = async (): Promise<{ readonly stage: ExportStage; readonly id: string }> => {
  const stage = exportStage(long);
  const id = await stage.begin(wholePlan);
  await settle(stage);
  stage.clock.now += exportTime;
  return { stage, id };
};

describe('an export whose time is over', () => {
  it('stands until then, and is removed after it: parts first, once more later, its job last', async () => {
    const stage = exportStage(long);
    const id = await stage.begin(wholePlan);
    await settle(stage);
    stage.clock.now += exportTime - 1;
    expect(await settle(stage)).toEqual([]);
    expect(left(stage, id).length).toBeGreaterThan(3);
    stage.clock.now += 1;
    expect(await settle(stage)).toEqual(['forgetting', 'forgetting']);
    expect(left(stage, id)).toEqual([]);
    expect(await isKnown(stage, id)).toBe(true);
    stage.clock.now += workerLease - 1;
    expect(await settle(stage)).toEqual([]);
    stage.clock.now += 1;
    expect(await settle(stage)).toEqual(['forgetting']);
    expect(await isKnown(stage, id)).toBe(false);
    expect(await settle(stage)).toEqual([]);
  });

  it('can be fetched by nobody before the first of its parts goes', async () => {
    const { stage, id } = await outdated();
    const pause = stage.derived.faults.pauseCall('removeBelow', 'before');
    const working = settle(stage);
    await pause.reached;
    expect(stage.job(id).state.step).toBe('forgotten');
    expect(left(stage, id).length).toBeGreaterThan(3);
    pause.release();
    await working;
    expect(left(stage, id)).toEqual([]);
  });

  it.each(['lines', 'frame', 'check', 'plan'] as const)(
    'is removed as well when it never came beyond %s, with parts that no state tells of',
    async (step) => {
      const stage = exportStage(long);
      const id = await stage.begin(wholePlan, { step });
      await exportParts(stage.derived.store, linkKey, id).put('lines/77', [utf8('a lost part')]);
      stage.clock.now += exportTime;
      await settle(stage);
      expect(left(stage, id)).toEqual([]);
    },
  );

  it('leaves others as they are: they verify', async () => {
    const stage = exportStage(long);
    const early = await stage.begin(wholePlan);
    await settle(stage);
    stage.clock.now += exportTime - 1000;
    const id = await stage.begin(planOf([planPart(long, { from: 5 })]));
    await settle(stage);
    stage.clock.now += 1000;
    await settle(stage);
    expect(left(stage, early)).toEqual([]);
    const source = chunked(await stage.tarOf(id));
    const { checks } = await checkExport({ source, policy, depth: 'form' });
    expect(checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(checks.length).toBeGreaterThan(3);
  });

  it.each(
    (['removeBelow', 'swap'] as const).flatMap((method) =>
      (['not-persisted', 'unacknowledged'] as const).flatMap((fault) =>
        [1, 2, 3].map((nth) => ({ method, fault, nth })),
      ),
    ),
  )('leaves nothing when $method breaks ($fault, call $nth)', async ({ method, fault, nth }) => {
    const { stage, id } = await outdated();
    if (method === 'swap') stage.jobs.faults.breakCall('swap', fault, nth);
    else stage.derived.faults.breakCall('removeBelow', fault, nth);
    const kinds = await settle(stage);
    expect(left(stage, id)).toEqual([]);
    expect(await isKnown(stage, id)).toBe(true);
    stage.clock.now += workerLease;
    const later = await settle(stage);
    const isMet = method === 'swap' || nth < 3;
    expect([...kinds, ...later].includes('broken')).toBe(isMet);
    expect([left(stage, id), await isKnown(stage, id)]).toEqual([[], false]);
  });

  it.each(
    (['before', 'after'] as const).flatMap((side) =>
      ([0, 1] as const).flatMap((removals) => [
        { side, removals, method: 'swap' as const },
        { side, removals, method: 'removeBelow' as const },
      ]),
    ),
  )(
    'is forgotten all the same where one worker stands still $side $method, after $removals removals',
    async ({ method, side, removals }) => {
      const { stage, id } = await outdated();
      if (removals === 1) {
        await settle(stage);
        stage.clock.now += workerLease;
      }
      const pause =
        method === 'swap'
          ? stage.jobs.faults.pauseCall('swap', side)
          : stage.derived.faults.pauseCall('removeBelow', side);
      const slow = settle(stage);
      await pause.reached;
      await settle(stage);
      stage.clock.now += workerLease;
      await settle(stage);
      pause.release();
      await slow;
      await settle(stage);
      expect([left(stage, id), await isKnown(stage, id)]).toEqual([[], false]);
    },
  );

  /** An export that was removed while a worker stood still before one of its parts. */
  const removedBefore = async (nth: number) => {
    const stage = exportStage(long);
    const id = await stage.begin(wholePlan);
    const pause = stage.derived.faults.pauseCall('putIfAbsent', 'before', nth);
    const slow = settle(stage);
    await pause.reached;
    stage.clock.now += exportTime;
    await settle(stage);
    expect(left(stage, id)).toEqual([]);
    return { stage, id, slow, goOn: pause.release };
  };

  it.each([1, 2, 5])('is not put back by a worker that stood still at its part %i', async (nth) => {
    const { stage, id, slow, goOn } = await removedBefore(nth);
    goOn();
    await slow;
    expect(left(stage, id)).toEqual([]);
  });

  it.each([1, 2, 5])('is removed again where that worker died behind its part %i', async (nth) => {
    const { stage, id, goOn } = await removedBefore(nth);
    const dead = stage.jobs.faults.pauseCall('swap', 'before');
    goOn();
    await dead.reached;
    expect(left(stage, id).length).toBeGreaterThan(0);
    stage.clock.now += workerLease;
    await settle(stage);
    expect(left(stage, id)).toEqual([]);
  });
});

describe('an export that failed', () => {
  it('is removed at once, and says why until its time is over', async () => {
    const stage = exportStage(built);
    const id = await stage.begin(planOf([planPart(built)]), { lines: 8_589_934_000 });
    await settle(stage);
    expect(stage.job(id).state).toMatchObject({ step: 'failed', failure: 'too-large' });
    expect(left(stage, id)).toEqual([]);
    stage.clock.now += workerLease;
    await settle(stage);
    expect(stage.job(id).state.removed.times).toBe(2);
    stage.clock.now += exportTime - workerLease - 1;
    expect(await isKnown(stage, id)).toBe(true);
    expect(await settle(stage)).toEqual([]);
    stage.clock.now += 1;
    expect(await isKnown(stage, id)).toBe(false);
  });
});
