import { toInput } from '../persian/text.ts';
import type { Directory } from '../registry/directory.ts';
import { isWithin, type Narrowed, narrowing, scopesOf } from '../registry/scope.ts';
import { type AuditEntry, matches } from './entries/audit-entry.ts';
import type { EntryQuery, Filters } from './entries/entry-query.ts';

type Participants = Pick<Directory, 'participant'>;

/** The province of a counter by the licence that it has now. */
export const provinceIn =
  ({ participant }: Participants) =>
  async (counter: string): Promise<string | undefined> => {
    const province = (await participant(counter))?.licence?.province;
    return province === undefined ? undefined : toInput(province);
  };

/**
 * A query narrowed to what its reader may see. `edge`: before it entries are of the province of their
 * day, from it on of that of now. Throws the problem `out-of-scope`.
 */
export const narrowedFor =
  (directory: Participants) =>
  async <Query extends EntryQuery>(
    query: Query,
    reader: string,
    edge: number,
  ): Promise<Narrowed<Query>> => {
    const participant = await directory.participant(reader);
    const scopes = participant === undefined ? [] : scopesOf(participant);
    if (query.from < edge) return narrowing(scopes, query, 'past');
    const counters = scopes.flatMap((scope) => (scope.kind === 'counter' ? [scope.value] : []));
    const named = query.counter === undefined ? counters : [query.counter, ...counters];
    const homes = new Map<string, string>();
    for (const counter of named) {
      const province = await provinceIn(directory)(counter);
      if (province !== undefined) homes.set(counter, province);
    }
    return narrowing(scopes, query, homes);
  };

/**
 * An entry of the journal with the province that its counter has now, where it is what a query asks for,
 * and its reader's to see.
 */
export const shownBy =
  (directory: Participants) =>
  ({ province: wanted, within, ...query }: Narrowed<Filters>) =>
  async (entry: AuditEntry): Promise<AuditEntry | undefined> => {
    if (!matches(entry, query)) return undefined;
    const { counter, agency } = entry;
    const province = await provinceIn(directory)(counter);
    const isWanted = wanted === undefined || wanted === province;
    if (!isWanted || !isWithin(within, { counter, agency, province })) return undefined;
    return province === undefined ? entry : { ...entry, province };
  };
