import * as z from 'zod';

/** What every entry of the registry carries. */
export const stamp = {
  /** 1, 2, 3 … of this entry. */
  version: z.int().min(1),
  /** The number of the change that made this version; none for what stood before commands did. */
  n: z.int().min(1).optional(),
};
