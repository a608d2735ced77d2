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
      bytes.toString('latin1'),
      escaped(value),
      encodeURIComponent(value),
      bytes.toString('hex'),
      ...base64,
      ...base64.map(toUrlAlphabet),
    ]),
  ];
};

/** Which of the values stand, in any spelling, in any of the texts. */
export const leaksIn = (
  texts: readonly string[],
  values: readonly string[],
): readonly { readonly value: string; readonly around: string }[] => {
  const all = texts.join('\n\n');
  return values.flatMap((value) => {
    const found = spellingsOf(value)
      .map((spelling) => all.indexOf(spelling))
      .find((at) => at >= 0);
    return found === undefined
      ? []
      : [{ value, around: all.slice(Math.max(0, found - 80), found + 80) }];
  });
};
