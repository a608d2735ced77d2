import * as z from 'zod';

const Line = z.record(z.string(), z.json());

/** One line that a process printed. */
export type Line = z.infer<typeof Line>;

/** Every whole line of an output; throws at the first that is no JSON object. */
export const linesOf = (output: string): readonly Line[] =>
  output
    .slice(0, output.lastIndexOf('\n') + 1)
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Line.parse(JSON.parse(line)));
