import { describe, expect, it } from 'vitest';
import { algorithms } from '#shared/message/algorithm.ts';
import { algorithmOf, importPublicKey, isActive, thumbprint } from '#shared/message/key.ts';
import { makeKey, registered } from '#tests/support/messages.ts';

describe.each(algorithms)('an %s key', (alg) => {
  it('is named by its thumbprint and imports as a public key that can only verify', async () => {
    const { jwk, kid } = await makeKey(alg);
    const key = await importPublicKey(jwk);

    expect(algorithmOf(jwk)).toBe(alg);
    expect(kid).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await thumbprint(jwk)).toBe(kid);
    expect({ type: key.type, usages: key.usages }).toEqual({ type: 'public', usages: ['verify'] });
  });
});

describe('a key', () => {
  it('is active from notBefore until just before notAfter, unless revoked', async () => {
    const made = await makeKey();
    const key = await registered(made, { notBefore: 10, notAfter: 20 });

    expect([9, 10, 19, 20].map((now) => isActive(key, now))).toEqual([false, true, true, false]);
    expect(isActive({ ...key, status: 'revoked' }, 15)).toBe(false);
  });
});
