import { describe, expect, it } from 'vitest';
import { isLicenceValid, Licence } from '#shared/registry/licence.ts';

const licence = Licence.parse({
  number: '72-11-0345',
  issuer: 'registrar',
  province: 'تهران',
  city: 'تهران',
  status: 'valid',
  validFrom: 1000,
  validUntil: 2000,
});

describe('isLicenceValid', () => {
  it.each([
    [999, false],
    [1000, true],
    [1999, true],
    [2000, false],
  ])('at %i says %s for a licence from 1000 until 2000', (now, holds) => {
    expect(isLicenceValid(licence, now)).toBe(holds);
  });

  it.each(['suspended', 'revoked'] as const)('never holds while %s', (status) => {
    expect(isLicenceValid({ ...licence, status }, 1500)).toBe(false);
  });

  it('never holds when it ends before it begins', () => {
    expect(isLicenceValid({ ...licence, validFrom: 2000, validUntil: 1000 }, 1500)).toBe(false);
  });
});
