import type { MeterStore } from '#shared/inquiry/meter-store.ts';
import type { UsageReading } from '#shared/inquiry/read-usage.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { AwsJsonCall } from './aws-json.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoMeterStore } from './dynamo/meter-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { demand } from './log/log-env.ts';

/** The meters, opened when they are used: most functions are not told where they are. */
export const openMeters = (env: Env, call: AwsJsonCall): MeterStore => {
  const store = (): MeterStore => dynamoMeterStore(call, demand(env, 'TRANSIENT_TABLE'));
  return {
    take: async (window, wanted) => store().take(window, wanted),
    read: async (windows) => store().read(windows),
  };
};

/** What the use of quotas is read from. */
export const loadUsageReading = async (env: Env): Promise<UsageReading> => {
  const call = dynamoClient(env);
  return {
    settings: { origin: env.ESTELAM_ORIGIN },
    directory: cachedDirectory(dynamoRegistryStore(call, env.REGISTRY_TABLE), Date.now),
    meters: openMeters(env, call),
    now: Date.now,
  };
};
