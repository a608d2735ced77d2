import type { Places } from './places.ts';
import type { Settings } from './settings.ts';
import { readOrMake } from './write-once.ts';

type Fixed = ReadonlyMap<string, string>;

/**
 * What the log is named by, and what says where each inquiry stands in the journal: with another port
 * it were another log, and with other numbers it would leave inquiries out.
 */
const fixedOf = ({ port, shards, slots }: Settings): Fixed =>
  new Map([
    ['PORT', String(port)],
    ['JOURNAL_SHARDS', String(shards)],
    ['JOURNAL_SLOTS', String(slots)],
  ]);

const format = (fixed: Fixed): string =>
  [...fixed].map(([name, value]) => `${name}=${value}\n`).join('');

const parse = (text: string): Fixed =>
  new Map(
    text.split('\n').map((line): [string, string] => {
      const at = line.indexOf('=');
      return [line.slice(0, at), line.slice(at + 1)];
    }),
  );

/** Writes down what must not change at the first start; throws when it did at a later one. */
export const holdFixed = async (
  { fixedFile, dataDir }: Pick<Places, 'fixedFile' | 'dataDir'>,
  settings: Settings,
): Promise<void> => {
  const fixed = fixedOf(settings);
  const standing = parse(await readOrMake(fixedFile, () => format(fixed)));
  for (const [name, value] of fixed) {
    const first = standing.get(name);
    if (first === undefined) throw new Error(`${fixedFile} is damaged: it must hold ${name}.`);
    if (first !== value) {
      throw new Error(
        `The log in ${dataDir} began with ${name}=${first}: set that again, or ESTELAM_DATA to another place.`,
      );
    }
  }
};
