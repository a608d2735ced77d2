/** Texts by their code units, so that the order is the same everywhere. */
export const ascending = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};
