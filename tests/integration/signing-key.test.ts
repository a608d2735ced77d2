import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { KeyPublished } from '#events/key-published.ts';
import { AwsError } from '#functions/runtime/aws-http.ts';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { GetAnswer, readBinary } from '#functions/runtime/dynamo/item.ts';
import { dynamoKeyRing } from '#functions/runtime/dynamo/key-ring.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { keySmith } from '#functions/runtime/keys/signing-key.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { unseal } from '#shared/audit/vault.ts';
import { ownKeys } from '#shared/inquiry/own-keys.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { thumbprint } from '#shared/message/key.ts';
import { rawSign, testNow } from '#tests/support/messages.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';

const sealing = {
  key: sha256('sealing key'),
  random: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
};

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

const layout = { slotKey: sha256('slot key'), slots: 4, shards: 1 };

/** A new table of the store, a journal, and what a process does with them. */
const newTable = async () => {
  const table = `registry-${crypto.randomUUID()}`;
  const env = readEnv({
    ESTELAM_ORIGIN: 'https://exchange.example',
    ESTELAM_SECRET_FILE: 'unused',
    JOURNAL_TABLE: table,
    REGISTRY_TABLE: table,
    DYNAMODB_ENDPOINT: store?.endpoint,
  });
  const call = dynamoClient(env);
  await ensureTable(call, table);
  const journal = memoryJournalStore();
  const { random } = sealing;
  const recording = { journal: journal.store, layout, now: () => testNow, random };
  /** The signer of a process of its own. */
  const start = (through: AwsJsonCall = call, key: Uint8Array = sealing.key) =>
    ownKeys({
      store: dynamoKeyRing(through, table),
      smith: keySmith({ key, random }),
      recording,
    }).signer;
  const stored = async () => {
    const Key = { pk: { S: 'X' }, sk: { S: 'signing#1' } };
    return GetAnswer.parse(await call('GetItem', { TableName: table, Key })).Item;
  };
  /** Takes the mark away that the key was announced: such is a key that an older version made. */
  const unmark = async (): Promise<void> => {
    const { pk, sk, d } = (await stored()) ?? {};
    await call('PutItem', { TableName: table, Item: { pk, sk, d } });
  };
  /** The keys on record in the journal. */
  const records = () =>
    journal
      .dump()
      .map(({ record }) => unpackRecord(record?.record ?? new Uint8Array()))
      .map((text) => KeyPublished.parse(JSON.parse(text)));
  return { call, start, stored, unmark, records, faults: journal.faults };
};

/** Counts the calls by operation, and fails those that it is told to. */
const watched = (call: AwsJsonCall, fails: (operation: string, nth: number) => boolean) => {
  const operations: string[] = [];
  const through: AwsJsonCall = async (operation, input) => {
    operations.push(operation);
    const nth = operations.filter((one) => one === operation).length;
    if (fails(operation, nth)) throw new AwsError('Network', true, undefined);
    return call(operation, input);
  };
  return { operations, through };
};

/** Keeps what one put says, and does not say so. */
const losing = (call: AwsJsonCall, nth: number): AwsJsonCall => {
  let puts = 0;
  return async (operation, input) => {
    const answer = await call(operation, input);
    puts += Number(operation === 'PutItem');
    if (operation === 'PutItem' && puts === nth) throw new AwsError('Network', true, undefined);
    return answer;
  };
};

const never = (): boolean => false;
const unavailable = { name: 'signer-unavailable', status: 503, extras: { retryAfter: 2 } } as const;

describe('the signing key of the exchange', () => {
  it('is made at first use, and signs for the public key it shows', async ({ skip }) => {
    skip(missing, reason);
    const { start } = await newTable();
    const { kid, alg, jwk, key } = await start()();
    expect(alg).toBe('ES256');
    expect(kid).toBe(await thumbprint(jwk));
    expect(Object.keys(jwk).toSorted()).toEqual(['crv', 'kty', 'x', 'y']);
    const signer = { kid, alg, jwk, key };
    const signature = await rawSign({ owner: 'x', signer, jwk, kid, alg, privateJwk: {} }, 'text');
    const format = { name: 'ECDSA', namedCurve: 'P-256' };
    const published = await crypto.subtle.importKey('jwk', { ...jwk }, format, false, ['verify']);
    const scheme = { name: 'ECDSA', hash: 'SHA-256' };
    const holds = (text: string) =>
      crypto.subtle.verify(scheme, published, Uint8Array.from(signature), Buffer.from(text));
    expect([await holds('text'), await holds('other text')]).toEqual([true, false]);
  });

  it('is the same for twenty processes that start at once', async ({ skip }) => {
    skip(missing, reason);
    const { start, call } = await newTable();
    const { operations, through } = watched(call, never);
    const kids = await Promise.all(
      Array.from({ length: 20 }, async () => (await start(through)()).kid),
    );
    expect(new Set(kids).size).toBe(1);
    // They did race: more than one found no key and made one.
    expect(operations.filter((operation) => operation === 'PutItem').length).toBeGreaterThan(1);
    expect((await start()()).kid).toBe(kids[0]);
  });

  it('is read once by a process, however many ask for it', async ({ skip }) => {
    skip(missing, reason);
    const { start, call } = await newTable();
    await start()();
    const { operations, through } = watched(call, never);
    const signer = start(through);
    const all = await Promise.all(Array.from({ length: 50 }, () => signer()));
    expect(operations).toEqual(['Query']);
    expect(new Set(all).size).toBe(1);
    expect(await signer()).toBe(all[0]);
  });

  it('lies sealed in the store: neither the private part nor the JSON of it is there', async ({
    skip,
  }) => {
    skip(missing, reason);
    const { start, stored } = await newTable();
    const { jwk } = await start()();
    const item = (await stored()) ?? {};
    const box = Buffer.from(readBinary(item, 'd'));
    const [sealed = ''] = unseal(box, 'exchange signing key', sealing);
    const opened = Buffer.from(sealed, 'base64url').toString('utf8');
    const { d } = z.looseObject({ d: z.string().length(43) }).parse(JSON.parse(opened));
    expect(Object.keys(item).toSorted()).toEqual(['a', 'd', 'pk', 'sk']);
    for (const part of [d, Buffer.from(d, 'base64url'), jwk.x, '"kty"', 'P-256']) {
      expect(box.includes(part)).toBe(false);
    }
    const other = { key: sha256('another key') };
    expect(() => unseal(box, 'exchange signing key', other)).toThrow(/authenticate data/);
  });

  it('cannot be taken out of the process that uses it', async ({ skip }) => {
    skip(missing, reason);
    const { start } = await newTable();
    const { key } = await start()();
    expect(key).toMatchObject({ type: 'private', extractable: false, usages: ['sign'] });
  });

  it('is not there while the store fails, and is tried for again by the next that asks', async ({
    skip,
  }) => {
    skip(missing, reason);
    const { start, call, stored } = await newTable();
    const { through } = watched(call, (operation, nth) => operation === 'Query' && nth === 1);
    const signer = start(through);
    await expect(signer()).rejects.toMatchObject(unavailable);
    expect(await stored()).toBeUndefined();
    expect((await signer()).alg).toBe('ES256');
  });

  it('that could not be written is not used', async ({ skip }) => {
    skip(missing, reason);
    const { start, call, stored } = await newTable();
    const { through } = watched(call, (operation, nth) => operation === 'PutItem' && nth === 1);
    const signer = start(through);
    await expect(signer()).rejects.toMatchObject(unavailable);
    expect(await stored()).toBeUndefined();
    const { kid } = await signer();
    expect((await start()()).kid).toBe(kid);
  });

  it('that was written without its maker knowing is used from then on', async ({ skip }) => {
    skip(missing, reason);
    const { start, call } = await newTable();
    const signer = start(losing(call, 1));
    await expect(signer()).rejects.toMatchObject(unavailable);
    expect((await signer()).kid).toBe((await start()()).kid);
  });

  it('is never replaced by a process with another secret', async ({ skip }) => {
    skip(missing, reason);
    const { start, call, stored } = await newTable();
    const { kid } = await start()();
    const before = await stored();
    const { operations, through } = watched(call, never);
    const stranger = start(through, sha256('another secret'));
    await expect(stranger()).rejects.toMatchObject(unavailable);
    await expect(stranger()).rejects.toMatchObject(unavailable);
    expect(operations).toEqual(['Query', 'Query']);
    expect(await stored()).toEqual(before);
    expect((await start()()).kid).toBe(kid);
  });
});

describe('the key on record', () => {
  it('is in the journal before it is handed out, once', async ({ skip }) => {
    skip(missing, reason);
    const { start, records } = await newTable();
    const { kid, jwk } = await start()();
    expect(records()).toEqual([
      expect.objectContaining({ k: 'key', t: testNow, kid, jwk: canonicalJson(jwk) }),
    ]);
    await start()();
    expect(records()).toHaveLength(1);
  });

  it('is put there for a key that was made before there were records', async ({ skip }) => {
    skip(missing, reason);
    const { start, stored, unmark, records } = await newTable();
    const { kid } = await start()();
    await unmark();
    expect(await stored()).not.toHaveProperty('a');
    expect((await start()()).kid).toBe(kid);
    expect(records().map((one) => one.kid)).toEqual([kid, kid]);
    expect(await stored()).toHaveProperty('a');
  });

  it.for(['not-persisted', 'unacknowledged'] as const)(
    'that breaks (%s) keeps the key from being used, and is put again',
    async (fault, { skip }) => {
      skip(missing, reason);
      const { start, stored, records, faults } = await newTable();
      faults.breakCall('putRecord', fault);
      const signer = start();
      await expect(signer()).rejects.toMatchObject(unavailable);
      expect(await stored()).not.toHaveProperty('a');
      const { kid } = await signer();
      const kept = fault === 'unacknowledged' ? [kid, kid] : [kid];
      expect(records().map((one) => one.kid)).toEqual(kept);
      expect(await stored()).toHaveProperty('a');
    },
  );

  it.for(['not-persisted', 'unacknowledged'] as const)(
    'that cannot be marked (%s) is put again by the next process, and changes nothing',
    async (fault, { skip }) => {
      skip(missing, reason);
      const { start, call, stored, records } = await newTable();
      // The first put makes the key, the second marks it.
      const breaking =
        fault === 'unacknowledged'
          ? losing(call, 2)
          : watched(call, (operation, nth) => operation === 'PutItem' && nth === 2).through;
      await expect(start(breaking)()).rejects.toMatchObject(unavailable);
      const { kid } = await start()();
      expect(new Set(records().map((one) => one.kid))).toEqual(new Set([kid]));
      expect(records()).toHaveLength(fault === 'unacknowledged' ? 1 : 2);
      expect(await stored()).toHaveProperty('a');
    },
  );

  it('is never that of a key which another process replaced', async ({ skip }) => {
    skip(missing, reason);
    const { start, call, stored, unmark } = await newTable();
    await start()();
    await unmark();
    const table = await stored();
    const replaced: AwsJsonCall = async (operation, input) => {
      if (operation !== 'PutItem') return call(operation, input);
      const other = { ...table, d: { B: Buffer.from('another').toString('base64') } };
      const { TableName } = z.looseObject({ TableName: z.string() }).parse(input);
      await call('PutItem', { TableName, Item: other });
      return call(operation, input);
    };
    await expect(start(replaced)()).rejects.toMatchObject(unavailable);
    expect(await stored()).not.toHaveProperty('a');
  });
});
