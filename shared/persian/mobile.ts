import * as z from 'zod';
import { type DigitsRefusal, digitsRefusal } from './digits.ts';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toIdentifierInput } from './text.ts';

export type MobileRefusal = DigitsRefusal | 'prefix';

/** A canonical Iranian mobile number in E.164: `+989` and nine ASCII digits. */
export const Mobile = z
  .stringFormat('ir-mobile', (text) => /^\+989[0-9]{9}$/.test(text), {
    error: 'must be +989 and nine ASCII digits',
  })
  .brand<'Mobile'>();
export type Mobile = z.infer<typeof Mobile>;

/** A mobile number as a person types it: `09…`, `+989…` or `00989…`, each with nine digits more. */
export const parseMobile = (input: string): Parsed<Mobile, MobileRefusal> => {
  const typed = toIdentifierInput(input);
  if (!/^\+?[0-9]*$/.test(typed)) return refused('characters');
  const subscriber = /^(?:0|\+98|0098)(9.*)$/.exec(typed)?.[1];
  if (subscriber === undefined) return refused('prefix');
  const refusal = digitsRefusal(subscriber, 10);
  return refusal === undefined ? accepted(Mobile.parse(`+98${subscriber}`)) : refused(refusal);
};

/** As it is dialled and written inside the country: `09123456789`. */
export const formatMobile = (mobile: Mobile): string => `0${mobile.slice(3)}`;
