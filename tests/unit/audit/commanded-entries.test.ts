import { describe, expect, it } from 'vitest';
import { registryCommandedExample } from '#events/registry-commanded.ts';
import { readCommandedEntries } from '#shared/audit/commanded-entries.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { JsonObject, JsonValue } from '#shared/kernel/strict-json.ts';
import { parseStrictJson } from '#shared/kernel/strict-json.ts';
import { mostEntries } from '#shared/registry/change.ts';
import { nameOf, type RegistryEntry } from '#shared/registry/entry.ts';
import { makeKey } from '#tests/support/messages.ts';
import { agencyOf, entryText, identityService, keyEntryOf } from '#tests/support/registry.ts';
import { accessOf, delegationOf } from '#tests/unit/verify/sample-commands.ts';

const key = await makeKey();
const everyKind: readonly RegistryEntry[] = [
  agencyOf('agency:civil-registry', { n: 7 }),
  keyEntryOf(key, { n: 7 }),
  { ...identityService, n: 7 },
  { ...accessOf('agency:civil-registry', '*'), n: 7 },
  { ...delegationOf('counter:72110345', 'guild:counters'), n: 7 },
];
const jsonOf = (entry: RegistryEntry): JsonValue => parseStrictJson(entryText(entry));
const textOf = (entries: JsonValue): string => canonicalJson({ entries });

const counter = (change: JsonObject = {}): JsonObject => ({
  kind: 'participant',
  id: 'counter:1',
  version: 2,
  n: 7,
  ...change,
});

describe('readCommandedEntries', () => {
  it("names entries of every kind as the registry's own names are", () => {
    const read = readCommandedEntries(textOf(everyKind.map(jsonOf)));
    expect(read?.map(({ kind, key: name }) => ({ kind, key: name }))).toEqual(
      everyKind.map(nameOf),
    );
    expect(read?.every(({ version, n }) => version === 1 && n === 7)).toBe(true);
    expect(read?.map(({ entry }) => entry)).toEqual(everyKind.map(jsonOf));
    expect(readCommandedEntries(registryCommandedExample.entries)).toHaveLength(1);
  });

  it('takes as many entries as one command changes, and no more', () => {
    const many = (length: number) =>
      textOf(Array.from({ length }, (_, n) => counter({ id: `counter:${n}` })));
    expect(readCommandedEntries(many(mostEntries))).toHaveLength(mostEntries);
    expect(readCommandedEntries(many(mostEntries + 1))).toBeUndefined();
    expect(readCommandedEntries(many(0))).toBeUndefined();
  });

  it.each<readonly [string, string]>([
    ['no JSON', 'x'],
    ['a list', canonicalJson({ entries: [counter()] }).slice(11, -1)],
    ['a surplus member', canonicalJson({ entries: [counter()], note: 'x' })],
    ['another spelling', `${textOf([counter()])} `],
    [
      'members in another order',
      '{"entries":[{"version":2,"kind":"participant","id":"counter:1"}]}',
    ],
    ['no list of entries', textOf({ 0: counter() })],
    ['an entry that is no object', textOf([counter(), 'x'])],
    ['an unknown kind', textOf([counter({ kind: 'person' })])],
    ['no version', textOf([counter({ version: 0 })])],
    ['a number that is none', textOf([counter({ n: '7' })])],
    ['an entry without its name', textOf([counter({ id: 1 })])],
    ['half of a name', textOf([{ kind: 'access', agency: 'agency:post', version: 1 }])],
    ['an entry twice', textOf([counter(), counter({ version: 3 })])],
  ])('refuses %s', (_, text) => {
    expect(readCommandedEntries(text)).toBeUndefined();
  });
});
