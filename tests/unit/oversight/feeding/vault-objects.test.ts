import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { tileWidth } from '#shared/audit/tlog/tree.ts';
import { newId } from '#shared/kernel/id.ts';
import { decodeVault, encodeVault, longestBox } from '#shared/oversight/feeding/vault-form.ts';
import {
  eraseVaultRows,
  keepVault,
  readVault,
  readVaultRow,
  type VaultRow,
  vaultKeyOf,
} from '#shared/oversight/feeding/vault-objects.ts';
import { testNow } from '#tests/support/messages.ts';

const nothing = { kind: 'nothing' } as const;
const erased = { kind: 'erased' } as const;

const sealed = (n: number, box: Uint8Array = Buffer.from(`box ${n}`)): VaultRow => ({
  kind: 'sealed',
  id: newId(testNow + n, (length) => Buffer.alloc(length, n % 256)),
  vault: box,
});

/** Rows as plain values: a box may be any kind of byte array. */
const shown = (rows: readonly VaultRow[]) =>
  rows.map((row) =>
    row.kind === 'sealed' ? `${row.id} ${Buffer.from(row.vault).toString('hex')}` : row.kind,
  );

const anyRow: fc.Arbitrary<VaultRow> = fc.oneof(
  { weight: 4, arbitrary: fc.constant(nothing) },
  fc.constant(erased),
  fc
    .record({ n: fc.nat(1_000_000), box: fc.uint8Array({ minLength: 1, maxLength: 40 }) })
    .map(({ n, box }) => sealed(n, box)),
);
const anyRows = fc.array(anyRow, { minLength: tileWidth, maxLength: tileWidth });

const filled = (first: readonly VaultRow[]): readonly VaultRow[] =>
  Array.from({ length: tileWidth }, (_, n) => first[n] ?? nothing);

const places = (rows: Readonly<Record<number, VaultRow>>): ReadonlyMap<number, VaultRow> =>
  new Map(Object.entries(rows).map(([place, row]) => [Number(place), row]));

describe('an object of the vault', () => {
  it('says again what it was made of, and is made of it again', () => {
    fc.assert(
      fc.property(anyRows, (rows) => {
        const bytes = encodeVault(rows);
        expect(shown(decodeVault(bytes))).toEqual(shown(rows));
        expect(encodeVault(decodeVault(bytes))).toEqual(bytes);
      }),
      { numRuns: 20 },
    );
  });

  it('holds the longest box in every row and stays below what an object may be', () => {
    const box = Buffer.alloc(longestBox, 1);
    const bytes = encodeVault(Array.from({ length: tileWidth }, (_, n) => sealed(n, box)));
    expect(bytes.length).toBeLessThan(16_777_216);
    expect(decodeVault(bytes)).toHaveLength(tileWidth);
  });

  it.each([0, longestBox + 1])('takes no box of %i bytes', (length) => {
    const rows = filled([sealed(1, new Uint8Array(length))]);
    expect(() => encodeVault(rows)).toThrow(RangeError);
  });

  it('takes no other number of rows', () => {
    expect(() => encodeVault([nothing])).toThrow(RangeError);
  });

  const good = encodeVault(filled([sealed(1), erased, sealed(2)]));
  const bent = (at: number, byte: number): Uint8Array => {
    const bytes = Uint8Array.from(good);
    bytes[at] = byte;
    return bytes;
  };

  it.each([
    ['nothing', new Uint8Array()],
    ['another text', Buffer.alloc(600, 'x')],
    ['another version', bent(4, 2)],
    ['a row in no known state', bent(5, 3)],
    ['a row more than are sealed', bent(10, 1)],
    ['a row less than are sealed', bent(5, 0)],
    ['an id that is none', bent(261 + 6, 0x10)],
    ['a box without a byte', bent(261 + 17, 0)],
    ['a byte more', Buffer.concat([good, Buffer.of(0)])],
    ['a byte less', good.subarray(0, -1)],
    ['half of a row', good.subarray(0, 270)],
  ])('is none where there is %s', (_what, bytes) => {
    expect(() => decodeVault(bytes)).toThrow(expect.objectContaining({ name: 'VaultInvalid' }));
  });

  it('is either read or refused, whatever its bytes', () => {
    const reading = (bytes: Uint8Array): unknown => {
      try {
        return decodeVault(bytes).length;
      } catch (error) {
        return error instanceof Error ? error.name : error;
      }
    };
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        expect([tileWidth, 'VaultInvalid']).toContain(reading(bent(at, byte)));
      }),
    );
  });
});

describe('the vault of a bundle', () => {
  it('holds nothing of leaves that nobody kept', async () => {
    const { store, dump } = memoryObjectStore();
    expect(await readVaultRow(store, 0, 700)).toEqual(nothing);
    await keepVault(store, 0, 0, places({ 3: nothing }));
    await keepVault(store, 0, 0, new Map());
    expect(dump().size).toBe(0);
  });

  it('keeps rows beside those that stand, each at its place', async () => {
    const { store } = memoryObjectStore();
    await keepVault(store, 0, 1, places({ 0: sealed(1) }));
    const rows = await keepVault(store, 0, 1, places({ 2: sealed(2) }));
    const expected = shown(filled([sealed(1), nothing, sealed(2)]));
    expect(shown(rows)).toEqual(expected);
    expect(shown(await readVault(store, 0, 1))).toEqual(expected);
    expect(shown([await readVaultRow(store, 0, 258)])).toEqual(shown([sealed(2)]));
    expect(await readVaultRow(store, 1, 258)).toEqual(nothing);
  });

  it('does not lose what it has to a journal that has nothing left, and takes what it has', async () => {
    const { store } = memoryObjectStore();
    await keepVault(store, 0, 0, places({ 0: sealed(1), 1: sealed(2) }));
    const rows = await keepVault(store, 0, 0, places({ 0: nothing, 1: sealed(3) }));
    expect(shown(rows)).toEqual(shown(filled([sealed(1), sealed(3)])));
  });

  it('erases rows for good, those too that are kept later', async () => {
    const { store, peek } = memoryObjectStore();
    await keepVault(store, 0, 0, places({ 0: sealed(1), 1: sealed(2) }));
    await eraseVaultRows(store, 0, 0, [1, 7]);
    const again = places({ 0: sealed(1), 1: sealed(2), 7: sealed(3) });
    const rows = await keepVault(store, 0, 0, again);
    expect(rows.map(({ kind }) => kind).slice(0, 8)).toEqual([
      'sealed',
      'erased',
      ...Array.from({ length: 5 }, () => 'nothing'),
      'erased',
    ]);
    const bytes = Buffer.from(peek(vaultKeyOf(0, 0)) ?? []);
    expect(bytes.includes('box 1')).toBe(true);
    expect(bytes.includes('box 2')).toBe(false);
  });

  it('erases a row that the journal says is erased', async () => {
    const { store } = memoryObjectStore();
    await keepVault(store, 0, 0, places({ 0: sealed(1) }));
    await keepVault(store, 0, 0, places({ 0: erased }));
    expect(await readVaultRow(store, 0, 0)).toEqual(erased);
  });

  it('erases what it has nothing of', async () => {
    const { store } = memoryObjectStore();
    await eraseVaultRows(store, 0, 9, [255]);
    expect(await readVaultRow(store, 0, 9 * 256 + 255)).toEqual(erased);
  });

  it.each([[-1], [256], [0.5], [Number.NaN]])('has no place %d', async (place) => {
    const { store, dump } = memoryObjectStore();
    await expect(eraseVaultRows(store, 0, 0, [0, place])).rejects.toThrow(RangeError);
    expect(dump().size).toBe(0);
  });

  it('writes nothing where nothing changes', async () => {
    const { store, faults } = memoryObjectStore();
    await keepVault(store, 0, 0, places({ 0: sealed(1) }));
    await keepVault(store, 0, 0, places({ 0: sealed(1) }));
    await eraseVaultRows(store, 0, 0, []);
    expect(faults.calls('replace')).toBe(1);
  });

  it('never writes over an object that cannot be read', async () => {
    const { store, overwrite, peek } = memoryObjectStore();
    const broken = Buffer.from('not a vault');
    overwrite(vaultKeyOf(0, 0), broken);
    const name = 'VaultInvalid';
    await expect(readVaultRow(store, 0, 0)).rejects.toMatchObject({ name });
    const keeping = keepVault(store, 0, 0, places({ 0: sealed(1) }));
    await expect(keeping).rejects.toMatchObject({ name });
    await expect(eraseVaultRows(store, 0, 0, [0])).rejects.toMatchObject({ name });
    expect(Buffer.from(peek(vaultKeyOf(0, 0)) ?? [])).toEqual(broken);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'can be kept and erased again after a write that broke (%s)',
    async (fault) => {
      const { store, faults } = memoryObjectStore();
      const unavailable = { name: 'store-unavailable' };
      const rows = places({ 0: sealed(1), 1: sealed(2) });
      faults.breakCall('replace', fault);
      await expect(keepVault(store, 0, 0, rows)).rejects.toMatchObject(unavailable);
      await keepVault(store, 0, 0, rows);
      faults.breakCall('replace', fault);
      await expect(eraseVaultRows(store, 0, 0, [0])).rejects.toMatchObject(unavailable);
      await eraseVaultRows(store, 0, 0, [0]);
      expect(shown(await readVault(store, 0, 0))).toEqual(shown(filled([erased, sealed(2)])));
    },
  );

  it('comes to the same whoever is first: nobody loses a row and no erased one comes back', async () => {
    const work = fc.oneof(
      fc.record({ keep: fc.integer({ min: 0, max: 3 }) }),
      fc.record({ erase: fc.integer({ min: 0, max: 3 }) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(work, { minLength: 2, maxLength: 6 }),
        fc.scheduler(),
        async (all, s) => {
          const { store } = memoryObjectStore();
          const slow = {
            get: s.scheduleFunction((key: string) => store.get(key)),
            replace: s.scheduleFunction(store.replace),
          };
          const done = Promise.all(
            all.map((one) =>
              'keep' in one
                ? keepVault(slow, 0, 0, places({ [one.keep]: sealed(one.keep) }))
                : eraseVaultRows(slow, 0, 0, [one.erase]),
            ),
          );
          await s.waitFor(done);
          const rows = await readVault(store, 0, 0);
          for (const place of [0, 1, 2, 3]) {
            const isErased = all.some((one) => 'erase' in one && one.erase === place);
            const isKept = all.some((one) => 'keep' in one && one.keep === place);
            const expected = isKept ? 'sealed' : 'nothing';
            expect(rows[place]?.kind).toBe(isErased ? 'erased' : expected);
          }
        },
      ),
      { numRuns: 40 },
    );
  });
});
