import * as z from 'zod';
import { OrderNumber } from '#events/names.ts';
import { foldDigits, toInput } from '../persian/text.ts';

/** The number of a written order as a person types it, its digits of any script. */
export const Order = z
  .string()
  .max(128)
  .transform((text) => foldDigits(toInput(text)))
  .pipe(OrderNumber);
