/**
 * What moves a cursor, colours, rings or begins a line (C0, DEL, C1), and what turns the direction of the
 * text behind it (Unicode Bidi_Control). Persian text needs none of them: its joiners are others.
 */
const controls = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/gu;

const escaped = (control: string): string =>
  `\\u${control.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** Text from outside on one line of a terminal, with every control spelt out as JSON would. */
export const printable = (text: string): string => text.replaceAll(controls, escaped);

/** Colours that a report has: bold, dim, red, green, yellow, and the end of each (ECMA-48, 8.3.117). */
const colour = /^\[(?:1|2|22|31|32|33|39)m/;

/**
 * Whole output, with its own lines and colours, and no other control. JSON stays the same JSON: controls
 * can only stand in its strings.
 */
export const printableOutput = (text: string): string =>
  text.replaceAll(controls, (control, at: number) => {
    const isLayout = control === '\n' || control === '\t';
    const isColour = control === '\u001B' && colour.test(text.slice(at + 1, at + 5));
    return isLayout || isColour ? control : escaped(control);
  });
