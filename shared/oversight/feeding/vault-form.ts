import { idBytes, idText } from '../../audit/index/ids.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { concat, utf8 } from '../../kernel/bytes.ts';
import { InquiryId } from '../../kernel/id.ts';
import type { VaultRow, VaultRows } from './vault-objects.ts';

/** An object of the vault is not what it should be. It may be the only copy: nobody writes over it. */
export class VaultInvalid extends Error {
  override readonly name = 'VaultInvalid';
}

const magic = utf8('EVLT');
const version = 1;
const statesStart = 5;
const rowsStart = statesStart + tileWidth;
const idWidth = 16;
const rowHead = idWidth + 2;

/** What seals the disclosures of the longest request has room in it twice. */
export const longestBox = 32_768;

const states = { nothing: 0, sealed: 1, erased: 2 } as const;

const sealedRow = (row: VaultRow): readonly Uint8Array[] => {
  if (row.kind !== 'sealed') return [];
  const { id, vault } = row;
  if (vault.length < 1 || vault.length > longestBox) {
    throw new RangeError('A sealed row of the vault has no length that it may have.');
  }
  const length = Buffer.alloc(2);
  length.writeUInt16BE(vault.length);
  return [idBytes(id), length, vault];
};

/**
 * The rows of a bundle as an object: `EVLT`, a version, a byte for the state of each of the 256 rows,
 * and for each sealed one its id in 16 bytes, a length in 16 bits, big-endian, and the box.
 */
export const encodeVault = (rows: VaultRows): Uint8Array => {
  if (rows.length !== tileWidth) throw new RangeError('The vault of a bundle has 256 rows.');
  return concat(
    magic,
    Uint8Array.of(version),
    Uint8Array.from(rows, ({ kind }) => states[kind]),
    ...rows.flatMap(sealedRow),
  );
};

const invalid = (what: string): never => {
  throw new VaultInvalid(`An object of the vault ${what}.`);
};

/** Opens what {@link encodeVault} made; throws {@link VaultInvalid} for every other text of bytes. */
export const decodeVault = (bytes: Uint8Array): VaultRows => {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.length < rowsStart || !view.subarray(0, magic.length).equals(magic)) {
    return invalid('has another form');
  }
  if (view[magic.length] !== version) return invalid('is of another version');
  let at = rowsStart;
  const sealed = (): VaultRow => {
    const start = at + rowHead;
    if (start > view.length) return invalid('is cut short');
    const id = InquiryId.safeParse(idText(view.subarray(at, at + idWidth))).data;
    const length = view.readUInt16BE(at + idWidth);
    if (id === undefined || length < 1 || length > longestBox) return invalid('has a wrong row');
    at = start + length;
    if (at > view.length) return invalid('is cut short');
    return { kind: 'sealed', id, vault: view.subarray(start, at) };
  };
  const rows = Array.from(view.subarray(statesStart, rowsStart), (state): VaultRow => {
    if (state === states.nothing) return { kind: 'nothing' };
    if (state === states.erased) return { kind: 'erased' };
    return state === states.sealed ? sealed() : invalid('has a row in no known state');
  });
  return at === view.length ? rows : invalid('goes on behind its rows');
};
