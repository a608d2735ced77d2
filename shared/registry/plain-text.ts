import * as z from 'zod';

/** Controls, line breaks, lone surrogates, the byte order mark, and what steers direction (UAX #9). */
const unwanted = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\uFEFF]/u;

/**
 * Nine digits of whatever script with no letter among them: nine of a national id give the tenth away.
 * Tatweel and the like (Lm), and what shows nothing, are no letters to a reader.
 */
const longNumber = /(?:\p{N}[[\P{L}--\p{N}]\p{Lm}\p{Default_Ignorable_Code_Point}]*){9}/v;

export const isOneLine = (text: string): boolean => !unwanted.test(text);

/** Whether a text could hold a person's number: no such text may enter the log in the clear. */
export const holdsLongNumber = (text: string): boolean => longNumber.test(text);

/** One line that shows what it holds: a letter or a digit in it, no space around it. */
export const plainText = (most: number): z.ZodType<string> =>
  z
    .string()
    .min(1)
    .max(most)
    .refine(isOneLine)
    .refine((text) => /[\p{L}\p{N}]/u.test(text) && text.trim() === text);
