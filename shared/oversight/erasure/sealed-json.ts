import { createHmac } from 'node:crypto';
import type * as z from 'zod';
import { nonceLength, seal, unseal } from '../../audit/vault.ts';
import { fromBase64Url, type SecretKey, toBase64Url, utf8 } from '../../kernel/bytes.ts';
import { canonicalJson } from '../../kernel/canonical-json.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';

/** What seals with the key of the vault. */
export type Sealing = {
  readonly vaultKey: SecretKey;
  readonly random: (length: number) => Uint8Array;
};

/** What says of a person something, as base64url that shows nothing; it opens in its own place only. */
export const sealJson = (
  value: JsonObject,
  context: string,
  { vaultKey, random }: Sealing,
): string => {
  const key = { key: vaultKey, nonce: () => random(nonceLength) };
  return toBase64Url(seal([toBase64Url(utf8(canonicalJson(value)))], context, key));
};

/**
 * What tells something from another when nobody may know any more what it was: four hexadecimal digits of
 * HMAC-SHA-256. So short that whoever has the key and tries all persons finds a thousand for each: it
 * catches an id that is used twice, and names nobody.
 */
export const keyedDigest = (
  value: JsonObject,
  context: string,
  { vaultKey }: Pick<Sealing, 'vaultKey'>,
): string =>
  createHmac('sha256', vaultKey)
    .update(`digest ${context}\0${canonicalJson(value)}`)
    .digest('hex')
    .slice(0, 4);

/** Opens what {@link sealJson} closed; throws when the key, the place or a byte is another. */
export const openJson = <Value>(
  shape: z.ZodType<Value>,
  sealed: string,
  context: string,
  { vaultKey }: Pick<Sealing, 'vaultKey'>,
): Value => {
  const [text = ''] = unseal(fromBase64Url(sealed) ?? new Uint8Array(), context, { key: vaultKey });
  const json: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  return shape.parse(json);
};
