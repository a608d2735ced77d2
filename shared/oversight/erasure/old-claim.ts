import * as z from 'zod';
import type { OldEntry } from './erase-old.ts';
import { retentionId } from './retention-state.ts';
import { openJson, type Sealing, sealJson } from './sealed-json.ts';

/**
 * What of a segment is claimed: the leaves, each with the pseudonyms of others than its subject whose
 * rows lead to it. Nobody can tell them any more when its facts are gone.
 */
const OldClaim = z.strictObject({
  rows: z.array(z.tuple([z.int()], z.string()).readonly()).readonly(),
  /** Whether more of the segment is due; and if not, whether nothing of it ever will be. */
  more: z.boolean(),
  isOver: z.boolean(),
});
export type OldClaim = Readonly<z.infer<typeof OldClaim>>;

export const noClaim: OldClaim = { rows: [], more: false, isOver: false };

const place = `retention#${retentionId}`;

export const sealOldClaim = (
  due: readonly OldEntry[],
  how: Pick<OldClaim, 'isOver' | 'more'>,
  sealing: Sealing,
): string => {
  const rows = due.map(({ index, others }) => [index, ...others] as const);
  return sealJson({ rows, more: how.more, isOver: how.isOver }, place, sealing);
};

export const openOldClaim = (
  { sealed }: { readonly sealed: string },
  sealing: Pick<Sealing, 'vaultKey'>,
): OldClaim => openJson(OldClaim, sealed, place, sealing);
