/** The characters of a base64 text that depend on these bytes alone, whatever stands around them. */
const base64At = (bytes: Buffer, before: number): string => {
  const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
  const first = Math.ceil((before * 8) / 6);
  const last = Math.floor(((before + bytes.length) * 8) / 6);
  return text.slice(first, last);
};

const toUrlAlphabet = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');

const escaped = (value: string): string =>
  value.replaceAll(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Every spelling under which a value could hide in a text. */
export const spellingsOf = (value: string): readonly string[] => {
  const bytes = Buffer.from(value);
  const base64 = [0, 1, 2].map((before) => base64At(bytes, before));
  return [
    ...new Set([
      value,
      escaped(value),
      encodeURIComponent(value),
      bytes.toString('hex'),
      ...base64,
      ...base64.map(toUrlAlphabet),
    ]),
  ];
};

/** One character a byte, so that texts and raw bytes are looked through alike. */
const byBytes = (text: string | Uint8Array): string => Buffer.from(text).toString('latin1');

/** A value to be looked for, by one of its spellings. */
type Needle = { readonly value: string; readonly spelling: string };

/** Characters that every spelling of a telling value has at least (see persons.ts). */
const prefixLength = 6;

const needlesByPrefix = (values: readonly string[]): ReadonlyMap<string, readonly Needle[]> =>
  Map.groupBy(
    values.flatMap((value) =>
      spellingsOf(value).map((spelling) => ({ value, spelling: byBytes(spelling) })),
    ),
    ({ spelling }) => spelling.slice(0, prefixLength),
  );

/** A value that was found, and the bytes around it. */
export type Leak = { readonly value: string; readonly around: string };

/** Which of the values stand, in any spelling, in any of the texts. */
export const leaksIn = (
  texts: readonly (string | Uint8Array)[],
  values: readonly string[],
): readonly Leak[] => {
  const needles = needlesByPrefix(values);
  const all = texts.map(byBytes).join('\n\n');
  const leaks = new Map<string, Leak>();
  for (let at = 0; at <= all.length - prefixLength; at += 1) {
    for (const { value, spelling } of needles.get(all.slice(at, at + prefixLength)) ?? []) {
      if (leaks.has(value) || !all.startsWith(spelling, at)) continue;
      leaks.set(value, { value, around: all.slice(Math.max(0, at - 80), at + 80) });
    }
  }
  return [...leaks.values()];
};
