import { randomBytes } from 'node:crypto';
import * as z from 'zod';
import { rotateKey } from '#shared/inquiry/rotate-key.ts';
import { toRfc3339 } from '#shared/kernel/instant-text.ts';
import { dynamoClient } from '../dynamo/client.ts';
import { dynamoJournalStore } from '../dynamo/journal-store.ts';
import { dynamoKeyRing } from '../dynamo/key-ring.ts';
import type { InvokedHandler } from '../log/invoked.ts';
import type { LogProcess } from '../log/scheduled.ts';
import { loadSecretKeys } from './secret.ts';
import { keySmith } from './signing-key.ts';

const random = (length: number): Uint8Array => randomBytes(length);

/** `now`: the current key is not to be trusted any more. The clock says nothing. */
const RotationEvent = z.looseObject({ now: z.boolean().default(false) });

const hour = 3_600_000;

/** Rotates the exchange's own key when its time has come, or when it is told to. */
export const loadRotation = async ({ env, now, observe }: LogProcess): Promise<InvokedHandler> => {
  const call = dynamoClient(env);
  const keys = await loadSecretKeys(env);
  const rotate = rotateKey({
    store: dynamoKeyRing(call, env.REGISTRY_TABLE),
    smith: keySmith({ key: keys.sealing, random }),
    recording: {
      journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
      layout: { slotKey: keys.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
      now,
      random,
    },
    settings: {
      period: env.SIGNING_KEY_DAYS * 24 * hour,
      ahead: env.SIGNING_KEY_AHEAD_HOURS * hour,
    },
  });
  return async (event) => {
    const { now: urgent } = RotationEvent.parse(event);
    const { announced, age } = await rotate({ urgent });
    if (age !== undefined) observe.metric('SigningKeyAge', Math.max(0, Math.floor(age / 1000)));
    if (announced === undefined) return { announced: false };
    const { kid } = announced;
    const from = toRfc3339(announced.from);
    observe.event('key-announced', { kid, from, urgent });
    return { announced: true, kid, from };
  };
};
