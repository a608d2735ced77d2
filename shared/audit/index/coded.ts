/** A column of texts of which many are alike: each row has a code, 0 for none, else 1 + a place in `values`. */
export type Coded = { readonly values: readonly string[]; readonly codes: Uint16Array };

/** Texts in the order in which they come first. */
export const codedOf = (texts: readonly (string | undefined)[]): Coded => {
  const codeOf = new Map<string, number>();
  const codes = new Uint16Array(texts.length);
  for (const [row, text] of texts.entries()) {
    if (text === undefined) continue;
    const code = codeOf.get(text) ?? codeOf.size + 1;
    if (code > codeOf.size) codeOf.set(text, code);
    codes[row] = code;
  }
  return { values: [...codeOf.keys()], codes };
};

/** Every code by another; `to[0]` is 0. */
const recoded = (codes: Uint16Array, to: Uint16Array): Uint16Array =>
  codes.map((code) => to[code] ?? 0);

/** One column behind another. */
export const joinedCodes = (first: Coded, second: Coded): Coded => {
  const codeOf = new Map(first.values.map((value, n) => [value, n + 1]));
  const to = new Uint16Array(second.values.length + 1);
  for (const [n, value] of second.values.entries()) {
    const code = codeOf.get(value) ?? codeOf.size + 1;
    codeOf.set(value, code);
    to[n + 1] = code;
  }
  const codes = new Uint16Array(first.codes.length + second.codes.length);
  codes.set(first.codes);
  codes.set(recoded(second.codes, to), first.codes.length);
  return { values: [...codeOf.keys()], codes };
};

/** The same without the values that no row has, the others in the order in which they come first. */
export const usedOnly = ({ values, codes }: Coded): Coded => {
  const to = new Uint16Array(values.length + 1);
  const left: string[] = [];
  for (const code of codes) {
    if (code === 0 || (to[code] ?? 0) > 0) continue;
    left.push(values[code - 1] ?? '');
    to[code] = left.length;
  }
  return { values: left, codes: recoded(codes, to) };
};

/** The same with its values ascending. */
export const ascendingCodes = ({ values, codes }: Coded): Coded => {
  const sorted = values.toSorted();
  const codeOf = new Map(sorted.map((value, n) => [value, n + 1]));
  const to = Uint16Array.from([0, ...values.map((value) => codeOf.get(value) ?? 0)]);
  return { values: sorted, codes: recoded(codes, to) };
};
