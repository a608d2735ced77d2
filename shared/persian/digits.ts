export type DigitsRefusal = 'characters' | 'length';

/** What keeps a text from being exactly `length` ASCII digits, if anything does. */
export const digitsRefusal = (text: string, length: number): DigitsRefusal | undefined => {
  if (!/^[0-9]*$/.test(text)) return 'characters';
  return text.length === length ? undefined : 'length';
};
