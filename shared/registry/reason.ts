import * as z from 'zod';
import { holdsLongNumber, isOneLine } from './plain-text.ts';

/**
 * Why something was decided, in words. It enters the log for good, so no number as long as a person's
 * may stand in it, in whatever digits.
 */
export const Reason = z
  .string()
  .trim()
  .min(3)
  .max(300)
  .refine(isOneLine)
  .refine((text) => !holdsLongNumber(text));
