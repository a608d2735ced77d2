/** What an exchange needs of a log to take inquiries, without a process that keeps it. */
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Env } from '#functions/runtime/env.ts';
import { logObserver } from '#functions/runtime/log/observe-log.ts';
import { loadSequencing } from '#functions/runtime/log/sequencing.ts';
import { usualTimes } from '#shared/audit/sequence/log-settings.ts';

/** The settings that name a table each. */
export const tableNames = [
  'JOURNAL_TABLE',
  'REGISTRY_TABLE',
  'LOG_TABLE',
  'SIGNER_TABLE',
  'INDEX_TABLE',
  'TRANSIENT_TABLE',
  'SUBJECT_TABLE',
] as const;

const makeLogKey = (): string =>
  String(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));

/** Makes the key of a log in a directory; gives the settings that name it and where the log is kept. */
export const makeLogPlaces = async (directory: string) => {
  const keyFile = join(directory, 'log.pem');
  await writeFile(keyFile, makeLogKey(), { mode: 0o600 });
  return {
    OBJECTS_DIRECTORY: join(directory, 'objects'),
    STAGING_DIRECTORY: join(directory, 'staging'),
    DERIVED_DIRECTORY: join(directory, 'derived'),
    LOG_KEYS: keyFile,
  };
};

/**
 * Takes the first step of the log: from then on it has a head and a checkpoint, and is within its
 * limits for an hour. Nothing sequences it further.
 */
export const beginLog = async (env: Env): Promise<void> => {
  const { tasks } = await loadSequencing({
    env,
    now: Date.now,
    wait: async () => {},
    times: usualTimes,
    observe: logObserver({ LOG_LEVEL: 'SILENT' }),
  });
  for (const { step } of tasks) await step(false);
};
