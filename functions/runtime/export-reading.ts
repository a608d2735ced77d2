import type { receiverOf } from '#shared/inquiry/exchange.ts';
import type { ExportReading } from '#shared/oversight/exports/read-export.ts';
import type { ExportTaking } from '#shared/oversight/exports/take-export.ts';
import { openDisclosure } from '#shared/oversight/facts/open-disclosure.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { loadAuditReading } from './audit-reading.ts';
import { dynamoClient } from './dynamo/client.ts';
import { dynamoJobStore } from './dynamo/job-store.ts';
import { dynamoRegistryStore } from './dynamo/registry-store.ts';
import type { Env } from './env.ts';
import { loadSecretKeys } from './keys/secret.ts';
import { demand } from './log/log-env.ts';
import { openLog } from './log/open-log.ts';
import { openObjectStore } from './objects/open-objects.ts';
import { openMeters } from './open-meters.ts';

/** What exports are asked for, read and fetched with. */
export type ExportsGround = ExportTaking & ExportReading & Parameters<typeof receiverOf>[0];

const jobsOf = (kind: string) => (env: Env, now: () => number) =>
  dynamoJobStore(dynamoClient(env), { table: demand(env, 'TRANSIENT_TABLE'), kind, now });

/** Jobs that make exports, in the table of what may be lost; and the list of those that are open. */
export const openExportJobs = jobsOf('export');
export const openOpenExports = jobsOf('open-exports');

/** Puts that together from the environment. */
export const loadExports = async (env: Env): Promise<ExportsGround> => {
  const call = dynamoClient(env);
  const reading = await loadAuditReading(env);
  const { link, vault: vaultKey } = await loadSecretKeys(env);
  const derived = openObjectStore(env, 'DERIVED');
  const settings = { ...reading.settings, vaultKey };
  const meters = openMeters(env, call);
  return {
    ...reading,
    settings,
    reading,
    derived,
    log: openLog(env, call),
    jobs: openExportJobs(env, Date.now),
    openExports: openOpenExports(env, Date.now),
    key: link,
    provinceOf: provinceThen(dynamoRegistryStore(call, env.REGISTRY_TABLE)),
    meters,
    openFact: openDisclosure({ ...reading, settings, derived, meters }),
  };
};
