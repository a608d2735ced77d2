import { describe, expect, it } from 'vitest';
import type { Address } from '#shared/audit/address.ts';
import type { JournalRows } from '#shared/audit/ports.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import {
  identityFacts,
  inquiryFor,
  makeExchange,
  sampleEntries,
  testKeys,
} from '#tests/support/exchange.ts';
import { sampleServices } from '#tests/support/registry.ts';

/** One write unit of DynamoDB. */
const writeUnit = 1024;

/** Bytes of an attribute as DynamoDB counts them: the name, and the value as UTF-8 or as it is. */
const attribute = (name: string, value: string | Uint8Array): number =>
  name.length + (typeof value === 'string' ? Buffer.byteLength(value) : value.length);

/** A number takes a byte for two digits, and one more. */
const timeToLive = 'x'.length + Math.ceil('1801209600'.length / 2) + 1;

const sizesOf = (
  { shard, bucket, slot, id }: Address,
  { intent, outcome }: JournalRows,
): { readonly intent: number; readonly outcome: number } => {
  const key = (row: string): number =>
    attribute('pk', `J#${shard}#${bucket}#${slot}`) + attribute('sk', `${id}#${row}`);
  return {
    intent:
      key('i') +
      timeToLive +
      attribute('r', intent?.record ?? new Uint8Array()) +
      attribute('d', intent?.vault ?? new Uint8Array()),
    outcome: key('o') + timeToLive + attribute('r', outcome?.record ?? new Uint8Array()),
  };
};

const person = { type: 'ir-national-id', value: '0499370899' } as const;

const typical: ReadonlyArray<{
  readonly service: string;
  readonly subject: JsonObject;
  readonly params: JsonObject;
  readonly outcome: string;
  readonly facts: JsonObject;
}> = [
  {
    service: 'civil-registry/identity@1',
    subject: person,
    params: { birthDate: '1985-03-21' },
    outcome: 'FOUND',
    facts: identityFacts,
  },
  {
    service: 'civil-registry/life-status@1',
    subject: person,
    params: {},
    outcome: 'MATCH',
    facts: { lifeStatus: true },
  },
  {
    service: 'telecom/mobile-ownership@1',
    subject: person,
    params: { mobile: '+989121234567' },
    outcome: 'NO_MATCH',
    facts: {},
  },
  {
    service: 'post/postal-address@1',
    subject: { type: 'ir-postal-code', value: '1193653471' },
    params: {},
    outcome: 'FOUND',
    facts: { province: 'تهران', city: 'تهران', street: 'خیابان جمهوری اسلامی', plate: '۱۲' },
  },
  {
    service: 'companies/legal-entity@1',
    subject: { type: 'ir-legal-id', value: '10380284790' },
    params: {},
    outcome: 'FOUND',
    facts: { name: 'شرکت نمونه', status: 'active', address: 'تهران، خیابان آزادی' },
  },
];

describe('the two rows of a typical inquiry', () => {
  it.each(typical)('fit one write unit each: $service', async (inquiry) => {
    const keys = await testKeys();
    const owner = sampleServices.find(({ ref }) => ref === inquiry.service)?.agency ?? '';
    const agency = { ...keys.agency, owner };
    const registry = sampleEntries({ ...keys, agency });
    const { request, submit, journal, addressOf, say } = await makeExchange({ registry });
    say({ outcome: inquiry.outcome, facts: inquiry.facts, key: agency });
    const text = await request(inquiryFor(inquiry.service, inquiry.subject, inquiry.params));
    const { facts } = await submit(text);
    expect(facts.outcome).toBe(inquiry.outcome);
    const address = addressOf(text);
    const sizes = sizesOf(address, journal.rows(address));
    expect(sizes.intent).toBeLessThanOrEqual(writeUnit);
    expect(sizes.outcome).toBeLessThanOrEqual(writeUnit);
  });
});
