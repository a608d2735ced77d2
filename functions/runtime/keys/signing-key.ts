import { exportJWK, generateKeyPair, importJWK, type JWK } from 'jose';
import * as z from 'zod';
import type { KeyPublished } from '#events/key-published.ts';
import { putLeaf, type Recording } from '#shared/audit/put-leaf.ts';
import { nonceLength, seal, unseal } from '#shared/audit/vault.ts';
import type { ExchangeSigner, Random } from '#shared/inquiry/ports.ts';
import type { SecretKey } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { Digest } from '#shared/message/claims.ts';
import { type Signer, thumbprint } from '#shared/message/key.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { conditionFailure } from '../dynamo/client.ts';
import { binary, GetAnswer, type Item, number, readBinary, text } from '../dynamo/item.ts';

/**
 * Where the exchange's own signing key stands in the registry table: `d`, sealed. `a`: when it was
 * announced, in milliseconds since 1970; absent until it is on record in the journal.
 */
const place = { pk: text('X'), sk: text('signing#1') } as const satisfies Item;

type Store = { readonly call: AwsJsonCall; readonly table: string };
type Sealing = { readonly key: SecretKey; readonly random: Random };

const PrivateJwk = z.strictObject({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: Digest,
  y: Digest,
  d: Digest,
});

const context = 'exchange signing key';

const toBox = (jwk: JWK, { key, random }: Sealing): Uint8Array =>
  seal([Buffer.from(JSON.stringify(jwk)).toString('base64url')], context, {
    key,
    nonce: () => random(nonceLength),
  });

const toSigner = async (box: Uint8Array, { key }: Sealing): Promise<Signer> => {
  const [sealed = ''] = unseal(box, context, { key });
  const json: unknown = JSON.parse(Buffer.from(sealed, 'base64url').toString('utf8'));
  const { d, ...published } = PrivateJwk.parse(json);
  const imported = await importJWK({ ...published, d }, 'ES256');
  if (imported instanceof Uint8Array) throw new TypeError('The signing key is symmetric.');
  return { kid: await thumbprint(published), alg: 'ES256', key: imported, jwk: published };
};

const read = async ({ call, table }: Store): Promise<Item | undefined> => {
  const answer = await call('GetItem', { TableName: table, Key: place, ConsistentRead: true });
  return GetAnswer.parse(answer).Item;
};

/** Makes the key where there is none; of several makers the first wins and all use that one. */
const create = async ({ call, table }: Store, sealing: Sealing): Promise<void> => {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const box = toBox(await exportJWK(privateKey), sealing);
  try {
    await call('PutItem', {
      TableName: table,
      Item: { ...place, d: binary(box) },
      ConditionExpression: 'attribute_not_exists(pk)',
    });
  } catch (error) {
    if (conditionFailure(error) === undefined) throw error;
  }
};

/**
 * Puts the key on record and then marks it so. A crash in between, or several who do it at once, put it
 * on record again, which changes nothing.
 */
const announce = async (
  { call, table }: Store,
  recording: Recording,
  { item, signer: { kid, jwk } }: { readonly item: Item; readonly signer: Signer },
): Promise<void> => {
  await putLeaf(recording, (id, t) => {
    return { v: 1, k: 'key', id, t, kid, jwk: canonicalJson(jwk) } satisfies KeyPublished;
  });
  const { d = binary(new Uint8Array()) } = item;
  await call('PutItem', {
    TableName: table,
    Item: { ...place, d, a: number(recording.now()) },
    ConditionExpression: 'd = :d',
    ExpressionAttributeValues: { ':d': d },
  });
};

const load = async (store: Store, sealing: Sealing, recording: Recording): Promise<Signer> => {
  const standing = await read(store);
  if (standing === undefined) await create(store, sealing);
  const item = standing ?? (await read(store));
  if (item === undefined) throw new Error('The signing key was made and is not there.');
  const signer = await toSigner(readBinary(item, 'd'), sealing);
  if (item['a'] === undefined) await announce(store, recording, { item, signer });
  return signer;
};

/**
 * The exchange's ES256 key, kept sealed in the registry table and made at first use. It is on record in
 * the journal, as a leaf of its own, before it is handed out.
 */
export const storedSigner = (
  store: Store,
  sealing: Sealing,
  recording: Omit<Recording, 'random'>,
): ExchangeSigner => {
  let loading: Promise<Signer> | undefined;
  return async () => {
    loading ??= load(store, sealing, { ...recording, random: sealing.random });
    try {
      return await loading;
    } catch (cause) {
      loading = undefined;
      const said = 'The signing key cannot be had; nothing was sent on.';
      throw new Problem('signer-unavailable', said, { retryAfter: 2 }, { cause });
    }
  };
};
