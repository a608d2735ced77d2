import * as z from 'zod';
import type { Position } from '../../audit/index/query.ts';
import type { Random } from '../../inquiry/ports.ts';
import type { SecretKey } from '../../kernel/bytes.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { type CursorOf, openCursor, sealCursor } from '../cursor.ts';

/** A position in the index, as pairs of a shard and a leaf. */
export const PositionPairs = z
  .array(z.tuple([z.int(), z.int()]))
  .transform((pairs): Position => pairs.map(([shard, at]) => ({ shard, at })));

export const pairsOf = (position: Position): [number, number][] =>
  position.map(({ shard, at }) => [shard, at]);

/** Where a listing goes on. `edge` is where the index ended when the listing began: it stays. */
const ListingPlace = z.discriminatedUnion('in', [
  z.strictObject({ in: z.literal('index'), edge: z.int(), at: PositionPairs }),
  z.strictObject({
    in: z.literal('journal'),
    edge: z.int(),
    bucket: z.int(),
    slot: z.int(),
    after: z.string(),
  }),
]);
export type ListingPlace = z.infer<typeof ListingPlace>;

const jsonOf = (place: ListingPlace): JsonObject =>
  place.in === 'journal' ? place : { ...place, at: pairsOf(place.at) };

export type CursorSealing = { readonly cursorKey: SecretKey; readonly random: Random };

export const sealPlace = (
  { cursorKey: key, random }: CursorSealing,
  whose: CursorOf,
  place: ListingPlace,
): string => sealCursor({ key, random }, whose, jsonOf(place));

/** Throws `invalid-query` for what {@link sealPlace} did not make for the same reader and query. */
export const openPlace = (
  { cursorKey }: Pick<CursorSealing, 'cursorKey'>,
  whose: CursorOf,
  text: string,
): ListingPlace => openCursor(cursorKey, whose, text, ListingPlace);
