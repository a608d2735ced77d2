import * as z from 'zod';

/** A whole number in a query: ASCII digits and nothing else, for `Number` reads `0x10`, `1e2` and ` 5 `, too. */
export const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^(?:0|[1-9][0-9]{0,8})$/)
    .transform(Number)
    .refine((value) => value >= least && value <= most);
