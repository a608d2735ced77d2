import { describe, expect, it } from 'vitest';
import { maxDepth } from '#shared/kernel/strict-json.ts';
import { algorithms, signatureLength } from '#shared/message/algorithm.ts';
import { clockSkew } from '#shared/message/claim-checks.ts';
import { presences, requestFacts } from '#shared/message/claims.ts';
import { maxDigests } from '#shared/message/disclosure.ts';
import { kinds, maxBody } from '#shared/message/kind.ts';

/** Written down once more, so that no limit of the protocol is changed in passing. */
describe('the limits of the protocol', () => {
  it('are these', () => {
    expect({ algorithms, signatureLength, maxBody, maxDepth, maxDigests, clockSkew }).toEqual({
      algorithms: ['ES256', 'Ed25519'],
      signatureLength: 64,
      maxBody: 65_536,
      maxDepth: 16,
      maxDigests: 64,
      clockSkew: { ahead: 60, behind: 10 },
    });
    expect(requestFacts).toEqual(['subject', 'params', 'case', 'operator']);
    expect(presences).toEqual(['in-person', 'proxy', 'none']);
  });

  it.each([
    ['request', 'inq-request+sd-jwt', ['counter', 'guild', 'vendor'], 'sd-jwt', 65_536, 4096, 300],
    ['forward', 'inq-forward+jwt', ['exchange'], 'jwt', 131_072, 131_072, 300],
    ['response', 'inq-response+sd-jwt', ['agency'], 'sd-jwt', 65_536, 8192, 300],
    ['receipt', 'inq-receipt+jwt', ['exchange'], 'jwt', 8192, 8192, 'evidence'],
    [
      'statement',
      'inq-statement+jwt',
      ['counter', 'agency', 'guild', 'vendor'],
      'jwt',
      16_384,
      16_384,
      300,
    ],
    [
      'access',
      'inq-access+jwt',
      ['counter', 'agency', 'auditor', 'registrar', 'guild', 'vendor', 'operator'],
      'jwt',
      4096,
      4096,
      60,
    ],
  ])('of a %s are these', (name, typ, senders, form, maxSize, maxJws, maxLifetime) => {
    expect(new Map<string, unknown>(Object.entries(kinds)).get(name)).toEqual({
      typ,
      senders,
      form,
      maxSize,
      maxJws,
      maxLifetime,
    });
  });
});
