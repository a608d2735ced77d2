import { NationalId } from '#shared/persian/national-id.ts';

/** The national id that begins with nine digits: of nobody, as likely as not. */
export const nationalIdWith = (nine: number): NationalId => {
  for (let last = 0; last < 10; last += 1) {
    const found = NationalId.safeParse(`${nine}${last}`).data;
    if (found !== undefined) return found;
  }
  throw new RangeError('Nine equal digits make no number of a person.');
};
