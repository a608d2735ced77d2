import type { Change } from './change.ts';
import type { RegistryStore } from './ports.ts';
import { type ChangeRecording, recordChange } from './record-change.ts';

export type SettleParts = ChangeRecording & {
  readonly store: Pick<RegistryStore, 'version' | 'change' | 'apply'>;
};

/** Lets a decided change take effect, once its leaf is durable. */
export const settleChange = async (parts: SettleParts, change: Change): Promise<void> => {
  await recordChange(parts, change);
  await parts.store.apply(change);
};

/**
 * Finishes what others decided and did not finish, in its order. Resolves to the number of the newest
 * change, or of what stood before there were changes; behind it nothing was decided when it was read.
 * Harmless however many do it at once. Rejects with `store-unavailable`.
 */
export const settleRegistry = async (parts: SettleParts): Promise<number> => {
  for (;;) {
    const version = await parts.store.version();
    const next = await parts.store.change(version + 1);
    if (next === undefined) return version;
    await settleChange(parts, next);
  }
};
