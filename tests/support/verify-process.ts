import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { compileCache } from './compile-cache.ts';

const main = fileURLToPath(new URL('../../shared/client/cli/main.ts', import.meta.url));

/** Runs `estelam verify` as a process in a folder, as somebody does who has nothing but its files. */
export const verifyIn = async (folder: string, ...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, 'verify', ...args], {
    cwd: folder,
    env: { ...compileCache(), NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  await ended;
  return { code: child.exitCode, output, errors };
};

/** The exit code when the checkpoint lacks its quorum. */
const unsigned = 5;

/**
 * The same of a log that is growing: a checkpoint that was published this second is not cosigned yet,
 * and whoever meets one looks again.
 */
export const verifyGrowing: typeof verifyIn = async (folder, ...args) => {
  for (let look = 1; ; look += 1) {
    const verified = await verifyIn(folder, ...args);
    if (verified.code !== unsigned || look === 10) return verified;
  }
};
