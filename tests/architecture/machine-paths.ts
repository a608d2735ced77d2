import type { Tree } from './source.ts';

/** The folders in which people keep a checkout. A path of an address (`https://…/home/`) is none. */
const machinePath =
  /(?<![\w.:/-])\/(?:work|root|home\/[\w.-]+|Users\/[\w.-]+)\/[\w.@-]|\b[A-Z]:\\Users\\/;

/** Every line that names a folder of one person's machine. */
export const machinePathViolations = (tree: Tree): readonly string[] =>
  [...tree].flatMap(([path, text]) =>
    text
      .split('\n')
      .flatMap((line, i) =>
        machinePath.test(line) ? [`${path}:${i + 1} names a folder of one machine`] : [],
      ),
  );
