import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** Says one line about what is going on. */
export type Say = (line: string) => void;

type Run = {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
  readonly say: Say;
};

/** Runs a command to its end, saying each line it prints; throws when it fails or is aborted. */
export const run = async (
  command: string,
  args: readonly string[],
  { cwd, env, signal, say }: Run,
): Promise<void> => {
  const child = spawn(command, args, { cwd, env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() !== '') say(line);
    });
  }
  const { promise, resolve, reject } = Promise.withResolvers<number | null>();
  child.once('error', reject).once('close', resolve);
  const code = await promise;
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${String(code)}`);
};
