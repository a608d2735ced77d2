import * as z from 'zod';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toInput, toNumberInput } from './text.ts';

/** An amount in whole rials, 0 to 2^53 − 1: there is no smaller unit and no decimal anywhere. */
export const Rials = z
  .int({ error: 'must be whole rials, a safe integer' })
  .min(0, { error: 'must not be negative' })
  .brand<'Rials'>();
export type Rials = z.infer<typeof Rials>;

/** `form`: not a whole number of rials; `range`: more than a safe integer holds. */
export type RialsRefusal = 'form' | 'range';

/** All separators or none: `1,5` is somebody's decimal, and must not become fifteen. */
const typedAmount = /^(?:[0-9]+|[0-9]{1,3}(?:[,٬،][0-9]{3})+)(?:ریال)?$/;

/** An amount of rials as a person types it, with or without separators and the word ریال. */
export const parseRials = (input: string): Parsed<Rials, RialsRefusal> => {
  const typed = toNumberInput(toInput(input));
  if (!typedAmount.test(typed)) return refused('form');
  const amount = Rials.safeParse(Number(typed.replace(/[^0-9]/g, '')));
  return amount.success ? accepted(amount.data) : refused('range');
};

const persianNumber = new Intl.NumberFormat('fa', { maximumFractionDigits: 0 });

/**
 * `۱٬۲۵۰٬۰۰۰ ریال`, with a no-break space. Not `Intl`'s currency style, which puts the unit first
 * and a direction mark before it.
 */
export const formatRials = (rials: Rials): string => `${persianNumber.format(rials)}\u00A0ریال`;
