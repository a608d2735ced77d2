import { createHash, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { join } from 'node:path';
import { signerOf } from '#shared/client/private-key.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { parseStrictJson } from '#shared/kernel/strict-json.ts';
import type { Algorithm } from '#shared/message/algorithm.ts';
import type { Signer } from '#shared/message/key.ts';
import { sampleParticipants } from './seed/participants.ts';
import { readOrMake } from './write-once.ts';

/** A new private JWK (RFC 7517) with its RFC 7638 thumbprint as `kid`. */
const makeKey = (algorithm: Algorithm): JsonWebKey => {
  const { privateKey } =
    algorithm === 'ES256'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : generateKeyPairSync('ed25519');
  const jwk = privateKey.export({ format: 'jwk' });
  const { crv, kty, x, y } = jwk;
  // The members in the order of their names, without the one that Ed25519 lacks (RFC 7638 §3.2).
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  return { ...jwk, kid };
};

/** Where a participant's key is: `counter:72110345` in `counter_72110345.jwk.json`. */
export const keyFile = (directory: string, participant: string): string =>
  join(directory, `${participant.replaceAll(':', '_')}.jwk.json`);

/**
 * A participant's key in a directory, made there at first use (mode 600, never overwritten). Throws
 * an error that names the file when it does not hold a key.
 */
export const participantKey = async (
  directory: string,
  participant: string,
  algorithm: Algorithm,
): Promise<Signer> => {
  const path = keyFile(directory, participant);
  const text = await readOrMake(path, () => `${JSON.stringify(makeKey(algorithm))}\n`);
  try {
    return await signerOf(parseStrictJson(text));
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
    throw new Error(`${path} holds no private key: move it away and a new one is made.`, { cause });
  }
};

/** The keys of everybody in the sample installation, by participant id. */
export const sampleKeys = async (directory: string): Promise<Readonly<Record<string, Signer>>> => {
  const keys = sampleParticipants.map(
    async ({ id, algorithm }): Promise<[string, Signer]> => [
      id,
      await participantKey(directory, id, algorithm),
    ],
  );
  return Object.fromEntries(await Promise.all(keys));
};
