import { mkdir } from 'node:fs/promises';
import { loadedDirectory, readKeySet } from '#shared/client/published-keys.ts';
import { participantKey } from '../keys.ts';
import { type AgencyName, agencyId, agencyNames } from '../seed/agencies.ts';
import type { AgenciesArguments } from './arguments.ts';
import { normal } from './behaviour.ts';
import { type Agency, type AgencySettings, startAgency } from './start-agency.ts';

export type Agencies = ReadonlyMap<AgencyName, Agency>;

const readJson = async (url: string): Promise<unknown> => {
  const response = await fetch(url, { redirect: 'error', signal: AbortSignal.timeout(5000) });
  return response.json();
};

const isTaken = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';

/** Starts an agency where it was last, or at another port when that one is taken. */
const startNear = async (settings: AgencySettings, port: number | undefined): Promise<Agency> => {
  if (port === undefined) return startAgency(settings);
  try {
    return await startAgency({ ...settings, port });
  } catch (error) {
    if (!isTaken(error)) throw error;
    return startAgency(settings);
  }
};

/** Starts all eight sample agencies. The exchange's keys are read when the first forward comes. */
export const startAgencies = async (given: AgenciesArguments): Promise<Agencies> => {
  const { keys, sequences, exchangeUrl, exchangeId, origin, behaviours, ports } = given;
  await mkdir(sequences, { recursive: true, mode: 0o700 });
  const keyOf = loadedDirectory(
    async () => readKeySet(await readJson(`${exchangeUrl}/.well-known/jwks.json`), exchangeId),
    Date.now,
  );
  const start = async (name: AgencyName): Promise<[AgencyName, Agency]> => {
    const id = agencyId(name);
    const settings = {
      id,
      signer: await participantKey(keys, id, 'ES256'),
      exchange: { id: exchangeId, origin, keyOf },
      behaviour: behaviours.get(name) ?? normal,
      directory: sequences,
    };
    return [name, await startNear(settings, ports.get(name))];
  };
  return new Map(await Promise.all(agencyNames.map(start)));
};
