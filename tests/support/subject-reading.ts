/** What persons read and dispute with, over the memory twins of a test's exchange and of its index. */
import { readKeySet } from '#functions/runtime/oidc/key-set.ts';
import { providerKeys } from '#functions/runtime/oidc/provider-keys.ts';
import type { SubjectReading } from '#functions/runtime/subject-reading.ts';
import type { SecretKey } from '#shared/kernel/bytes.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import { coverageReader } from '#shared/oversight/subject/coverage.ts';
import {
  type MemoryDisputeStore,
  memoryDisputeStore,
} from '#shared/oversight/subject/memory-dispute-store.ts';
import { cachedNames } from '#shared/registry/cached-names.ts';
import { testCursorKey } from './audit-reading.ts';
import type { TestExchange } from './exchange.ts';
import { type FedLog, fedLog, testSubjectKey } from './fed-log.ts';
import { makePersonKey, publicJwkOf, testRules } from './person-tokens.ts';

/** The key of the provider that knows persons: nothing secret hangs on it. */
export const providerKey = makePersonKey('EdDSA');

/** Milliseconds for which it is known whom an inquiry was about: 730 days. */
export const testRetention = 730 * 86_400_000;

const published = readKeySet({ keys: [publicJwkOf(providerKey)] });

const tagKey: SecretKey = testSubjectKey;

/** `exchange`: another process over the same stores. */
export const subjectReadingOf = (
  test: TestExchange,
  fed: FedLog = fedLog(test),
  disputes: MemoryDisputeStore = memoryDisputeStore(),
  exchange = test.exchange,
): SubjectReading => {
  const { settings, directory, now, random } = exchange;
  const objects = test.log.objects.store;
  return {
    settings,
    persons: { rules: testRules, keys: providerKeys(async (kid) => published.get(kid)), now },
    directory,
    names: cachedNames(test.registry.store, now),
    own: { subjects: fed.subjects.store, tagKey, objects, bases: settings.confidentialBases, now },
    coverage: coverageReader({
      objects,
      marks: fed.marks.store,
      shards: settings.layout.shards,
      retention: testRetention,
      now,
    }),
    disputes: disputes.store,
    recording: { journal: test.journal.store, layout: settings.layout, now, random },
    provinceThen: provinceThen(test.registry.store),
    sealing: { key: testCursorKey, random },
    meters: test.meters.store,
    noteAccess: noteAccess(exchange),
    tagKey,
    now,
  };
};
