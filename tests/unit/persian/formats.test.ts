import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { BirthDate } from '#shared/persian/date.ts';
import { formats } from '#shared/persian/formats.ts';
import { LegalId } from '#shared/persian/legal-id.ts';
import { Mobile } from '#shared/persian/mobile.ts';
import { NationalId } from '#shared/persian/national-id.ts';
import { PostalCode } from '#shared/persian/postal-code.ts';

describe('formats', () => {
  it.each([
    ['ir-national-id', '0499370899', '۰۴۹۹۳۷۰۸۹۹'],
    ['ir-national-id', '1111111111', '2222222222'],
    ['ir-legal-id', '10380284790', '10380284792'],
    ['ir-postal-code', '1234567890', '12345-67890'],
    ['ir-mobile', '+989123456789', '09123456789'],
    ['ir-birth-date', '1991-08-03', '1370-05-12'],
    ['ir-birth-date', '1991', '1991-8-3'],
  ] as const)('%s accepts %s and not %s', (name, canonical, other) => {
    expect(formats[name](canonical)).toBe(true);
    expect(formats[name](other)).toBe(false);
  });

  it('are called as the schemas call them', () => {
    const schemas = [NationalId, LegalId, PostalCode, Mobile, BirthDate];
    expect(schemas.map((schema) => z.toJSONSchema(schema).format)).toEqual(Object.keys(formats));
  });
});
