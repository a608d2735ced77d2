/** Runs a script on the Node version of this project, whatever version the machine has. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';

/** The first version that runs TypeScript as it is. */
const oldest = [22, 18];

/** @param {string} version for example `22.18.0` */
const runsTypeScript = (version) => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor = 0, oldestMinor = 0] = oldest;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
};

/**
 * The Node that the dependency `node` brought; when its install script was not run, the machine's own if it is new enough.
 *
 * @param {string} root the folder of package.json
 */
const findNode = (root) => {
  const executable = process.platform === 'win32' ? 'node.exe' : 'node';
  const own = join(root, 'node_modules/node/bin', executable);
  if (existsSync(own)) return own;
  if (runsTypeScript(process.versions.node)) return process.execPath;
  console.error(
    `Node ${oldest.join('.')} or newer is needed and this is ${process.versions.node}. The dependency "node" ` +
      'would bring it, but its install script was not run: run `npm rebuild node`, or `npm ci` without --ignore-scripts.',
  );
  process.exit(1);
};

/**
 * Calls back when npm is gone: it passes a signal on to the shell between us, and a shell dies of it alone.
 *
 * @param {() => void} gone
 */
const onNpmGone = (gone) => {
  if (process.env['npm_lifecycle_event'] === undefined) return;
  const parent = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === parent) return;
    clearInterval(timer);
    gone();
  }, 250);
};

/**
 * Compiled code is kept between runs: the many processes of this project start in half the time.
 *
 * @param {string} root the folder of package.json
 */
const withCompileCache = (root) => ({
  NODE_COMPILE_CACHE: join(root, 'node_modules/.cache/node-compile'),
  ...process.env,
});

/**
 * Starts the script and ends with its exit code; signals are passed on.
 *
 * @param {string} root the folder of package.json
 * @param {readonly string[]} args the script and its arguments
 * @param {string} cwd the folder to run in
 */
export const runOnNode = (root, args, cwd = root) => {
  const child = spawn(findNode(root), args, { cwd, stdio: 'inherit', env: withCompileCache(root) });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the child too: passing it on would make it two.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  onNpmGone(() => child.kill('SIGTERM'));
  child.on('error', (error) => {
    console.error(`Node could not be started: ${error.message}`);
    process.exitCode = 1;
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
  });
};
