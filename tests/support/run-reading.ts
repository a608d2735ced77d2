/** Runs a command of the command line in this process. */
import { Writable } from 'node:stream';
import { type Command, CommanderError } from 'commander';
import type { Streams } from '#shared/client/cli/verify.ts';

/** What commander refuses ends with 2, as main.ts has it. */
export const runReading = async (
  make: (streams: Streams, exit: (code: number) => void) => Command,
  args: readonly string[],
  columns?: number,
): Promise<{ readonly code: number; readonly out: string; readonly err: string }> => {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (texts: string[]) =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        texts.push(chunk.toString());
        done();
      },
    });
  const codes: number[] = [];
  const shown = Object.assign(into(out), columns === undefined ? {} : { columns });
  const command = make({ out: shown, err: into(err), environment: {} }, (code) => codes.push(code))
    .exitOverride()
    .configureOutput({ writeErr: (line) => err.push(line) });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    codes.push(2);
  }
  if (codes.length !== 1) throw new Error('A command ends with one code.');
  return { code: codes[0] ?? -1, out: out.join(''), err: err.join('') };
};
