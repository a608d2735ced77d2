/** Inquiries in the journal by the hundred: one that was really asked, again under other ids. */
import { v7 } from 'uuid';
import * as z from 'zod';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { type Address, addressOf } from '#shared/audit/address.ts';
import { packRecord } from '#shared/audit/pack.ts';
import { sha256Url, toBase64Url, utf8 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { isJsonObject, type JsonObject } from '#shared/kernel/strict-json.ts';
import { payloadOf, recordsOf, type TestExchange } from './exchange.ts';

/** The same token for another inquiry; nobody verifies what stands in the journal. */
const withId = (jws: string, id: InquiryId): string => {
  const [header = '', , signature = ''] = jws.split('.');
  const payload = payloadOf(jws);
  const inq: JsonObject = isJsonObject(payload['inq']) ? payload['inq'] : {};
  const bent = { ...payload, inq: { ...inq, id } };
  return `${header}.${toBase64Url(utf8(JSON.stringify(bent)))}.${signature}`;
};

/**
 * Puts so many inquiries into the journal as if they were asked now, `spread` milliseconds apart, all
 * by the counter of `text`, which was submitted before.
 */
export const manyInquiries = async (
  test: Pick<TestExchange, 'journal' | 'addressOf' | 'clock' | 'exchange'>,
  text: string,
  count: number,
  spread = 0,
): Promise<readonly Address[]> => {
  const texts = recordsOf(test.journal, test.addressOf(text));
  const asked = InquiryAsked.parse(JSON.parse(texts.intent));
  const answered = z.record(z.string(), z.json()).parse(JSON.parse(texts.outcome));
  const made: Address[] = [];
  for (let n = 0; n < count; n += 1) {
    const t = test.clock.now() + n * spread;
    const id = InquiryId.parse(v7({ msecs: t }));
    const address = addressOf(id, test.exchange.settings.layout);
    const intent = canonicalJson({ ...asked, id, t, req: withId(asked.req, id) });
    const outcome = canonicalJson({
      ...answered,
      id,
      t,
      i: sha256Url(intent),
    });
    const vault = new Uint8Array(8);
    await test.journal.store.putIntent(address, { record: packRecord(intent), vault });
    await test.journal.store.putOutcome(address, { record: packRecord(outcome) });
    made.push(address);
  }
  return made;
};
