import { describe, expect, it } from 'vitest';
import { bucketOf } from '#shared/audit/address.ts';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { keyBook, spread } from '#shared/client/verify/key-book.ts';
import { KeyEntry, keysOnRecord } from '#shared/client/verify/key-on-record.ts';
import { readLeaf } from '#shared/client/verify/read-leaf.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { RegisteredKey } from '#shared/registry/registered-key.ts';
import { announcedKeyLeaf, keyLeaf, registryLeaf } from '#tests/support/log-leaves.ts';
import { inquiryIdAt, makeKey, testNow } from '#tests/support/messages.ts';
import { agencyOf, entryText, keyEntryOf } from '#tests/support/registry.ts';
import { cast } from './sample-log.ts';

const { counter, exchange } = cast;

const onRecord = async (data: Uint8Array, index = 3, late = false) => {
  const { leaf } = readLeaf(data);
  if (leaf?.kind !== 'registry' && leaf?.kind !== 'key') throw new Error('no record of a key');
  return (await keysOnRecord(leaf, index, late)).at(0);
};

/** The entry of the counter's key with some members replaced, whether that is right or not. */
const textWith = (change: JsonObject): string => {
  const entry = parseStrictJson(entryText(keyEntryOf(counter)));
  return canonicalJson({ ...(isJsonObject(entry) ? entry : {}), ...change });
};

const registryRecord = (change: object): Uint8Array =>
  recordLeafData(
    canonicalJson({
      v: 1,
      k: 'registry',
      id: inquiryIdAt(testNow),
      t: testNow,
      kind: 'key',
      key: counter.kid,
      n: 1,
      entry: entryText(keyEntryOf(counter)),
      ...change,
    }),
  );

describe('a key of many versions', () => {
  it('takes a key with many versions', async () => {
    const first = await onRecord(registryLeaf(counter, testNow));
    if (typeof first !== 'object') throw new Error('no key');
    const book = keyBook();
    const faults = Array.from({ length: 20_000 }, (_, n) =>
      book.learn({ ...first, version: n + 1, index: n }),
    );
    expect(new Set(faults)).toEqual(new Set([undefined]));
    const found = await book.find(counter.kid, { index: 30_000, bucket: 0 }, testNow);
    expect(found.kind).toBe('found');
  }, 1000);
});

describe('keyOnRecord', () => {
  it('reads what a registry leaf says of a key', async () => {
    expect(await onRecord(registryLeaf(counter, testNow))).toEqual({
      kid: counter.kid,
      jwk: counter.jwk,
      owner: counter.owner,
      role: 'officer',
      status: 'active',
      notBefore: 0,
      notAfter: 8_640_000_000_000_000,
      version: 1,
      time: testNow,
      index: 3,
      bucket: bucketOf(testNow),
    });
  });

  it("reads the exchange's own key", async () => {
    const key = await onRecord(keyLeaf(exchange));
    expect(key).toMatchObject({ kid: exchange.kid, owner: 'exchange', status: 'active' });
  });

  it('counts a late one from its index only', async () => {
    const key = await onRecord(registryLeaf(counter), 3, true);
    expect(key).toMatchObject({ index: 3, bucket: Number.POSITIVE_INFINITY });
  });

  it('passes over participants and services', async () => {
    const entry = JSON.stringify(agencyOf('agency:civil-registry'));
    const data = registryRecord({ kind: 'participant', key: 'agency:civil-registry', entry });
    expect(await onRecord(data)).toBeUndefined();
  });

  it.each([
    ['is no JSON', { entry: '{' }],
    ['is of another kind', { kind: 'service' }],
    ['is of another version', { n: 2 }],
    ['is another key than the leaf names', { key: exchange.kid }],
    ['has a surplus member', { entry: textWith({ note: 'x' }) }],
  ])('refuses an entry that %s', async (_, change) => {
    expect(await onRecord(registryRecord(change))).toBe('entry-malformed');
  });

  it('refuses a kid that is not the thumbprint', async () => {
    const entry = textWith({ jwk: exchange.jwk });
    expect(await onRecord(registryRecord({ entry }))).toBe('kid-differs');
  });

  it('refuses a key that is no sound point: under it, signatures mean nothing', async () => {
    const low = { kty: 'OKP', crv: 'Ed25519', x: `AQ${'A'.repeat(41)}` };
    const entry = textWith({ jwk: low });
    expect(await onRecord(registryRecord({ entry }))).toBe('key-unsound');
    const offCurve = { ...exchange.jwk, x: 'A'.repeat(43) };
    const other = textWith({ jwk: offCurve });
    expect(await onRecord(registryRecord({ entry: other }))).toBe('key-unsound');
  });

  it("takes the same entries as the registry's own schema", () => {
    const revoked = { reason: 'lost', from: testNow };
    const good = keyEntryOf(counter, { role: 'station', revoked, n: 7 });
    expect(KeyEntry.parse(good)).toEqual(good);
    expect(Object.keys(KeyEntry.shape).toSorted()).toEqual(
      Object.keys(RegisteredKey.shape).toSorted(),
    );
    for (const name of Object.keys(good)) {
      for (const value of [undefined, null, '', 0, -1, 1.5, {}, 'x'.repeat(61), 'active']) {
        const bent = { ...good, [name]: value };
        expect(KeyEntry.safeParse(bent).success).toBe(RegisteredKey.safeParse(bent).success);
      }
    }
  });
});

/** A book with versions of the counter's key, by the index and time of each. */
const bookOf = async (
  ...versions: readonly {
    readonly index: number;
    readonly time: number;
    readonly late?: boolean;
    readonly change?: Partial<RegisteredKey>;
  }[]
) => {
  const book = keyBook();
  const faults = [];
  for (const { index, time, late = false, change } of versions) {
    const key = await onRecord(registryLeaf(counter, time, change), index, late);
    if (typeof key !== 'object') throw new Error('no key');
    faults.push(book.learn(key));
  }
  return { book, faults };
};

const at = (index: number, time: number = testNow) => ({ index, bucket: bucketOf(time) });

describe('keyBook', () => {
  it('finds a key that was on record before', async () => {
    const { book } = await bookOf({ index: 3, time: testNow - 100_000 });
    const found = await book.find(counter.kid, at(4), testNow);
    expect(found).toMatchObject({ kind: 'found', note: undefined, key: { owner: counter.owner } });
  });

  it('does not know a key that nobody put on record', async () => {
    const { book } = await bookOf({ index: 3, time: testNow });
    expect(await book.find(exchange.kid, at(4), testNow)).toEqual({ kind: 'not-on-record' });
  });

  it('takes a key whose leaf follows in the same bucket or the next, and says so', async () => {
    for (const time of [testNow, testNow + 10_000]) {
      const { book } = await bookOf({ index: 9, time });
      const found = await book.find(counter.kid, at(4), testNow);
      expect(found).toMatchObject({ kind: 'found', note: 'key-leaf-follows' });
    }
  });

  it('takes none that came two buckets behind', async () => {
    const { book } = await bookOf({ index: 9, time: testNow + 20_000 });
    expect(await book.find(counter.kid, at(4), testNow)).toEqual({ kind: 'not-on-record' });
  });

  it('takes no late one for what stands before it, whatever its id says', async () => {
    const { book } = await bookOf({ index: 9, time: testNow, late: true });
    expect(await book.find(counter.kid, at(4), testNow)).toEqual({ kind: 'not-on-record' });
    expect(await book.find(counter.kid, at(10), testNow)).toMatchObject({ kind: 'found' });
  });

  it('heeds a revocation, a minute after it was made', async () => {
    const revoked = { status: 'revoked', version: 2 } as const;
    const { book, faults } = await bookOf(
      { index: 3, time: testNow - 1_000_000 },
      { index: 5, time: testNow, change: revoked },
    );
    expect(faults).toEqual([undefined, undefined]);
    const find = (time: number) => book.find(counter.kid, at(8, time), time);
    expect(await find(testNow - 1)).toMatchObject({ kind: 'found', note: undefined });
    expect(await find(testNow + spread - 1)).toMatchObject({ note: 'key-just-ended' });
    expect(await find(testNow + spread)).toEqual({ kind: 'not-in-force' });
  });

  it('does not let a revocation reach what stands far before it, whatever time it claims', async () => {
    const backdated = { status: 'revoked', version: 2 } as const;
    const { book } = await bookOf(
      { index: 3, time: testNow - 1_000_000 },
      { index: 50, time: testNow - 900_000, late: true, change: backdated },
    );
    expect(await book.find(counter.kid, at(8), testNow)).toMatchObject({ note: undefined });
  });

  it('heeds notBefore and notAfter', async () => {
    const window = { notBefore: testNow, notAfter: testNow + 1000 };
    const { book } = await bookOf({ index: 3, time: testNow - 100_000, change: window });
    const find = (time: number) => book.find(counter.kid, at(8), time);
    expect(await find(testNow - 1)).toEqual({ kind: 'not-in-force' });
    expect(await find(testNow)).toMatchObject({ note: undefined });
    expect(await find(testNow + 1000)).toMatchObject({ note: 'key-just-ended' });
    expect(await find(testNow + 1000 + spread)).toEqual({ kind: 'not-in-force' });
  });

  it('refuses another owner for a key, and notices a version that is not on record', async () => {
    const { faults } = await bookOf(
      { index: 3, time: testNow },
      { index: 4, time: testNow, change: { owner: 'counter:1', version: 2 } },
      { index: 5, time: testNow, change: { version: 3 } },
      { index: 6, time: testNow, change: { version: 3 } },
    );
    expect(faults).toEqual([undefined, 'owner-changed', 'version-missing', undefined]);
  });

  it('tells the keys of both algorithms apart', async () => {
    const other = await makeKey('Ed25519', 'agency:civil-registry');
    const { book } = await bookOf({ index: 3, time: testNow });
    const key = await onRecord(registryLeaf(other), 4);
    if (typeof key !== 'object') throw new Error('no key');
    book.learn(key);
    expect(await book.find(other.kid, at(9), testNow)).toMatchObject({ key: { alg: 'Ed25519' } });
    expect(await book.find(counter.kid, at(9), testNow)).toMatchObject({ key: { alg: 'ES256' } });
  });
});

describe('a key of the exchange that signs from a time on', () => {
  const day = 86_400_000;
  const from = testNow + day;
  const place = { index: 9, bucket: bucketOf(from) + 1 };

  const ownBook = async (...leaves: readonly Uint8Array[]) => {
    const book = keyBook();
    for (const [nth, data] of leaves.entries()) {
      const key = await onRecord(data, 3 + nth);
      if (typeof key !== 'object') throw new Error('no key on record');
      expect(book.learn(key)).toBeUndefined();
    }
    return book;
  };

  it('counts from then on, and a minute before, for a clock that is behind', async () => {
    const book = await ownBook(announcedKeyLeaf(exchange, testNow, from));
    const kindAt = async (time: number) => (await book.find(exchange.kid, place, time)).kind;
    expect(await kindAt(from)).toBe('found');
    expect(await kindAt(from - spread)).toBe('found');
    expect(await kindAt(from - spread - 1)).toBe('not-in-force');
    expect(await kindAt(from + 4000 * day)).toBe('found');
  });

  it('is not on record before its leaf, whatever the leaf says', async () => {
    const book = await ownBook(announcedKeyLeaf(exchange, testNow, testNow));
    const early = { index: 2, bucket: bucketOf(testNow) - 5 };
    expect((await book.find(exchange.kid, early, testNow)).kind).toBe('not-on-record');
  });

  it('may be announced more than once, and counts from the earliest time on', async () => {
    const book = await ownBook(
      announcedKeyLeaf(exchange, testNow, from),
      announcedKeyLeaf(exchange, testNow + 5000, from + 5000 + day),
    );
    expect((await book.find(exchange.kid, place, from)).kind).toBe('found');
  });

  it('is no key when its time is no number', async () => {
    const bent = Buffer.from(announcedKeyLeaf(exchange, testNow, from)).toString('utf8');
    const data = Buffer.from(bent.replace(/"from":\d+/, '"from":"soon"'));
    expect(readLeaf(data).fault).toBe('wrong-members');
  });
});
