/** An exchange at which persons are asked about, its log fed into the index of persons. */

import * as z from 'zod';
import { InquiryId, timeOf } from '#shared/kernel/id.ts';
import { memoryDisputeStore } from '#shared/oversight/subject/memory-dispute-store.ts';
import type { TaggedSubject } from '#shared/oversight/tags.ts';
import { accessOf, grantOf } from '#tests/support/access.ts';
import {
  makeExchange,
  payloadOf,
  sampleEntries,
  type TestExchange,
  type TestExchangeParts,
  testKeys,
} from '#tests/support/exchange.ts';
import { type FedLog, fedLog } from '#tests/support/fed-log.ts';
import {
  type Overrides,
  requestFactsExample,
  type TestKey,
  withInquiry,
} from '#tests/support/messages.ts';
import { serviceWith } from '#tests/support/registry.ts';
import { subjectReadingOf } from '#tests/support/subject-reading.ts';

const Asked = z.looseObject({ inq: z.looseObject({ id: InquiryId }) });

/** Two persons that do not exist (domain.md). */
export const mina: TaggedSubject = { type: 'ir-national-id', value: '0499370899' };
export const omid: TaggedSubject = { type: 'ir-national-id', value: '0790419904' };

export type PersonStage = TestExchange & {
  readonly fed: FedLog;
  readonly disputes: ReturnType<typeof memoryDisputeStore>;
  readonly reading: ReturnType<typeof subjectReadingOf>;
  /** Asks about somebody, a second after the last time; gives the id of the inquiry. */
  readonly askAbout: (
    person: TaggedSubject,
    overrides?: Overrides & { readonly key?: TestKey },
  ) => Promise<InquiryId>;
  /** Publishes what was asked, and feeds the index. */
  readonly publish: () => Promise<void>;
};

export const setStage = async (parts: TestExchangeParts = {}): Promise<PersonStage> => {
  const test = await makeExchange(parts);
  const fed = fedLog(test);
  const disputes = memoryDisputeStore();
  return {
    ...test,
    fed,
    disputes,
    reading: subjectReadingOf(test, fed, disputes),
    askAbout: async ({ type, value }, overrides = {}) => {
      test.clock.advance(1000);
      const facts = { ...requestFactsExample, subject: { type, value } };
      const text = await test.request({ facts, ...overrides });
      await test.submit(text).catch(() => undefined);
      return Asked.parse(payloadOf(text)).inq.id;
    },
    publish: async () => {
      await test.log.sequence();
      await fed.feed();
    },
  };
};

export const isoOf = (id: InquiryId): string => new Date(timeOf(id)).toISOString();

/** A basis that is confidential for 30 days; the identity service names it, and the counter has a grant. */
export const confidentially = async (): Promise<TestExchangeParts> => ({
  settings: { confidentialBases: { 'court.7': { days: 30, class: 'criminal-investigation' } } },
  registry: [
    ...sampleEntries(await testKeys()),
    serviceWith({ bases: ['civil-code-1.12', 'court.7'] }),
    accessOf({ grants: [grantOf()] }),
  ],
});

/** An inquiry on that basis. */
export const onOrder = { claims: withInquiry({ basis: 'court.7' }) };
