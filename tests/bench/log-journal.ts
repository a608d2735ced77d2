import { createSecretKey, randomBytes } from 'node:crypto';
import { type Address, addressOf, bucketLength, type Layout } from '#shared/audit/address.ts';
import { packRecord } from '#shared/audit/pack.ts';
import type { IntentRow, JournalStore, OutcomeRow } from '#shared/audit/ports.ts';
import type { LogSettings } from '#shared/audit/sequence/log-settings.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';
import { testOrigin } from '#tests/support/log-builder.ts';
import { hastySigners, sampleEntries, sampleStart } from './log-entries.ts';
import { inParallel } from './measure.ts';

/** The rows of one inquiry, packed as the exchange packs them. */
export type SampleRows = {
  readonly address: Address;
  readonly intent: IntentRow;
  readonly outcome: OutcomeRow;
  /** Bytes of its leaf. */
  readonly leaf: number;
};

export const sampleSettings: LogSettings = {
  shard: 0,
  shards: 1,
  slots: 16,
  origin: testOrigin,
  mergeDelay: 120,
  ...usualTimes,
};

/** Bytes of the vault beside an intent. */
const vaultSize = 220;

/** So many inquiries as rows of a journal of 16 slots. The sequencer looks at no signature in them. */
export const sampleRows = async (
  count: number,
  perSecond: number,
): Promise<readonly SampleRows[]> => {
  const signers = await hastySigners();
  const { slots, shards } = sampleSettings;
  const layout: Layout = { slotKey: createSecretKey(randomBytes(32)), slots, shards };
  return [...sampleEntries(count, perSecond, signers)].map(({ id, intent, outcome }) => ({
    address: addressOf(id, layout),
    intent: { record: packRecord(intent), vault: randomBytes(vaultSize) },
    outcome: { record: packRecord(outcome) },
    leaf: Buffer.byteLength(intent) + Buffer.byteLength(outcome) + 2,
  }));
};

export const writeRows = (journal: JournalStore, rows: readonly SampleRows[]): Promise<void> =>
  inParallel(64, rows, async ({ address, intent, outcome }) => {
    await journal.putIntent(address, intent);
    await journal.putOutcome(address, outcome);
  });

/** A time at which every partition of the rows is sealed, and none is looked at again. */
export const sealedAt = (rows: readonly SampleRows[]): number => {
  const last = rows.at(-1)?.address.bucket ?? sampleStart / bucketLength;
  return (last + 1) * bucketLength + sampleSettings.acceptance + sampleSettings.patience;
};
