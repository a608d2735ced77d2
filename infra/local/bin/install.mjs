/** Makes node_modules what package-lock.json says, so that no step stands before `npm start` or `npm test`. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @typedef {{ version?: string, integrity?: string, optional?: boolean, link?: boolean }} Package */
/** @typedef {{ packages?: Record<string, Package> }} Lock */

/**
 * Why the installed tree has to be renewed, or undefined when it holds what the lock file says.
 * An optional package that is absent is no reason: most of them are for other platforms.
 *
 * @param {Lock} wanted the content of package-lock.json
 * @param {Lock | undefined} installed the content of node_modules/.package-lock.json, npm's own note of what it installed
 * @returns {string | undefined}
 */
export const reasonToInstall = (wanted, installed) => {
  if (installed === undefined) return 'the dependencies are not installed yet';
  for (const [path, want] of Object.entries(wanted.packages ?? {})) {
    if (path === '' || want.link === true) continue;
    const have = installed.packages?.[path];
    const name = path.slice('node_modules/'.length);
    if (have === undefined) {
      if (want.optional !== true) return `${name} ${want.version} is missing`;
    } else if (have.version !== want.version) {
      return `${name} is ${have.version}, the lock file says ${want.version}`;
    } else if (have.integrity !== want.integrity) {
      return `${name} ${want.version} has another content than the lock file says`;
    }
  }
  return undefined;
};

/** @type {(text: string) => Lock} */
const parseLock = JSON.parse;

/** @param {string} path @returns {Lock | undefined} undefined when it is absent or no JSON */
const readLock = (path) => {
  try {
    return parseLock(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
};

/**
 * npm as it was started, by the Node that runs it: the Node in node_modules goes away while npm works.
 *
 * @returns {{ command: string, args: string[], shell: boolean }}
 */
const npm = () => {
  const cli = process.env['npm_execpath'];
  if (cli !== undefined && /npm-cli\.c?js$/.test(cli)) {
    const node = process.env['npm_node_execpath'] ?? process.execPath;
    return { command: node, args: [cli], shell: false };
  }
  return { command: 'npm', args: [], shell: process.platform === 'win32' };
};

/**
 * @param {string} root the folder of package.json
 * @returns {void} and ends the process when the installation fails
 */
export const ensureInstalled = (root) => {
  const wanted = readLock(join(root, 'package-lock.json'));
  if (wanted === undefined) {
    console.error('package-lock.json is missing or is not JSON: restore it from the repository.');
    process.exit(1);
  }
  const reason = reasonToInstall(wanted, readLock(join(root, 'node_modules/.package-lock.json')));
  if (reason === undefined) return;

  const { command, args, shell } = npm();
  // Not its warnings: they are about the Node of the machine, which runs nothing but npm.
  console.error(`Running npm ci: ${reason}.`);
  const { status, error } = spawnSync(
    command,
    [...args, 'ci', '--include=dev', '--loglevel=error'],
    {
      cwd: root,
      stdio: 'inherit',
      shell,
    },
  );
  if (status !== 0) {
    console.error(`npm ci failed${error === undefined ? '' : ` (${error.message})`}.`);
    process.exit(status ?? 1);
  }
};
