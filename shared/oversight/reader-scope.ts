import { toInput } from '../persian/text.ts';
import type { Directory } from '../registry/directory.ts';
import { isWithin, type Narrowed, narrowing, scopesOf } from '../registry/scope.ts';
import { type AuditEntry, matches } from './audit-entry.ts';
import type { AuditQuery } from './audit-query.ts';

type Participants = Pick<Directory, 'participant'>;

/** The province of a counter by the licence that it has now. */
export const provinceIn =
  ({ participant }: Participants) =>
  async (counter: string): Promise<string | undefined> => {
    const province = (await participant(counter))?.licence?.province;
    return province === undefined ? undefined : toInput(province);
  };

/** A query narrowed to what its reader may see. Throws the problem `out-of-scope`. */
export const narrowedFor =
  (directory: Participants) =>
  async (query: AuditQuery, reader: string): Promise<Narrowed<AuditQuery>> => {
    const participant = await directory.participant(reader);
    const scopes = participant === undefined ? [] : scopesOf(participant);
    const counters = scopes.flatMap((scope) => (scope.kind === 'counter' ? [scope.value] : []));
    const named = query.counter === undefined ? counters : [query.counter, ...counters];
    const homes = new Map<string, string>();
    for (const counter of named) {
      const province = await provinceIn(directory)(counter);
      if (province !== undefined) homes.set(counter, province);
    }
    return narrowing(scopes, query, homes);
  };

/** Whether an entry is what a query asks for, and its reader's to see. */
export const shownBy =
  (directory: Participants) =>
  (query: Narrowed<AuditQuery>): ((entry: AuditEntry) => Promise<boolean>) => {
    const { province: wanted, within } = query;
    const isPlaced = wanted !== undefined || within.some(({ kind }) => kind === 'province');
    return async (entry) => {
      if (!matches(entry, query)) return false;
      const { counter, agency } = entry;
      const province = isPlaced ? await provinceIn(directory)(counter) : undefined;
      const isWanted = wanted === undefined || province === wanted;
      return isWanted && isWithin(within, { counter, agency, province });
    };
  };
