/** An exchange whose log is fed into its index, with what erases in it, over memory twins. */
import * as z from 'zod';
import { HoldSet } from '#events/hold-set.ts';
import { SubjectErased } from '#events/subject-erased.ts';
import { formatted, objectOf } from '#infra/local/seed/schema.ts';
import { addressOf } from '#shared/audit/address.ts';
import type { EntryFacts } from '#shared/audit/index/entry-facts.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import type { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { ErasureOrder, orderErasure } from '#shared/oversight/erasure/order-erasure.ts';
import {
  type Ran,
  type RunningParts,
  runErasures,
} from '#shared/oversight/erasure/run-erasures.ts';
import {
  HoldOrder,
  placeHold,
  ReleaseOrder,
  releaseHold,
} from '#shared/oversight/erasure/set-hold.ts';
import { type ErasureView, viewErasure } from '#shared/oversight/erasure/view-erasure.ts';
import { type HoldView, viewHold } from '#shared/oversight/erasure/view-hold.ts';
import { decodeVault } from '#shared/oversight/feeding/vault-form.ts';
import { vaultKeyOf } from '#shared/oversight/feeding/vault-objects.ts';
import { type MemoryJobStore, memoryJobStore } from '#shared/oversight/memory-job-store.ts';
import { parseBody } from '#shared/oversight/parse-body.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { type FedLog, fedLog, testSubjectKey } from '#tests/support/fed-log.ts';
import {
  inquiryIdAt,
  requestFactsExample,
  type TestKey,
  testNow,
  withInquiry,
} from '#tests/support/messages.ts';
import { serviceWith } from '#tests/support/registry.ts';
import { indexedFacts } from '../feeding/feed-stage.ts';

/** Two persons who do not exist. */
export const person = { type: 'ir-national-id', value: '0499370899' } as const;
export const other = { type: 'ir-national-id', value: '0790419904' } as const;

/** A vehicle, and a service that wants to know whose it is. */
export const vehicle = {
  type: 'ir-plate',
  value: { two: '12', letter: 'ب', three: '345', region: '67' },
} as const;
const vehicleService = serviceWith({
  ref: 'civil-registry/vehicle@1',
  subjectType: 'ir-plate',
  input: objectOf({
    owners: { type: 'array', items: formatted('ir-national-id'), maxItems: 9 },
  }),
});

type Json = Readonly<Record<string, unknown>>;

export type ErasingStage = TestExchange & {
  readonly fed: FedLog;
  readonly erasures: MemoryJobStore;
  readonly holds: MemoryJobStore;
  readonly retention: MemoryJobStore;
  readonly exports: MemoryJobStore;
  readonly parts: RunningParts;
  /** An inquiry about somebody, asked now; its id. */
  readonly ask: (about: JsonObject, key?: TestKey) => Promise<InquiryId>;
  /** One about a vehicle that names persons beside it. */
  readonly askNaming: (...persons: readonly { readonly value: string }[]) => Promise<InquiryId>;
  /** Lets the log and its index come after what was asked so far. */
  readonly settle: () => Promise<void>;
  readonly order: (change?: Json, by?: string) => Promise<ErasureView>;
  readonly place: (change?: Json, by?: string) => Promise<HoldView & { readonly seen: boolean }>;
  readonly release: (id: string, change?: Json, by?: string) => Promise<HoldView>;
  /** One run of the clock; what failed in it. */
  readonly run: (
    change?: Partial<RunningParts>,
  ) => Promise<Ran & { readonly failed: readonly unknown[] }>;
  readonly viewOf: (id: string) => ErasureView;
  /** What is left of an inquiry: its facts in journal and vault, its tags, its row of the subject index. */
  readonly left: (id: InquiryId) => readonly string[];
  readonly erasedLeaves: () => readonly SubjectErased[];
  readonly holdLeaves: () => readonly HoldSet[];
};

/** As it is posted: what is undefined is not there. */
const toJson = (body: object): JsonObject =>
  z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(body)));

export const orderId = (): string => inquiryIdAt(testNow);

/** What an attempt is refused with; throws when it is not. */
export const refusalOf = async (attempt: Promise<unknown>): Promise<Problem> => {
  const answer = await attempt.catch((error: unknown) => error);
  if (answer instanceof Problem) return answer;
  throw new Error('It was not refused.', { cause: answer });
};

export const setErasing = async (days = 730): Promise<ErasingStage> => {
  const registry = [...sampleEntries(await testKeys()), vehicleService];
  const test = await makeExchange({ registry });
  const { clock, journal, log, exchange } = test;
  const { layout, vaultKey } = exchange.settings;
  const fed = fedLog(test);
  const [erasures, holds, retention, exports] = [
    memoryJobStore(clock.now),
    memoryJobStore(clock.now),
    memoryJobStore(clock.now),
    memoryJobStore(clock.now),
  ];
  const common = { layout, vaultKey, now: clock.now, random: exchange.random };
  const parts: RunningParts = {
    ...common,
    steady: clock.now,
    shards: 1,
    subjectKey: testSubjectKey,
    journal: journal.store,
    derived: fed.objects.store,
    marks: fed.marks.store,
    heads: log.heads.store,
    inputs: fed.parts.inputs,
    subjects: fed.subjects.store,
    erasures: erasures.store,
    holds: holds.store,
    retention: retention.store,
    exports: exports.store,
    remover: fed.objects.remover,
    days,
  };
  const holding = {
    ...common,
    journal: journal.store,
    jobs: holds.store,
    erasing: [erasures.store, retention.store],
  };
  const records = (kind: string): readonly unknown[] =>
    journal
      .dump()
      .toSorted((a, b) => (a.address.id < b.address.id ? -1 : 1))
      .flatMap(({ record }) => (record === undefined ? [] : [unpackRecord(record.record)]))
      .map((text): unknown => JSON.parse(text))
      .filter(
        (json) => typeof json === 'object' && json !== null && 'k' in json && json.k === kind,
      );
  const facts = (): ReadonlyMap<string, EntryFacts> => {
    const known = indexedFacts({ ...fed, derived: fed.objects });
    return new Map(known.map((one) => [one.id, one]));
  };
  return {
    ...test,
    fed,
    erasures,
    holds,
    retention,
    exports,
    parts,
    ask: async (subject, key) => {
      const text = await test.request({
        facts: { ...requestFactsExample, subject },
        ...(key !== undefined && { key }),
      });
      await test.submit(text);
      clock.advance(50);
      return test.addressOf(text).id;
    },
    askNaming: async (...persons) => {
      const params = { owners: persons.map(({ value }) => value) };
      const text = await test.request({
        facts: { ...requestFactsExample, subject: vehicle, params },
        claims: withInquiry({ service: vehicleService.ref }),
      });
      await test.submit(text);
      clock.advance(50);
      return test.addressOf(text).id;
    },
    settle: async () => {
      await log.sequence();
      await fed.feed();
    },
    order: async (change = {}, by = 'registrar:cra') => {
      const body = { id: orderId(), subject: person, order: 'court-12/05-778', ...change };
      const asked = parseBody(ErasureOrder, toJson(body));
      return viewErasure(
        await orderErasure({ ...common, erasures: erasures.store, holds: holds.store })(asked, by),
      );
    },
    place: async (change = {}, by = 'registrar:cra') => {
      const what = { kind: 'subject', subject: person };
      const body = { id: orderId(), order: 'court-12/05-779', reason: 'A case is open.', what };
      const asked = parseBody(HoldOrder, toJson({ ...body, ...change }));
      const { job, seen } = await placeHold(holding)(asked, by);
      return { ...viewHold(job, common), seen };
    },
    release: async (id, change = {}, by = 'registrar:cra') => {
      const body = { order: 'court-12/05-900', reason: 'The case is closed.', ...change };
      const asked = parseBody(ReleaseOrder, toJson(body));
      return viewHold(await releaseHold(holding)(id, asked, by), common);
    },
    run: async (change = {}) => {
      const failed: unknown[] = [];
      const tools = { now: clock.now, failed: (error: unknown) => failed.push(error) };
      const ran = await runErasures({ ...parts, ...change }, tools)(Number.POSITIVE_INFINITY);
      return { ...ran, failed };
    },
    viewOf: (id) => {
      const job = erasures.dump().find((one) => one.id === id);
      if (job === undefined) throw new Error('There is no such erasure.');
      return viewErasure(job);
    },
    left: (id) => {
      const { intent, outcome } = journal.rows(addressOf(id, layout));
      const { index = -1, subjectTag, operatorTag, hasCase } = facts().get(id) ?? {};
      const bundle = fed.objects.peek(vaultKeyOf(0, Math.floor(index / tileWidth)));
      const row = bundle === undefined ? undefined : decodeVault(bundle)[index % tileWidth];
      const places = {
        journal: intent !== undefined && intent.vault.length > 0,
        answer: outcome?.hold !== undefined && outcome.hold.vault.length > 0,
        vault: row?.kind === 'sealed',
        subjectTag: subjectTag !== undefined,
        operatorTag: operatorTag !== undefined,
        case: hasCase !== undefined,
        row: fed.subjects.dump().some((one) => one.id === id),
      };
      return Object.entries(places).flatMap(([name, there]) => (there ? [name] : []));
    },
    erasedLeaves: () => records('erase').map((json) => SubjectErased.parse(json)),
    holdLeaves: () => records('hold').map((json) => HoldSet.parse(json)),
  };
};
