import { randomBytes } from 'node:crypto';
import {
  type CensusParts,
  type CensusStep,
  takeCensus,
} from '#shared/oversight/census/take-census.ts';
import { dynamoCensusMarks } from './dynamo/census-marks.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoIndexMarks } from './dynamo/index-marks.ts';
import { dynamoJournalStore } from './dynamo/journal-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import type { InvokedHandler } from './log/invoked.ts';
import { demand, shardsOf } from './log/log-env.ts';
import type { LogProcess } from './log/scheduled.ts';
import { openObjectStore } from './objects/open-objects.ts';

/** Milliseconds after which no further census begins: the next hour goes on. */
const longest = 480_000;

const loadParts = async ({ env, now }: { readonly env: Env } & Pick<LogProcess, 'now'>) => {
  const call = dynamoClient(env);
  const { slot: slotKey } = await loadSecretKeys(env);
  const table = demand(env, 'INDEX_TABLE');
  return {
    objects: openObjectStore(env, 'OBJECTS'),
    derived: openObjectStore(env, 'DERIVED'),
    marks: dynamoIndexMarks(call, table),
    censuses: dynamoCensusMarks(call, table),
    journal: dynamoJournalStore(call, env.JOURNAL_TABLE),
    layout: { slotKey, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    now,
    random: (length: number): Uint8Array => randomBytes(length),
  } satisfies CensusParts;
};

/** Takes the censuses that are due, of every log, and compares the index with them. */
export const loadCounting = async (given: LogProcess): Promise<InvokedHandler> => {
  const { env, now, observe } = given;
  const parts = await loadParts(given);
  const logs = shardsOf(env).map((shard) => ({ shard, step: takeCensus(parts, shard) }));

  const tell = (shard: number, taken: CensusStep): void => {
    if (taken.kind === 'taken') {
      const { from, to, n } = taken;
      observe.event('census', { shard, from, to, n });
    } else if (taken.kind === 'compared' && !taken.same) {
      observe.metric('IndexDiffers', 1, { shard: String(shard) });
      observe.event('index-differs', { shard, from: taken.from, to: taken.to });
    }
  };

  const count = async (shard: number, step: () => Promise<CensusStep>, until: number) => {
    let censuses = 0;
    while (now() < until) {
      const taken = await step();
      if (taken.kind === 'nothing') break;
      tell(shard, taken);
      if (taken.kind === 'taken') censuses += 1;
    }
    return censuses;
  };

  return async () => {
    const until = now() + longest;
    // One log that cannot be read keeps no other from being counted.
    const counts = await Promise.allSettled(
      logs.map(({ shard, step }) => count(shard, step, until)),
    );
    const [failed] = counts.filter((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
    return {
      censuses: counts.reduce((sum, one) => sum + (one.status === 'fulfilled' ? one.value : 0), 0),
    };
  };
};
