/** What one member of the field names, and how much it is wanted: 1 unless it says less. */
const toRange = (member: string): { readonly name: string; readonly quality: number } => {
  const [name = '', ...parameters] = member.split(';').map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith('q='));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { name, quality: quality >= 0 && quality <= 1 ? quality : 0 };
};

/**
 * What an Accept or Accept-Language field names, in lower case, the most wanted first and of two as
 * wanted the one that is named first; without what it refuses (RFC 9110 §12.4.2).
 */
export const wantedRanges = (field: string): readonly string[] =>
  field
    .split(',')
    .map(toRange)
    .filter(({ quality }) => quality > 0)
    .toSorted((a, b) => b.quality - a.quality)
    .map(({ name }) => name);

/**
 * The one of some media types that an Accept field wants the most; the first of them where it wants none
 * of them by name.
 */
export const wantedType = <Type extends string>(
  accept: string,
  types: readonly [Type, ...Type[]],
): Type => {
  const wanted = wantedRanges(accept);
  const named = types.filter((type) => wanted.includes(type));
  return named.toSorted((a, b) => wanted.indexOf(a) - wanted.indexOf(b))[0] ?? types[0];
};
