type Timed = { readonly t: number };

/** One of them, and the last before it that is unlike it. */
type Behind<One> = { readonly one: One; readonly other: One | undefined };

/**
 * Of some things, asked by a thing: the last of them up to its time that is unlike it; of one time, the one
 * that was given last. Each is found by halves, however many are alike. `isAlike` is an equivalence.
 */
export const lastOther = <One extends Timed>(
  some: readonly One[],
  isAlike: (a: One, b: One) => boolean,
): ((asked: One) => One | undefined) => {
  const ordered: Behind<One>[] = [];
  for (const one of some.toSorted((a, b) => a.t - b.t)) {
    const last = ordered.at(-1);
    const other = last !== undefined && isAlike(last.one, one) ? last.other : last?.one;
    ordered.push({ one, other });
  }
  return (asked) => {
    let [low, high] = [0, ordered.length];
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((ordered[middle]?.one.t ?? 0) <= asked.t) low = middle + 1;
      else high = middle;
    }
    const last = ordered[low - 1];
    return last !== undefined && isAlike(last.one, asked) ? last.other : last?.one;
  };
};
