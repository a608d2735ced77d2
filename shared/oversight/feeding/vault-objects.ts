import type { ObjectStore } from '../../audit/ports.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import { equalBytes } from '../../kernel/bytes.ts';
import type { InquiryId } from '../../kernel/id.ts';
import { decodeVault, encodeVault, VaultInvalid } from './vault-form.ts';

/** Where the vault of a bundle of the log is in the store of what can be made again. */
export const vaultKeyOf = (shard: number, bundle: number): string => `vault/${shard}/${bundle}`;

/**
 * What the vault holds of one leaf: the sealed disclosures of its request as the journal held them
 * (opened by `openVault` of shared/inquiry/record.ts), that they were erased, or nothing: a record, or
 * an inquiry whose row of the journal was lost before it was kept.
 */
export type VaultRow =
  | { readonly kind: 'sealed'; readonly id: InquiryId; readonly vault: Uint8Array }
  | { readonly kind: 'erased' }
  | { readonly kind: 'nothing' };

/** The rows of a bundle, one for each of its 256 leaves, there or yet to come. */
export type VaultRows = readonly VaultRow[];

type Objects = Pick<ObjectStore, 'get' | 'replace'>;

export const nothing: VaultRow = { kind: 'nothing' };
export const erased: VaultRow = { kind: 'erased' };

const empty: VaultRows = Array.from({ length: tileWidth }, () => nothing);

/** The rows of a bundle as they stand. Rejects with `VaultInvalid`, and with `store-unavailable`. */
export const readVault = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
  bundle: number,
): Promise<VaultRows> => {
  const bytes = await objects.get(vaultKeyOf(shard, bundle));
  return bytes === undefined ? empty : decodeVault(bytes);
};

/** The same, but undefined for an object that cannot be read, which nobody writes over. */
export const standingVault = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
  bundle: number,
): Promise<VaultRows | undefined> => {
  try {
    return await readVault(objects, shard, bundle);
  } catch (error) {
    if (error instanceof VaultInvalid) return undefined;
    throw error;
  }
};

/** What the vault holds of the leaf at an index; rejects as {@link readVault} does. */
export const readVaultRow = async (
  objects: Pick<ObjectStore, 'get'>,
  shard: number,
  index: number,
): Promise<VaultRow> => {
  const rows = await readVault(objects, shard, Math.floor(index / tileWidth));
  return rows[index % tileWidth] ?? nothing;
};

/** Changes the rows of a bundle whoever else changes them; resolves to what stands then, durably. */
const changeVault = async (
  objects: Objects,
  { shard, bundle }: { readonly shard: number; readonly bundle: number },
  change: (standing: VaultRow, place: number) => VaultRow,
): Promise<VaultRows> => {
  const key = vaultKeyOf(shard, bundle);
  let expected = await objects.get(key);
  for (;;) {
    const rows = (expected === undefined ? empty : decodeVault(expected)).map(change);
    const bytes = encodeVault(rows);
    // Nothing to keep, or nothing new: an object that would say nothing is not made.
    const same = expected === undefined ? rows.every(isNothing) : equalBytes(expected, bytes);
    if (same) return rows;
    const answer = await objects.replace(key, expected, bytes);
    if (answer === 'written') return rows;
    expected = answer.standing;
  }
};

const isNothing = ({ kind }: VaultRow): boolean => kind === 'nothing';

/** What stands after a row was added: what is erased stays so, and what was sealed is not lost. */
const merged = (standing: VaultRow, added: VaultRow): VaultRow => {
  if (standing.kind === 'erased' || added.kind === 'nothing') return standing;
  return added;
};

/**
 * Adds the rows of a bundle, at their places from 0 to 255, to those that stand; resolves to all of
 * them as they stand then, durably. An erased row is never anything else again. Adding the same again
 * changes nothing. Rejects with `VaultInvalid`, when nothing is changed, and with `store-unavailable`.
 */
export const keepVault = (
  objects: Objects,
  shard: number,
  bundle: number,
  added: ReadonlyMap<number, VaultRow>,
): Promise<VaultRows> =>
  changeVault(objects, { shard, bundle }, (standing, place) =>
    merged(standing, added.get(place) ?? nothing),
  );

/**
 * Erases the rows at places of a bundle for good, durably once it resolves; those too that are not
 * kept yet, which then never will be. Rejects as {@link keepVault} does.
 */
export const eraseVaultRows = async (
  objects: Objects,
  shard: number,
  bundle: number,
  positions: readonly number[],
): Promise<void> => {
  if (!positions.every((place) => Number.isInteger(place) && place >= 0 && place < tileWidth)) {
    throw new RangeError('A bundle has places from 0 to 255.');
  }
  const gone = new Set(positions);
  await changeVault(objects, { shard, bundle }, (standing, place) =>
    gone.has(place) ? erased : standing,
  );
};
