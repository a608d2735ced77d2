import * as z from 'zod';
import { canonicalObject } from '../kernel/canonical-object.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../kernel/strict-json.ts';

/** An entry of the registry in the leaf of a command: what it is found by, and all of it. */
export type CommandedEntry = {
  readonly kind: string;
  /** What it is found by among its kind: one id, or two with a space between them. */
  readonly key: string;
  readonly version: number;
  /** The number of the change that made this version, as the entry has it. */
  readonly n: number | undefined;
  readonly entry: JsonObject;
};

/** The most entries that one command changes. */
const mostEntries = 8;

/** The members that make the key of an entry, by its kind. */
const keyMembers = {
  participant: ['id'],
  key: ['kid'],
  service: ['ref'],
  access: ['agency', 'holder'],
  delegation: ['counter', 'delegate'],
} as const;

const Kind = z.enum(['participant', 'key', 'service', 'access', 'delegation']);
const Stamp = z.looseObject({ kind: Kind, version: z.int().min(1), n: z.int().optional() });

const readEntry = (json: JsonValue): CommandedEntry | undefined => {
  if (!isJsonObject(json)) return undefined;
  const { kind, version, n } = Stamp.safeParse(json).data ?? {};
  if (kind === undefined || version === undefined) return undefined;
  const parts = keyMembers[kind].map((name) => json[name]);
  if (!parts.every((part) => typeof part === 'string')) return undefined;
  return { kind, key: parts.join(' '), version, n, entry: json };
};

/**
 * The entries that a command led to; undefined for a text that is not the RFC 8785 JSON of
 * `{"entries":[…]}` with one to eight entries in it, each known by its name and none twice.
 */
export const readCommandedEntries = (text: string): readonly CommandedEntry[] | undefined => {
  const json = canonicalObject(text);
  if (json === undefined) return undefined;
  const { entries: all, ...rest } = json;
  if (!Array.isArray(all) || Object.keys(rest).length > 0) return undefined;
  const entries = all.flatMap((one: JsonValue) => readEntry(one) ?? []);
  const names = new Set(entries.map(({ kind, key }) => `${kind} ${key}`));
  const isWhole = entries.length === all.length && names.size === all.length;
  return isWhole && all.length > 0 && all.length <= mostEntries ? entries : undefined;
};
