/** The most bytes that one object may hold: 16 MiB. */
export const maxObject = 16_777_216;

/** Throws for an object that no store takes. */
export const checkObjectSize = (bytes: Uint8Array): void => {
  if (bytes.length > maxObject) throw new RangeError('An object holds at most 16 MiB.');
};
