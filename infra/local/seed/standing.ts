import { type CatalogueEntry, readCatalogue } from '#shared/client/catalogue.ts';
import { type Connection, ReadRefused, readJson } from '#shared/client/read.ts';
import { registeredKeys } from '#shared/client/registered-keys.ts';
import { targetOf } from '#shared/client/route.ts';
import { isJsonObject, type JsonValue } from '#shared/kernel/strict-json.ts';

/** A participant as the seed looks at it. */
export type StandingParticipant = {
  readonly version: number;
  readonly status: string;
  readonly licence?: { readonly number: string; readonly status: string };
  /** Whether somebody ever said why its status, or that of its licence, is what it is. */
  readonly isJudged: boolean;
};

export type StandingService = {
  readonly version: number;
  readonly isAnswered: boolean;
  /** Undefined where it is not known: the exchange shows it to nobody. */
  readonly endpoint?: string | undefined;
};

/** What the registry holds of all that a seed wants. */
export type Standing = {
  /** By id. */
  readonly participants: ReadonlyMap<string, StandingParticipant>;
  /** By `kid`. */
  readonly keys: ReadonlyMap<string, 'active' | 'revoked'>;
  /** By reference. */
  readonly services: ReadonlyMap<string, StandingService>;
};

/**
 * Later than every change. Reads that name a time go past what the exchange remembers for a minute, and
 * leave nothing in it: that there is no such service must not be remembered when there is one.
 */
const newest = '9999-12-31T23:59:59Z';

type Reader = Parameters<typeof readJson>[2];

const member = (json: JsonValue | undefined, name: string): JsonValue | undefined =>
  isJsonObject(json) ? json[name] : undefined;

/** The text of a member; empty when it holds none. */
const text = (json: JsonValue | undefined, name: string): string => {
  const value = member(json, name);
  return typeof value === 'string' ? value : '';
};

const toParticipant = (json: JsonValue): StandingParticipant => {
  const licence = member(json, 'licence');
  return {
    version: Number(member(json, 'version')),
    status: text(json, 'status'),
    ...(licence !== undefined && {
      licence: { number: text(licence, 'number'), status: text(licence, 'status') },
    }),
    isJudged: member(json, 'reason') !== undefined,
  };
};

const readParticipant = async (
  connection: Connection,
  reader: Reader,
  id: string,
): Promise<StandingParticipant | undefined> => {
  try {
    const target = targetOf('readParticipant', { id });
    return toParticipant(await readJson(connection, target, reader, 'none'));
  } catch (error) {
    if (error instanceof ReadRefused && error.problem.status === 404) return undefined;
    throw error;
  }
};

/** Whether it is active, and its retirement, if one is fixed, lies ahead. */
const isAnswered = ({ status, retired }: CatalogueEntry, now: number): boolean => {
  const from = typeof retired === 'object' && retired !== null && 'from' in retired && retired.from;
  return status === 'active' && (typeof from !== 'string' || now < Date.parse(from));
};

/** Pairs whose second one is there. */
const present = <Key, Value>(pairs: ReadonlyArray<readonly [Key, Value | undefined]>) =>
  new Map(
    pairs.flatMap(([key, value]): [Key, Value][] => (value === undefined ? [] : [[key, value]])),
  );

/**
 * Reads over the exchange's public routes what stands of these participants and keys, and all services.
 * `endpoints` are those that are known from elsewhere, by reference.
 */
export const readStanding = async (
  connection: Connection,
  reader: Reader,
  wanted: {
    readonly ids: readonly string[];
    readonly kids: readonly string[];
    readonly endpoints: ReadonlyMap<string, string>;
  },
): Promise<Standing> => {
  const read = (target: string): Promise<JsonValue> => readJson(connection, target, reader, 'none');
  const keyOf = registeredKeys((kid) => read(targetOf('readKey', { kid }, { at: newest })));
  const [participants, keys, services] = await Promise.all([
    Promise.all(
      wanted.ids.map(async (id) => [id, await readParticipant(connection, reader, id)] as const),
    ),
    Promise.all(wanted.kids.map(async (kid) => [kid, (await keyOf(kid))?.status] as const)),
    read(targetOf('listServices', {}, { at: newest })).then(readCatalogue),
  ]);
  return {
    participants: present(participants),
    keys: present(keys),
    services: new Map(
      services.map((entry) => [
        entry.ref,
        {
          version: Number(entry['version']),
          isAnswered: isAnswered(entry, reader.now()),
          endpoint: wanted.endpoints.get(entry.ref),
        },
      ]),
    ),
  };
};
