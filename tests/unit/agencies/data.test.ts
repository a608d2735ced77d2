import { describe, expect, it } from 'vitest';
import { books } from '#infra/local/agencies/books.ts';
import { addresses } from '#infra/local/agencies/data/addresses.ts';
import { chanceFrom } from '#infra/local/agencies/data/chance.ts';
import { legalEntities } from '#infra/local/agencies/data/legal-entities.ts';
import { people } from '#infra/local/agencies/data/people.ts';
import {
  testLegalIds,
  testNationalIds,
  testPlate,
  testPostalCode,
} from '#infra/local/agencies/data/test-ids.ts';
import { vehicles } from '#infra/local/agencies/data/vehicles.ts';
import { sampleServices } from '#infra/local/seed/services.ts';
import { sha256Url } from '#shared/kernel/bytes.ts';
import { BirthDate } from '#shared/persian/date.ts';
import { LegalId } from '#shared/persian/legal-id.ts';
import { Mobile } from '#shared/persian/mobile.ts';
import { NationalId } from '#shared/persian/national-id.ts';
import { Plate } from '#shared/persian/plate.ts';
import { PostalCode } from '#shared/persian/postal-code.ts';
import { violations } from '#shared/registry/json-schema.ts';

const distinct = (texts: readonly string[]): number => new Set(texts).size;

describe("the sample agencies' records", () => {
  it('are about a few hundred people with valid ids, each once', () => {
    expect(people.length).toBeGreaterThan(200);
    expect(distinct(people.map(({ nationalId }) => nationalId))).toBe(people.length);
    for (const { nationalId, birthDate, mobile } of people) {
      expect(NationalId.safeParse(nationalId).success).toBe(true);
      expect(BirthDate.safeParse(birthDate).success).toBe(true);
      expect(Mobile.safeParse(mobile).success).toBe(true);
    }
  });

  it('are about companies, addresses and cars with valid ids, each once', () => {
    expect(legalEntities.every(({ legalId }) => LegalId.safeParse(legalId).success)).toBe(true);
    expect(addresses.every(({ postalCode }) => PostalCode.safeParse(postalCode).success)).toBe(
      true,
    );
    expect(vehicles.every(({ plate }) => Plate.safeParse(plate).success)).toBe(true);
    expect(distinct(vehicles.map(({ plate }) => JSON.stringify(plate)))).toBe(vehicles.length);
    expect(books['companies/legal-entity@1'].records.size).toBe(legalEntities.length);
  });

  it('hold every published test id', () => {
    const known = new Set(people.map(({ nationalId }) => nationalId));
    expect(testNationalIds.filter((id) => !known.has(id))).toEqual([]);
    const companies = new Set(legalEntities.map(({ legalId }) => legalId));
    expect(testLegalIds.filter((id) => !companies.has(id))).toEqual([]);
    expect(addresses[0]?.postalCode).toBe(testPostalCode);
    expect(vehicles[0]?.plate).toEqual(testPlate);
  });

  it('let nobody die before being born', () => {
    for (const { birthDate, dateOfDeath } of people) {
      expect(dateOfDeath === undefined || dateOfDeath > birthDate).toBe(true);
    }
  });

  it('are the same on every machine', () => {
    const everything = JSON.stringify([people, legalEntities, addresses, vehicles]);
    expect(sha256Url(everything)).toMatchInlineSnapshot(
      `"gohEJSmnnrDqIm4YsPALlk6Vayi4f8N4cT1n8YH3qbg"`,
    );
  });

  it('fit the output schema of their service, but for the values that are only compared', () => {
    for (const service of sampleServices) {
      const declared = Object.keys(service.output.properties);
      const book = Object.entries(books).find(([ref]) => ref === service.ref)?.[1];
      const broken = [...(book?.records.values() ?? [])].flatMap((record) => {
        const told = Object.entries(record).filter(([name]) => declared.includes(name));
        return violations(service.output, Object.fromEntries(told), service.ref);
      });
      expect(broken).toEqual([]);
      expect(book?.records.size).toBeGreaterThan(100);
    }
  });
});

describe('chance', () => {
  it('is the same for the same seed and another for another', () => {
    expect(chanceFrom('a').digits(30)).toBe(chanceFrom('a').digits(30));
    expect(chanceFrom('a').digits(30)).not.toBe(chanceFrom('b').digits(30));
  });
});
