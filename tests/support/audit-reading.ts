/** What reads of entries stand on, over the memory twins of a test's exchange and of its index. */
import type { AuditReading } from '#functions/runtime/audit-reading.ts';
import { openedIndex } from '#shared/audit/index/opened-index.ts';
import { storedSegments } from '#shared/audit/index/segment-source.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { vaultedFacts } from '#shared/oversight/entries/vaulted-facts.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import type { TestExchange } from './exchange.ts';
import { type FedLog, fedLog, testSubjectKey } from './fed-log.ts';

export const testCursorKey = sha256('cursor key');

/** `exchange`: another process over the same stores. */
export const auditReadingOf = (
  test: TestExchange,
  fed: FedLog = fedLog(test),
  exchange = test.exchange,
): AuditReading => ({
  settings: exchange.settings,
  directory: exchange.directory,
  journal: exchange.journal,
  now: exchange.now,
  random: exchange.random,
  index: openedIndex(
    storedSegments(fed.objects.store),
    { segments: 8, summaries: 2 },
    exchange.now,
  ),
  marks: fed.marks.store,
  shards: exchange.settings.layout.shards,
  places: test.log.index.store,
  objects: test.log.objects.store,
  vaulted: vaultedFacts({ vaultKey: exchange.settings.vaultKey, subjectKey: testSubjectKey }),
  cursorKey: testCursorKey,
  confidentialBases: exchange.settings.confidentialBases,
  meters: test.meters.store,
  noteAccess: noteAccess(exchange),
});
