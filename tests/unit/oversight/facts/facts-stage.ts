/** An exchange whose log is indexed, readers of several scopes, and what they find and open facts with. */
import * as z from 'zod';
import { LogRead } from '#events/log-read.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { storedSegments } from '#shared/audit/index/segment-source.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { vaultedFacts } from '#shared/oversight/entries/vaulted-facts.ts';
import type { DisclosureParts } from '#shared/oversight/facts/open-disclosure.ts';
import type { SearchParts } from '#shared/oversight/facts/run-subject-search.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import type { Scope } from '#shared/registry/scope.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { type FedLog, fedLog, testSubjectKey } from '#tests/support/fed-log.ts';
import type { TestKey } from '#tests/support/messages.ts';
import { agencyOf } from '#tests/support/registry.ts';

/** Auditors by the name that stands in their ids. */
const scopes: Readonly<Record<string, readonly Scope[]>> = {
  all: [{ kind: 'all' }],
  nothing: [],
  other: [{ kind: 'counter', value: 'counter:72110346' }],
  telecom: [{ kind: 'agency', value: 'agency:telecom' }],
};

export const someone = { type: 'ir-national-id', value: '0499370899' } as const;
export const someoneElse = { type: 'ir-national-id', value: '0790419904' } as const;

/** Who asks, about whom, and with which facts; the counter about someone by operator-7. */
export type AskedOf = {
  readonly key?: TestKey;
  readonly facts?: JsonObject;
};

export type FactsStage = TestExchange & {
  readonly fed: FedLog;
  readonly parts: SearchParts & DisclosureParts;
  /** Asks, some time after the last; resolves to the id. */
  readonly ask: (asked?: AskedOf) => Promise<string>;
  /** Publishes and indexes all that was asked. */
  readonly settle: () => Promise<void>;
  /** What reads are on record, as they were noted. */
  readonly leaves: () => readonly LogRead[];
  readonly as: (name: string) => { readonly by: string; readonly kid: string };
};

export const factsStage = async (): Promise<FactsStage> => {
  const auditors = Object.entries(scopes).map(([name, own]) =>
    agencyOf(`auditor:${name}`, { scopes: own }),
  );
  const test = await makeExchange({
    registry: [...sampleEntries(await testKeys()), ...auditors, agencyOf('registrar:cra')],
  });
  const { exchange, clock, journal, log, meters } = test;
  const { layout, vaultKey } = exchange.settings;
  const fed = fedLog(test);
  const note = noteAccess(exchange);
  const { now } = clock;
  return {
    ...test,
    fed,
    parts: {
      index: openedIndex(storedSegments(fed.objects.store), { segments: 4, summaries: 2 }, now),
      marks: fed.marks.store,
      shards: 1,
      objects: log.objects.store,
      places: log.index.store,
      derived: fed.objects.store,
      subjects: fed.subjects.store,
      journal: journal.store,
      directory: exchange.directory,
      meters: meters.store,
      noteAccess: async (access) => {
        clock.advance(1);
        await note(access);
      },
      vaulted: vaultedFacts({ vaultKey, subjectKey: testSubjectKey }),
      settings: { layout, vaultKey },
      subjectKey: testSubjectKey,
      cursorKey: sha256('cursor key'),
      random: exchange.random,
      now,
    },
    ask: async ({ key, facts = {} } = {}) => {
      // Further apart than a bucket: within one the log has an order of its own.
      clock.advance(20_000);
      const params = { birthDate: '1370-05-12' };
      const text = await test.request({
        ...(key !== undefined && { key }),
        facts: { subject: someone, params, case: '1405/1842', operator: 'operator-7', ...facts },
      });
      await test.submit(text);
      return test.addressOf(text).id;
    },
    settle: async () => {
      await log.sequence();
      await log.witness();
      await log.feedIndex();
      await fed.feed();
    },
    leaves: () =>
      journal
        .dump()
        .flatMap(({ record }) => (record === undefined ? [] : [unpackRecord(record.record)]))
        .map((text) => LogRead.parse(JSON.parse(text)))
        .toSorted((a, b) => a.t - b.t),
    as: (name) => ({ by: name.includes(':') ? name : `auditor:${name}`, kid: 'A'.repeat(43) }),
  };
};

/** A body as it arrives: without what is undefined. */
export const sentAs = (body: object): JsonObject =>
  z.record(z.string(), z.json()).parse(JSON.parse(JSON.stringify(body)));

/** What some work is refused with. */
export const refusedWith = async (work: Promise<unknown>): Promise<Problem> => {
  const came = await work.catch((error: unknown) => error);
  if (came instanceof Problem) return came;
  throw new Error('It was not refused.', { cause: came });
};
