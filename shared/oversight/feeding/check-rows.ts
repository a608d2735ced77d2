import type { ObjectStore } from '../../audit/ports.ts';
import { tileWidth } from '../../audit/tlog/tree.ts';
import type { OpenedEntry } from '../entries/open-bundle.ts';
import type { IndexDifference } from './check-entries.ts';
import type { SubjectIndex, SubjectRowName } from './subject-index.ts';
import { standingVault, vaultKeyOf } from './vault-objects.ts';

/** Subjects that are looked up at once, and rows that are asked for. */
const atOnce = 16;
const pageSize = 1000;

/** The places of a subject's rows between two times. */
const placesOf = async (
  subjects: Pick<SubjectIndex, 'list'>,
  tag: string,
  { first, last }: { readonly first: number; readonly last: number },
): Promise<ReadonlySet<string>> => {
  const found = new Set<string>();
  for (let before = last + 1; ; ) {
    const { rows, more } = await subjects.list(tag, { before, limit: pageSize });
    for (const { shard, index } of rows) found.add(`${shard} ${index}`);
    const oldest = rows.at(-1)?.t;
    if (!more || oldest === undefined || oldest < first) return found;
    before = oldest;
  }
};

/** The leaves to which rows do not lead that should be there; one look for each subject. */
export const missingRows = async (
  subjects: Pick<SubjectIndex, 'list'>,
  rows: readonly SubjectRowName[],
): Promise<readonly IndexDifference[]> => {
  const tagged = [...Map.groupBy(rows, ({ tag }) => tag)];
  const leaves = new Set<number>();
  for (let at = 0; at < tagged.length; at += atOnce) {
    const looks = tagged.slice(at, at + atOnce).map(async ([tag, own]) => {
      const times = own.map(({ t }) => t);
      const range = { first: Math.min(...times), last: Math.max(...times) };
      const places = await placesOf(subjects, tag, range);
      return own.filter(({ shard, index }) => !places.has(`${shard} ${index}`));
    });
    for (const { index } of (await Promise.all(looks)).flat()) leaves.add(index);
  }
  if (leaves.size === 0) return [];
  const problem = 'missing' as const;
  return [{ at: 'rows of subjects', problem, leaves: [...leaves].toSorted((a, b) => a - b) }];
};

/** The entries that the journal still opens and the vault does not. */
export const missingVault = async (
  derived: Pick<ObjectStore, 'get'>,
  shard: number,
  entries: readonly OpenedEntry[],
): Promise<readonly IndexDifference[]> => {
  const differences: IndexDifference[] = [];
  const bundles = Map.groupBy(entries, ({ facts }) => Math.floor(facts.index / tileWidth));
  for (const [bundle, own] of bundles) {
    const at = vaultKeyOf(shard, bundle);
    const rows = await standingVault(derived, shard, bundle);
    if (rows === undefined) {
      differences.push({ at, problem: 'unreadable', leaves: [] });
      continue;
    }
    const lacking = own.filter(
      ({ facts, vault }) => vault === 'opened' && rows[facts.index % tileWidth]?.kind !== 'sealed',
    );
    const leaves = lacking.map(({ facts }) => facts.index);
    if (leaves.length > 0) differences.push({ at, problem: 'missing', leaves });
  }
  return differences;
};
