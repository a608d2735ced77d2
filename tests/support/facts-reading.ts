/** What persons are searched for with, facts opened and statistics read, over a test's memory twins. */
import type { FactsReading } from '#functions/runtime/facts-reading.ts';
import type { OpenDataReading } from '#functions/runtime/open-data.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { dayBytes, dayDocument } from '#shared/oversight/open-data/day-document.ts';
import { dayKeyOf, tellDay } from '#shared/oversight/open-data/published-days.ts';
import { auditReadingOf } from './audit-reading.ts';
import type { TestExchange } from './exchange.ts';
import { type FedLog, fedLog, testSubjectKey } from './fed-log.ts';

/** `exchange`: another process over the same stores. */
export const factsReadingOf = (
  test: TestExchange,
  fed: FedLog = fedLog(test),
  exchange = test.exchange,
): FactsReading => ({
  ...auditReadingOf(test, fed, exchange),
  settings: exchange.settings,
  derived: fed.objects.store,
  subjects: fed.subjects.store,
  subjectKey: testSubjectKey,
  meters: test.meters.store,
});

/** Statistics of one day, on which nothing was asked. */
export const openDataOf = async (day: string): Promise<OpenDataReading> => {
  const { store } = memoryObjectStore();
  const hours = Array.from({ length: 24 }, () => 0);
  await store.putIfAbsent(
    dayKeyOf(day),
    dayBytes(dayDocument(day, { services: new Map(), hours })),
  );
  await tellDay(store, undefined, day);
  return { statistics: store };
};
