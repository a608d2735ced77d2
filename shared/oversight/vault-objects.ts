import type { InquiryId } from '../kernel/id.ts';

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
