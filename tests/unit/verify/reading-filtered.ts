/** How tests read filtered exports, and the two that most of them bend. */
import { memberNames } from '#shared/audit/export/manifest.ts';
import type { Check } from '#shared/client/verify/failure.ts';
import { isJsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { second } from './sample-complete.ts';
import { membersOf, verifyExport } from './sample-export.ts';
import { filteredOf } from './sample-filtered.ts';
import { cast } from './sample-log.ts';

export const hour = 3_600_000;
export const iso = (t: number): string => new Date(t).toISOString();
export const counter = cast.counter.owner;
export const other = second.counter.owner;

export const textOf = (
  { checks }: { readonly checks: readonly Check[] },
  name: string,
): string | undefined => {
  const found = checks.find(({ check }) => check === name);
  return found && `${found.result}: ${found.detail}`;
};

export const faultsIn = async (tar: Uint8Array): Promise<readonly string[]> =>
  (await verifyExport(tar)).findings.map(({ fault, index }) => `${fault}@${index}`);

export const viewsOf = (tar: Uint8Array) => {
  const bytes = membersOf(tar).find(({ name }) => name === memberNames.entries)?.bytes;
  const lines = Buffer.from(bytes ?? [])
    .toString('utf8')
    .split('\n')
    .slice(0, -1);
  return lines.map((line) => {
    const json = parseStrictJson(line);
    if (!isJsonObject(json)) throw new Error('A line is an object.');
    return json;
  });
};

/** Where the line of the n-th inquiry of the other counter is, from 1 on. */
export const placeOf = (n: number) => (lines: readonly string[]) =>
  lines.flatMap((line, at) => (line.includes(`"counter":"${other}"`) ? [at] : []))[n - 1] ?? -1;

export const byCounter = await filteredOf({ counter: other });
export const byAgency = await filteredOf({ agency: second.agency.owner });

/** The index that a line has. */
export const indexOf = (line: string): number => Number(/"index":(\d+)/.exec(line)?.[1]);
