import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { loadExchange } from '#functions/runtime/exchange.ts';
import { freePort } from '#infra/local/free-port.ts';
import { sampleKeys } from '#infra/local/keys.ts';
import { registrarId } from '#infra/local/seed/participants.ts';
import { keyIn, type Wanted } from '#infra/local/seed/plan.ts';
import { seedRegistry } from '#infra/local/seed/seed-registry.ts';
import { startStore } from '#infra/local/store.ts';
import { startExchangeProcess } from '#tests/support/world/exchange-process.ts';
import { beginLog, makeLogPlaces, tableNames } from '#tests/support/world/log.ts';
import { type Child, startChild } from './child.ts';
import { childrenOf } from './process-facts.ts';

/** All that an exchange needs around it: a store and agencies as processes, and a seeded registry. */
export type Site = {
  readonly directory: string;
  /** Where everybody's private keys are. */
  readonly keys: string;
  readonly port: number;
  readonly origin: string;
  /** The settings of the exchange, as its environment. */
  readonly variables: Readonly<Record<string, string>>;
  readonly agencies: Child;
  /** The process of the store, where the operating system tells it. */
  readonly storePid: number | undefined;
  readonly close: () => Promise<void>;
};

const Started = z.object({
  agencies: z.object({
    'civil-registry': z.string(),
    telecom: z.string(),
    post: z.string(),
    education: z.string(),
    'social-security': z.string(),
    pension: z.string(),
    police: z.string(),
    companies: z.string(),
  }),
});

/** Seeds the registry by an exchange that runs for so long only. */
const seed = async (
  { keys, agencyUrls }: Pick<Wanted, 'keys' | 'agencyUrls'>,
  variables: Site['variables'],
): Promise<void> => {
  const exchange = await startExchangeProcess(variables);
  try {
    await seedRegistry(
      { keys, agencyUrls, now: Date.now() },
      {
        baseUrl: exchange.url,
        origin: variables['ESTELAM_ORIGIN'] ?? '',
        fetch,
        wait: (milliseconds) => wait(milliseconds),
        now: Date.now,
        random: randomBytes,
      },
    );
  } finally {
    await exchange.stop();
  }
};

/** Starts a site on files in a new directory; `close` stops it and takes the directory away. */
export const startSite = async (): Promise<Site> => {
  const directory = await mkdtemp(join(tmpdir(), 'estelam-bench-'));
  const keys = join(directory, 'keys');
  const secret = join(directory, 'secret');
  await writeFile(secret, randomBytes(32).toString('base64url'), { mode: 0o600 });
  const before = new Set(childrenOf(process.pid));
  const store = await startStore({ dataDir: directory });
  const storePid = childrenOf(process.pid).find((pid) => !before.has(pid));
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  const open = await sampleKeys(keys);
  const root = { id: registrarId, jwk: keyIn({ keys: open }, registrarId).jwk };
  const variables = {
    ESTELAM_ORIGIN: origin,
    JOURNAL_TABLE: 'journal',
    REGISTRY_TABLE: 'registry',
    LOG_TABLE: 'log',
    SIGNER_TABLE: 'signer',
    INDEX_TABLE: 'index',
    TRANSIENT_TABLE: 'transient',
    SUBJECT_TABLE: 'subject',
    ESTELAM_SECRET_FILE: secret,
    REGISTRY_ROOT: JSON.stringify(root),
    ...(await makeLogPlaces(directory)),
    DYNAMODB_ENDPOINT: store.endpoint,
    PORT: String(port),
  };
  const env = readEnv(variables);
  const call = dynamoClient(env);
  await Promise.all(tableNames.map((name) => ensureTable(call, variables[name])));
  const { jwk } = await (await loadExchange(env)).signer();
  const agencies = startChild(new URL('agency-process.ts', import.meta.url), {
    args: [keys, origin, JSON.stringify(jwk)],
  });
  const close = async (): Promise<void> => {
    await agencies.close();
    await store.close();
    await rm(directory, { recursive: true, force: true });
  };
  try {
    const { agencies: agencyUrls } = await agencies.hear(Started);
    await seed({ keys: open, agencyUrls }, variables);
    await beginLog(env);
  } catch (error) {
    await close();
    throw error;
  }
  return { directory, keys, port, origin, variables, agencies, storePid, close };
};
