import { styleText } from 'node:util';

type Style = 'bold' | 'dim' | 'green' | 'red' | 'yellow' | 'cyan';

/** Writes for a person: plain lines, with colours and a frame only where a terminal shows them. */
export type Terminal = {
  readonly line: (text?: string) => void;
  readonly title: (text: string) => void;
  /** A numbered step and its Persian word. */
  readonly step: (number: number, text: string, persian: string) => void;
  /** A name and what stands beside it. */
  readonly row: (name: string, value: string) => void;
  readonly paint: (style: Style, text: string) => string;
};

const nameWidth = 20;

export const terminalOn = (write: (text: string) => void, colours: boolean): Terminal => {
  const paint = (style: Style, text: string): string =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  const line = (text = ''): void => write(`${text}\n`);
  return {
    line,
    paint,
    title: (text) => {
      const bar = '─'.repeat(text.length + 2);
      line();
      if (!colours) return line(text);
      line(paint('cyan', `╭${bar}╮`));
      line(`${paint('cyan', '│')} ${paint('bold', text)} ${paint('cyan', '│')}`);
      return line(paint('cyan', `╰${bar}╯`));
    },
    // The Persian word stands last, so that no terminal has to order a mixed line.
    step: (number, text, persian) => {
      line();
      line(`${paint('bold', `${number}  ${text}`)}  ${paint('dim', persian)}`);
    },
    row: (name, value) => line(`   ${paint('dim', name.padEnd(nameWidth))} ${value}`),
  };
};
