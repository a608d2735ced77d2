/** A journal with inquiries in it, as submitInquiry writes them; nobody looks at the signatures again. */
import type { Outcome } from '#events/outcome.ts';
import { addressOf } from '#shared/audit/address.ts';
import { type MemoryJournalStore, memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { answered, asked, toIntentRow, toOutcomeRow } from '#shared/inquiry/record.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import type { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { testSettings as common, countedRandom } from '#tests/support/exchange.ts';
import { requestClaimsAt, testNow, withInquiry } from '#tests/support/messages.ts';

/** Few slots, so that a partition holds more than a page. */
export const testSettings = { ...common, layout: { ...common.layout, slots: 2 } };

/** An inquiry as it stands in the journal; open when it has no outcome. */
export type Inquiry = {
  readonly id: InquiryId;
  readonly counter: string;
  /** Whoever signs in the counter's place. */
  readonly by?: string | undefined;
  readonly service: string;
  readonly outcome: Outcome | undefined;
  readonly effect?: 'allow' | 'deny';
  readonly rule?: string;
  /** What else its request says: purpose, station and so on. */
  readonly said?: JsonObject;
  /** How long its signature is, where the inquiry is to be a large one. */
  readonly signature?: number;
};

const sealing = { settings: testSettings, random: countedRandom() };

const encode = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');

const write = async (store: JournalStore, inquiry: Inquiry): Promise<void> => {
  const { id, counter, by, service, outcome, said, effect = 'allow' } = inquiry;
  const inq = { ...said, id, service, ...(by !== undefined && { for: counter }) };
  const claims = withInquiry(inq)(requestClaimsAt(testNow, by ?? counter));
  const intent = asked({
    v: 1,
    k: 'i',
    id,
    t: testNow,
    dec: { effect, rule: inquiry.rule ?? 'open-service', registry: 1 },
    req: `${encode({ alg: 'ES256' })}.${encode(claims)}.${'A'.repeat(inquiry.signature ?? 86)}`,
  });
  const address = addressOf(id, testSettings.layout);
  await store.putIntent(address, toIntentRow(intent, [], sealing));
  if (outcome === undefined) return;
  const closed = answered({
    v: 1,
    k: 'o',
    id,
    i: sha256Url(intent.text),
    t: testNow + 5,
    out: outcome,
    http: 200,
    ms: 5,
  });
  await store.putOutcome(address, toOutcomeRow(closed));
};

export const journalOf = async (inquiries: readonly Inquiry[]): Promise<MemoryJournalStore> => {
  const journal = memoryJournalStore();
  await Promise.all(inquiries.map((inquiry) => write(journal.store, inquiry)));
  return journal;
};
