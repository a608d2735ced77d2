import { describe, expect, it } from 'vitest';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { planName } from '#shared/oversight/exports/export-job.ts';
import { exportParts } from '#shared/oversight/exports/export-parts.ts';
import { type ExportPlan, parsePlan } from '#shared/oversight/exports/export-plan.ts';
import { isOpen, toExportJob } from '#shared/oversight/exports/export-state.ts';
import { classOf, listOpen, mostOpen } from '#shared/oversight/exports/open-exports.ts';
import { mostLeavesOf } from '#shared/oversight/exports/plan-export.ts';
import { exportTime, takeExport } from '#shared/oversight/exports/take-export.ts';
import { readerLimits } from '#shared/oversight/reader-limit.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';
import { linkKey } from './exporting.ts';
import { kid, type TakingStage, takingStage } from './taking-exports.ts';

const take = async ({ parts }: TakingStage, by: string, body: JsonObject) =>
  (await takeExport(parts)({ by, kid }, body)).job;

const planIn = async ({ derived }: TakingStage, id: string): Promise<ExportPlan> => {
  const bytes = await exportParts(derived.store, linkKey, id).get(planName);
  return parsePlan(bytes ?? new Uint8Array());
};

const refusalOf = async (work: Promise<unknown>): Promise<Problem> => {
  const error = await work.catch((caught: unknown) => caught);
  if (error instanceof Problem) return error;
  throw new Error('It was not refused.', { cause: error });
};

const pointersIn = ({ extras }: Problem): readonly string[] =>
  (extras.errors ?? []).map(({ pointer }) => pointer);

describe('asking for an export', () => {
  it('is on record, cuts the log where its witnesses saw it, and makes a job', async () => {
    const stage = await takingStage();
    const size = (await stage.log.leaves()).length;
    const body = stage.asking({ range: {} });
    const job = await take(stage, 'auditor:all', body);
    expect(job).toMatchObject({ id: body['id'], version: 2 });
    expect(job.state).toMatchObject({ by: 'auditor:all', step: 'lines', total: size, done: 0 });
    expect(job.state.until).toBe(stage.clock.now() + exportTime);
    expect(job.until).toBeGreaterThan(job.state.until);
    const plan = await planIn(stage, job.id);
    expect(plan.parts).toMatchObject([{ shard: 0, from: 0, to: size, size }]);
    expect(Buffer.from(plan.policy ?? new Uint8Array()).toString('utf8')).toContain('quorum both');
    expect(stage.reads()).toMatchObject([{ by: 'auditor:all', kid, act: 'export', n: 0 }]);
    expect(JSON.parse(stage.reads()[0]?.filter ?? '')).toEqual({ export: job.id, range: {} });
  });

  it('takes a part of one log', async () => {
    const stage = await takingStage();
    const job = await take(
      stage,
      'registrar:one',
      stage.asking({ range: { shard: 0, from: 1, to: 3 } }),
    );
    expect(job.state).toMatchObject({ total: 2, at: { range: 0, leaf: 1 } });
  });

  it.each([
    ['nothing is asked', {}, ''],
    ['two things are asked', { range: {}, filter: {} }, ''],
    ['of a log that is none', { range: { shard: 7 } }, '/range/shard'],
    ['beyond the log', { range: { shard: 0, to: 9999 } }, '/range'],
    ['backwards', { range: { shard: 0, from: 2, to: 2 } }, '/range/to'],
    ['a part of no log', { range: { from: 2 } }, '/range/shard'],
    ['something unknown', { range: {}, more: 1 }, ''],
    ['a time that is none', { filter: { from: 'yesterday' } }, '/filter/from'],
    ['a time of five digits', { filter: { to: '9999-12-31T23:59:59-14:00' } }, '/filter/to'],
    ['an id of such', { filter: { id: 'ffffffff-ffff-7fff-bfff-ffffffffffff' } }, '/filter/id'],
    [
      'a time before another',
      { filter: { from: '2027-01-15T08:00:00Z', to: '2027-01-15T08:00:00Z' } },
      '/filter/to',
    ],
    ['a pseudonym', { filter: { operator: 'A'.repeat(16) } }, '/filter'],
    [
      'facts without a reason',
      { range: {}, disclosures: [{ inquiry: inquiryIdAt(1), fact: 'subject' }], order: 'A-1' },
      '/reason',
    ],
    [
      'facts without an order',
      {
        range: {},
        disclosures: [{ inquiry: inquiryIdAt(1), fact: 'subject' }],
        reason: 'a complaint was made',
      },
      '/order',
    ],
  ])('is refused as a body that is not right: %s', async (_, more, pointer) => {
    const stage = await takingStage(1);
    const refused = await refusalOf(take(stage, 'auditor:all', stage.asking(more)));
    expect(refused.name).toBe('invalid-body');
    expect(pointersIn(refused)).toEqual([pointer]);
    expect([stage.jobs.dump(), stage.reads()]).toEqual([[], []]);
  });

  it.each([
    ['is no UUIDv7', '0b2c3a5e-1111-4111-8111-111111111111'],
    ['was made long ago', inquiryIdAt(1_799_990_000_000)],
    ['will be made', inquiryIdAt(1_800_900_000_000)],
  ])('is refused under an id that %s', async (_, id) => {
    const stage = await takingStage(1);
    const refused = await refusalOf(take(stage, 'auditor:all', { id, range: {} }));
    expect([refused.name, pointersIn(refused)]).toEqual(['invalid-body', ['/id']]);
  });

  it('is the same job when it is asked again, however late, and on record once', async () => {
    const stage = await takingStage(1);
    const body = stage.asking({ range: {} });
    const job = await take(stage, 'auditor:all', body);
    await stage.work();
    stage.clock.advance(86_400_000);
    const again = await take(stage, 'auditor:all', body);
    expect(again.id).toBe(job.id);
    expect(again.state.step).toBe('done');
    expect(stage.reads()).toHaveLength(1);
  });

  it.each([
    ['something else', 'auditor:all', { range: { shard: 0, from: 1 } }],
    ['the same by another reader', 'registrar:one', { range: {} }],
  ])('is refused under an id that stands for another export: %s', async (_, by, more) => {
    const stage = await takingStage(1);
    const body = stage.asking({ range: {} });
    await take(stage, 'auditor:all', body);
    const refused = await refusalOf(take(stage, by, { id: body['id'] ?? '', ...more }));
    expect(refused.name).toBe('reference-conflict');
    expect(stage.jobs.dump()).toHaveLength(1);
  });

  it('narrows a filter to what its reader may see, and lists what is not in the log yet', async () => {
    const stage = await takingStage();
    await stage.submit(await stage.request());
    const late = stage.journal
      .dump()
      .filter(({ intent }) => intent !== undefined)
      .at(-1);
    const filter = { counter: 'counter:72110345', from: '2027-01-15T00:00:00+03:30' };
    const job = await take(stage, 'auditor:civil', stage.asking({ filter }));
    const plan = await planIn(stage, job.id);
    expect(plan.filtering).toEqual({
      filter: { counter: 'counter:72110345', from: '2027-01-14T20:30:00.000Z' },
      scope: [{ agency: 'agency:civil-registry' }],
    });
    expect(plan.pending).toEqual({ count: 1, ids: [late?.address.id] });
    const other = await take(
      stage,
      'auditor:all',
      stage.asking({ filter: { outcome: 'NOT_FOUND' } }),
    );
    const wider = await planIn(stage, other.id);
    expect(wider.filtering).toEqual({ filter: { outcome: 'NOT_FOUND' } });
    expect(wider.pending).toEqual({ count: 0, ids: [] });
  });

  it('of one inquiry looks where that stands', async () => {
    const stage = await takingStage(1);
    const id = inquiryIdAt(stage.clock.now());
    const job = await take(stage, 'auditor:all', stage.asking({ filter: { id } }));
    const { from, to } = (await planIn(stage, job.id)).filtering?.filter ?? {};
    expect([from, to].map((text) => Date.parse(text ?? '') - stage.clock.now())).toEqual([0, 1]);
  });

  it.each([
    ['a whole range, with a scope', 'auditor:civil', { range: {} }],
    ['another agency', 'auditor:telecom', { filter: { service: 'civil-registry/identity@1' } }],
    ['another province', 'auditor:tehran', { filter: { province: 'فارس' } }],
    ['anything, without a scope', 'auditor:nothing', { filter: {} }],
    ['anything, without being registered', 'auditor:unknown', { filter: {} }],
  ])('is refused, which is on record: %s', async (_, by, more) => {
    const stage = await takingStage(1);
    const refused = await refusalOf(take(stage, by, stage.asking(more)));
    expect(refused.name).toBe('out-of-scope');
    expect(stage.reads()).toMatchObject([{ by, act: 'export', n: 0, refused: true }]);
    expect(stage.jobs.dump()).toEqual([]);
  });

  it('opens the facts that it names, one by one, and settles what they are', async () => {
    const stage = await takingStage(1);
    const inquiry = inquiryIdAt(stage.clock.now());
    const disclosures = ['subject', 'operator', 'subject'].map((fact) => ({ inquiry, fact }));
    const said = { order: '1404/77-b', reason: 'a complaint was made' };
    const job = await take(stage, 'auditor:all', stage.asking({ range: {}, disclosures, ...said }));
    expect(stage.opened).toEqual(
      disclosures.map((one) => ({ ...one, ...said, by: 'auditor:all', kid })),
    );
    const { opened } = await planIn(stage, job.id);
    const texts = opened.flatMap((one) => one.texts.request);
    expect(opened.map((one) => one.inquiry)).toEqual([inquiry]);
    expect(job.state.opened).toEqual([inquiry]);
    expect(texts.map((text) => Buffer.from(text, 'base64url').toString('utf8'))).toEqual([
      '["a","subject",1]',
      '["a","operator",1]',
    ]);
    const [read] = stage.reads();
    expect(read).toMatchObject(said);
    expect(JSON.parse(read?.filter ?? '')).toMatchObject({ disclosures: 3 });
  });

  it('opens no fact twice where it broke off before its plan stood', async () => {
    const stage = await takingStage(1);
    const inquiry = inquiryIdAt(stage.clock.now());
    const disclosures = ['case', 'operator'].map((fact) => ({ inquiry, fact }));
    const body = stage.asking({ range: {}, disclosures, reason: 'a complaint was made' });
    // What was opened comes before the plan.
    stage.derived.faults.breakCall('putIfAbsent', 'not-persisted', disclosures.length + 1);
    expect((await refusalOf(take(stage, 'auditor:all', body))).name).toBe('store-unavailable');
    const { job, opened } = await takeExport(stage.parts)({ by: 'auditor:all', kid }, body);
    expect(opened).toBe(0);
    expect(stage.opened).toHaveLength(disclosures.length);
    const [facts] = (await planIn(stage, job.id)).opened;
    expect(facts?.texts.request).toHaveLength(disclosures.length);
  });

  it('is not taken where a fact may not be opened', async () => {
    const stage = await takingStage(1);
    const openFact = () => Promise.reject(new Problem('not-found', 'There is no such inquiry.'));
    const inquiry = inquiryIdAt(1);
    const disclosures = [{ inquiry, fact: 'operator' }];
    const body = stage.asking({ range: {}, disclosures, reason: 'a complaint was made' });
    const refused = await refusalOf(
      takeExport({ ...stage.parts, openFact })({ by: 'auditor:all', kid }, body),
    );
    expect(refused.name).toBe('not-found');
    expect(stage.derived.dump().size).toBe(0);
    const [job] = stage.jobs.dump().map(toExportJob);
    expect(job).toMatchObject({ id: body['id'], state: { step: 'plan', opened: [inquiry] } });
    for (let n = 0; n < mostOpen.own; n += 1) {
      await take(stage, 'auditor:all', stage.asking({ range: {} }));
    }
  });

  it('has its job before it opens a fact, so that whoever erases that finds the export', async () => {
    const stage = await takingStage(1);
    const inquiry = inquiryIdAt(stage.clock.now());
    const seen: unknown[] = [];
    const openFact: typeof stage.parts.openFact = (asked, sender) => {
      seen.push(...stage.jobs.dump().map((job) => toExportJob(job).state));
      return stage.parts.openFact(asked, sender);
    };
    const disclosures = [{ inquiry, fact: 'operator' }];
    const body = stage.asking({ range: {}, disclosures, reason: 'a complaint was made' });
    await takeExport({ ...stage.parts, openFact })({ by: 'auditor:all', kid }, body);
    expect(seen).toMatchObject([{ step: 'plan', opened: [inquiry] }]);
  });

  it('is not gone on with under what its reader might see before', async () => {
    const stage = await takingStage(1);
    const body = stage.asking({ range: {} });
    stage.derived.faults.breakCall('putIfAbsent', 'unacknowledged');
    expect((await refusalOf(take(stage, 'auditor:all', body))).name).toBe('store-unavailable');
    const scopes = [
      { kind: 'all' as const },
      { kind: 'agency' as const, value: 'agency:civil-registry' },
    ];
    const directory = {
      ...stage.parts.directory,
      participant: async () => ({ ...agencyOf('auditor:all'), scopes }),
    };
    const again = takeExport({ ...stage.parts, directory })({ by: 'auditor:all', kid }, body);
    expect((await refusalOf(again)).name).toBe('out-of-scope');
  });

  it('has to wait while too many of its reader are open; those of others do not count', async () => {
    const stage = await takingStage(1);
    for (let n = 0; n < mostOpen.own; n += 1) {
      await take(stage, 'auditor:all', stage.asking({ range: {} }));
    }
    const refused = await refusalOf(take(stage, 'auditor:all', stage.asking({ range: {} })));
    expect([refused.name, refused.extras.retryAfter]).toEqual(['rate-limited', 30]);
    await take(stage, 'registrar:one', stage.asking({ range: {} }));
    await stage.work();
    expect(stage.jobs.dump().every((job) => !isOpen(toExportJob(job).state))).toBe(true);
    await take(stage, 'auditor:all', stage.asking({ range: {} }));
  });

  it('by a filter looks at a quarter of the leaves where its reader does not audit', () => {
    expect(mostLeavesOf('filter', classOf('counter:1'))).toBe(2 ** 22);
    expect(mostLeavesOf('filter', classOf('guild:1'))).toBe(2 ** 22);
    expect(mostLeavesOf('filter', classOf('auditor:1'))).toBe(2 ** 24);
    expect(mostLeavesOf('range', classOf('registrar:1'))).toBe(2 ** 22);
  });

  it('gives its place back where it is refused', async () => {
    const stage = await takingStage(1);
    for (let n = 0; n <= mostOpen.own; n += 1) {
      const refused = await refusalOf(take(stage, 'auditor:civil', stage.asking({ range: {} })));
      expect(refused.name).toBe('out-of-scope');
    }
    expect(await listOpen(stage.parts.openExports)).toEqual([]);
    await take(stage, 'auditor:civil', stage.asking({ filter: {} }));
  });

  it.each([
    ['auditor:all', 'exports'],
    ['counter:72110345', 'own-exports'],
  ] as const)('is counted for its reader, once for one id, with an end: %s', async (by, name) => {
    const stage = await takingStage(1);
    const { hour } = readerLimits[name];
    for (let n = 0; n < hour; n += 1) {
      const body = stage.asking({ filter: {} });
      const { limits } = await takeExport(stage.parts)({ by, kid }, body);
      expect(limits[0]).toMatchObject({ name: `${name}-hour`, quota: hour, left: hour - 1 - n });
      expect((await takeExport(stage.parts)({ by, kid }, body)).limits).toEqual([]);
      await stage.work();
    }
    for (let n = 0; n < 2; n += 1) {
      const refused = await refusalOf(take(stage, by, stage.asking({ filter: {} })));
      expect(refused.name).toBe('rate-limited');
      expect(refused.extras).toMatchObject({ limits: [{ name: `${name}-hour`, left: 0 }] });
    }
    expect(stage.reads().filter(({ refused: was }) => was)).toHaveLength(1);
    expect(stage.jobs.dump()).toHaveLength(hour);
    expect(await listOpen(stage.parts.openExports)).toEqual([]);
  });

  it.each([
    ['the plan', 'not-persisted', 1],
    ['the plan', 'unacknowledged', 1],
    ['the job', 'not-persisted', 1],
    ['the job', 'unacknowledged', 1],
    ['the job', 'not-persisted', 2],
    ['the job', 'unacknowledged', 2],
  ] as const)(
    'can be asked again after %s broke (%s, write %i): one job, by the first plan that stood',
    async (what, fault, nth) => {
      const stage = await takingStage(1);
      const body = stage.asking({ range: {} });
      const size = (await stage.log.leaves()).length;
      if (what === 'the job') stage.jobs.faults.breakCall('swap', fault, nth);
      else stage.derived.faults.breakCall('putIfAbsent', fault);
      expect((await refusalOf(take(stage, 'auditor:all', body))).name).toBe('store-unavailable');
      await stage.submit(await stage.request());
      await stage.log.sequence();
      await stage.log.witness();
      const job = await take(stage, 'auditor:all', body);
      expect(stage.jobs.dump()).toHaveLength(1);
      const isCutBefore = what === 'the job' ? nth === 2 : fault === 'unacknowledged';
      const [part] = (await planIn(stage, job.id)).parts;
      expect(part?.size === size).toBe(isCutBefore);
      expect([job.state.step, job.state.total]).toEqual(['lines', part?.size]);
    },
  );

  it('is not taken where it cannot be put on record', async () => {
    const stage = await takingStage(1);
    stage.journal.faults.breakCall('putRecord', 'not-persisted');
    const refused = await refusalOf(take(stage, 'auditor:all', stage.asking({ range: {} })));
    expect(refused.name).toBe('store-unavailable');
    expect(stage.jobs.dump()).toEqual([]);
  });

  it('is refused while there is no checkpoint that is to be believed', async () => {
    const stage = await takingStage(1);
    stage.log.objects.overwrite('cosigned/0/checkpoint', undefined);
    const refused = await refusalOf(take(stage, 'auditor:all', stage.asking({ range: {} })));
    expect([refused.name, pointersIn(refused)]).toEqual(['invalid-body', ['/range']]);
  });

  it('is refused while the policy asks for witnesses that have not seen the log', async () => {
    const stage = await takingStage(1);
    const key = 'cosigned/0/checkpoint';
    const signed = Buffer.from(stage.log.objects.peek(key) ?? []).toString('utf8');
    // Of the signatures only that of the log is left.
    const alone = signed.replace(/(\n\n[^\n]*\n)[^]*$/, '$1');
    stage.log.objects.overwrite(key, Buffer.from(alone));
    for (const what of [{ range: {} }, { filter: {} }]) {
      const refused = await refusalOf(take(stage, 'auditor:all', stage.asking(what)));
      expect(refused.name).toBe('witness-quorum-lost');
    }
    expect(stage.jobs.dump()).toEqual([]);
  });
});
