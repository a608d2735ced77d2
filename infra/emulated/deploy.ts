import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Unavailable } from './python.ts';
import { type Emulated, startEmulated } from './start.ts';

const usage = `Deploys the stacks to an AWS on this machine (MiniStack).

  npm run deploy:emulated                    keeps it running until Ctrl-C
  npm run deploy:emulated -- COMMAND [ARG]…  runs a command against it, then stops

The command finds the exchange in ESTELAM_E2E_URL, and in its environment the endpoint,
credentials, table names, secret and origin that go with it, and the private key of the registrar
that may begin its registry.

Exit codes: that of the command; 1 deployment failed; 69 no Python for it; 130 interrupted.
`;

const origin = 'https://exchange.example';

const explain = ({ url, host, endpoint, environment }: Emulated): string => `
The exchange is deployed.

  at      ${url}
  or      ${endpoint} with the header  Host: ${host}
  try     curl ${url}/.well-known/estelam
  tables  ${environment['JOURNAL_TABLE'] ?? ''}
          ${environment['REGISTRY_TABLE'] ?? ''}

Its registry is empty, and this private key of registrar:cra may begin it:

  ${environment['ESTELAM_E2E_ROOT_KEY'] ?? ''}

Ctrl-C stops it; nothing is kept.
`;

const runCommand = async (
  [command = '', ...args]: string[],
  env: Emulated['environment'],
  signal: AbortSignal,
): Promise<number> => {
  const options = { stdio: 'inherit', signal, env: { ...process.env, ...env } } as const;
  const child = spawn(command, args, options);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  return promise;
};

const say = (line: string) => process.stderr.write(`${line}\n`);

const main = async (args: string[]): Promise<number> => {
  if (args[0] === '--help' || args[0] === '-h') {
    process.stdout.write(usage);
    return 0;
  }
  const command = args[0] === '--' ? args.slice(1) : args;
  const interrupted = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => interrupted.abort());
  }
  try {
    await using emulated = await startEmulated({ origin, say, signal: interrupted.signal });
    if (command.length > 0) {
      return await runCommand(command, emulated.environment, interrupted.signal);
    }
    process.stdout.write(explain(emulated));
    if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
    say('stopping');
    return 0;
  } catch (error) {
    if (interrupted.signal.aborted) return 130;
    say(error instanceof Error ? error.message : String(error));
    return error instanceof Unavailable ? 69 : 1;
  }
};

process.exitCode = await main(process.argv.slice(2));
