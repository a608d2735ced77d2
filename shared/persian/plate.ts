import * as z from 'zod';
import { accepted, type Parsed, refused } from './parsed.ts';
import { toIdentifierInput, toInput } from './text.ts';

/**
 * Every letter of the national plate series `two letter three – region`: thirteen for private
 * cars, the rest each for one use (الف government, پ police, ت taxi, ث IRGC, ز defence ministry,
 * ژ disabled drivers and veterans, ش army, ع public transport, ف general staff, ک farming,
 * گ transit). Diplomatic (D, S), ceremonial, free-zone and motorcycle plates are not in it.
 * Source: Wikipedia, "Vehicle registration plates of Iran"; persian-tools, `plateCategory`.
 */
// biome-ignore format: as an alphabet
export const plateLetters = [
  'الف', 'ب', 'پ', 'ت', 'ث', 'ج', 'د', 'ز', 'ژ', 'س', 'ش', 'ص', 'ط', 'ع', 'ف', 'ق', 'ک', 'گ', 'ل',
  'م', 'ن', 'و', 'ه', 'ی',
] as const;

const PlateLetter = z.enum(plateLetters, { error: 'must be one of the plate letters' });

/**
 * A canonical plate: `two` and `region` two ASCII digits, `three` three. It is never one string,
 * because bidirectional text shows such a string in another order than it was typed.
 */
export const Plate = z.strictObject(
  {
    two: z.string().regex(/^[0-9]{2}$/, { error: 'must be 2 ASCII digits' }),
    letter: PlateLetter,
    three: z.string().regex(/^[0-9]{3}$/, { error: 'must be 3 ASCII digits' }),
    region: z.string().regex(/^[0-9]{2}$/, { error: 'must be 2 ASCII digits' }),
  },
  { error: 'must be an object of two, letter, three and region' },
);
export type Plate = Readonly<z.infer<typeof Plate>>;

/** The four fields of a plate as a person types them, each in its own box. */
export type PlateInput = Readonly<Record<keyof Plate, string>>;

/** Names the first field, in reading order, that is not right. */
export type PlateRefusal = keyof Plate;

const readLetter = (input: string): Plate['letter'] | undefined => {
  const typed = toIdentifierInput(toInput(input));
  return PlateLetter.safeParse(typed === 'ا' ? 'الف' : typed).data;
};

/** A plate as a person types it; `ا` stands for `الف`, Arabic ي and ك for the Persian letters. */
export const parsePlate = (input: PlateInput): Parsed<Plate, PlateRefusal> => {
  const two = toIdentifierInput(input.two);
  const letter = readLetter(input.letter);
  const three = toIdentifierInput(input.three);
  const region = toIdentifierInput(input.region);
  if (!/^[0-9]{2}$/.test(two)) return refused('two');
  if (letter === undefined) return refused('letter');
  if (!/^[0-9]{3}$/.test(three)) return refused('three');
  if (!/^[0-9]{2}$/.test(region)) return refused('region');
  return accepted({ two, letter, three, region });
};
