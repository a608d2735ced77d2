import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { run, type Say } from './process.ts';

/** The machine lacks something that this program cannot bring. */
export class Unavailable extends Error {}

const requirements = fileURLToPath(new URL('./requirements.txt', import.meta.url));
const candidates = ['python3', 'python3.13', 'python3.12', 'python3.11', 'python3.10', 'python'];
const probe = 'import sys, venv; print(".".join(map(str, sys.version_info[:2])))';

const versionOf = async (python: string): Promise<readonly [number, number] | undefined> => {
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', probe]);
    const [major, minor] = stdout.trim().split('.').map(Number);
    return major === undefined || minor === undefined ? undefined : [major, minor];
  } catch {
    // Not there, or there without its venv module: the next candidate may do.
    return undefined;
  }
};

const findPython = async (): Promise<string> => {
  for (const python of candidates) {
    const version = await versionOf(python);
    if (version !== undefined && version[0] === 3 && version[1] >= 10) return python;
  }
  throw new Unavailable(
    'The emulated AWS is a Python program: it needs Python 3.10 or newer, with venv (on Debian: apt install python3 python3-venv).',
  );
};

/** Brings the emulator's own Python environment up to `requirements.txt`; gives its interpreter. */
export const installEmulator = async (
  directory: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: Say },
): Promise<string> => {
  const wanted = await readFile(requirements, 'utf8');
  const python = `${directory}/venv/bin/python`;
  const stamp = `${directory}/venv/installed.txt`;
  const installed = await readFile(stamp, 'utf8').catch(() => '');
  if (installed === wanted && (await versionOf(python)) !== undefined) return python;

  await mkdir(directory, { recursive: true });
  const options = { cwd: directory, env: process.env, signal, say };
  const base = await findPython();
  say(`making a Python environment with ${base}`);
  await run(base, ['-m', 'venv', '--clear', 'venv'], options);
  say(`installing ${wanted.trim().split('\n').join(', ')}`);
  const install = [
    '-m',
    'pip',
    'install',
    '--no-input',
    '--progress-bar',
    'off',
    '-r',
    requirements,
  ];
  await run(python, install, options);
  await writeFile(stamp, wanted);
  return python;
};
