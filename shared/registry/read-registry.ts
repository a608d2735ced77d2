import { type Role, roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { ParticipantId } from '../message/claims.ts';
import type { Access } from './access.ts';
import type { Directory } from './directory.ts';
import { accessDocument, participantDocument } from './documents.ts';
import {
  accessName,
  type EntryKind,
  type EntryName,
  keyName,
  nameOf,
  participantName,
  type RegistryEntry,
} from './entry.ts';
import { mostNames, type RegistryStore } from './ports.ts';
import { toVerificationKey } from './registered-key.ts';
import type { GrantsQuery, ParticipantsQuery } from './registry-query.ts';
import { readVersions } from './service-versions.ts';

type Store = Pick<RegistryStore, 'asOf' | 'list' | 'readAll' | 'version'>;

type Page = { readonly entries: readonly RegistryEntry[]; readonly next: string | undefined };

/** Looks into the past at once; each is one query. */
const atOnce = 10;

/** The entries as they stood at a time; those that are younger are not among them. */
const inThePast = async (
  store: Pick<Store, 'asOf'>,
  entries: readonly RegistryEntry[],
  time: number | undefined,
): Promise<readonly RegistryEntry[]> => {
  if (time === undefined) return entries;
  const found: RegistryEntry[] = [];
  for (let from = 0; from < entries.length; from += atOnce) {
    const some = entries.slice(from, from + atOnce).map((entry) => store.asOf(nameOf(entry), time));
    found.push(...(await Promise.all(some)).filter((entry) => entry !== undefined));
  }
  return found;
};

/** A page of the entries whose keys begin with a prefix, in the order of their keys. */
const pageOf = async (
  store: Store,
  kind: EntryKind,
  prefix: string,
  { after, limit, at }: Pick<ParticipantsQuery, 'after' | 'limit' | 'at'>,
): Promise<Page> => {
  // No key is the prefix itself, so that the page begins right behind it. One more than it holds is
  // read, which tells whether there is another.
  const page = await store.list(kind, {
    after: after > prefix ? after : prefix,
    limit: limit + 1,
  });
  const fitting = page.entries.filter((entry) => nameOf(entry).key.startsWith(prefix));
  const shown = fitting.slice(0, limit);
  const last = shown.at(-1);
  return {
    entries: await inThePast(store, shown, at),
    next: fitting.length > limit && last !== undefined ? nameOf(last).key : undefined,
  };
};

const documentOf = (
  registry: number,
  name: string,
  { entries, next }: Page,
  show: (entry: RegistryEntry) => readonly JsonObject[],
): JsonObject => ({
  registry,
  [name]: entries.flatMap(show),
  ...(next !== undefined && { next }),
});

const showParticipant = (entry: RegistryEntry): readonly JsonObject[] =>
  entry.kind === 'participant' ? [participantDocument(entry)] : [];

const showAccess = (entry: RegistryEntry): readonly JsonObject[] =>
  entry.kind === 'access' ? [accessDocument(entry)] : [];

/** Who takes part: `GET /v1/participants`. `next` is the `after` of the next page. */
export const listParticipants = async (
  store: Store,
  query: ParticipantsQuery,
): Promise<JsonObject> => {
  const prefix = query.role === undefined ? '' : `${query.role}:`;
  const version = await store.version();
  const page = await pageOf(store, 'participant', prefix, query);
  return documentOf(version, 'participants', page, showParticipant);
};

const findAt = async (
  store: Store,
  name: EntryName,
  at: number | undefined,
): Promise<RegistryEntry | undefined> =>
  at === undefined ? (await store.readAll([name])).at(0) : store.asOf(name, at);

/** One participant, now or at a time: `GET /v1/participants/{id}`. */
export const readParticipant = async (
  store: Store,
  id: string,
  at: number | undefined,
): Promise<JsonObject> => {
  const known = ParticipantId.safeParse(id).data;
  const name = participantName(known ?? '');
  const found = known === undefined ? undefined : await findAt(store, name, at);
  if (found?.kind !== 'participant') {
    throw new Problem('not-found', 'There is no such participant at that time.');
  }
  return participantDocument(found);
};

/** The registry as it stood at a time, for those who read it as it stands. */
export const directoryAsOf = (
  store: Pick<RegistryStore, 'asOf' | 'list' | 'listServices' | 'version'>,
  at: number,
): Pick<Directory, 'keyOf' | 'services' | 'versions' | 'version'> => ({
  keyOf: async (kid) => {
    const entry = await store.asOf(keyName(kid), at);
    return entry?.kind === 'key' ? toVerificationKey(entry) : undefined;
  },
  services: async () => {
    const found = await inThePast(store, await store.listServices(), at);
    return found.filter((entry) => entry.kind === 'service');
  },
  versions: async (name) => {
    const found = await inThePast(store, await readVersions(store, name), at);
    return found.filter((entry) => entry.kind === 'service');
  },
  version: store.version,
});

/** What an agency decided about everybody, now or at a time. */
export const aboutAllIn =
  (store: Store, at: number | undefined) =>
  async (agency: string): Promise<Access | undefined> => {
    const found = await findAt(store, accessName(agency, '*'), at);
    return found?.kind === 'access' ? found : undefined;
  };

/** Roles that see only what is about themselves, and by what. */
const ownView: Partial<Record<Role, 'agency' | 'holder'>> = { agency: 'agency', counter: 'holder' };

/** A query narrowed to what its sender may see; `wrong-role` when it asks for more. */
const permitted = (query: GrantsQuery, sender: string): GrantsQuery => {
  const role = roleOf(sender);
  const own = role === undefined ? undefined : ownView[role];
  if (own === undefined) return query;
  const wanted = query[own] ?? sender;
  if (wanted !== sender) {
    throw new Problem('wrong-role', 'Counters and agencies read what is about themselves.');
  }
  return { ...query, [own]: sender };
};

/** What all agencies decided about one holder, a page of agencies at a time: one list, one read. */
const aboutHolder = async (
  store: Store,
  holder: string,
  { after, limit, at }: GrantsQuery,
): Promise<Page> => {
  // A page begins behind an entry's key, and that begins with its agency.
  const [behind = ''] = after.split(' ', 1);
  const agencies = await pageOf(store, 'participant', 'agency:', {
    after: behind,
    limit: Math.min(limit, mostNames),
  });
  const names = agencies.entries.map((entry) => accessName(nameOf(entry).key, holder));
  const entries = (await store.readAll(names)).filter((entry) => entry !== undefined);
  const { next } = agencies;
  return {
    entries: await inThePast(store, entries, at),
    next: next === undefined ? undefined : accessName(next, holder).key,
  };
};

/**
 * What agencies decided about holders, now or at a time: `GET /v1/grants`. Agencies and counters see
 * what is about themselves, all others everything.
 */
export const listGrants = async (
  store: Store,
  asked: GrantsQuery,
  sender: string,
): Promise<JsonObject> => {
  const query = permitted(asked, sender);
  const { agency, holder, at } = query;
  const version = await store.version();
  if (agency !== undefined && holder !== undefined) {
    const entries = (await store.readAll([accessName(agency, holder)])).filter(
      (entry) => entry !== undefined,
    );
    const page = { entries: await inThePast(store, entries, at), next: undefined };
    return documentOf(version, 'grants', page, showAccess);
  }
  const page =
    holder === undefined
      ? await pageOf(store, 'access', agency === undefined ? '' : `${agency} `, query)
      : await aboutHolder(store, holder, query);
  return documentOf(version, 'grants', page, showAccess);
};
