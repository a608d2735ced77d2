import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { projectRoot } from '../constructs/bundling.ts';
import { account, allowPlainHttpToAssets, credentials, region } from './aws.ts';
import { run, type Say } from './process.ts';

const Outputs = z.object({
  'estelam-emulated-ledger': z.object({
    JournalTable: z.string(),
    RegistryTable: z.string(),
    ExchangeSecretArn: z.string(),
  }),
  'estelam-emulated-exchange': z.object({ ApiId: z.string() }),
});

type Deployed = {
  readonly journalTable: string;
  readonly registryTable: string;
  readonly secretArn: string;
  readonly apiId: string;
};

/** What CDK says of a deployment that needs no reading. */
const chatter =
  /_IN_PROGRESS|CREATE_COMPLETE|npm warn|index\.mjs|Done in|(Building|Built|Publishing|Published) |\.Exports|[Ss]tack[: ]ARN|arn:aws:cloudformation|creating CloudFormation/;

/** This machine's environment without any of its AWS settings: a real account is out of reach. */
const environment = (endpoint: string): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name))),
  PATH: `${projectRoot}node_modules/.bin:${process.env['PATH'] ?? ''}`,
  NO_PROXY: '127.0.0.1,localhost',
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  AWS_REGION: region,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
});

/** Bootstraps the emulated account and deploys the real stacks into it. */
export const deployStacks = async (
  endpoint: string,
  directory: string,
  {
    origin,
    signal,
    say,
  }: { readonly origin: string; readonly signal: AbortSignal; readonly say: Say },
): Promise<Deployed> => {
  const outputs = `${directory}/outputs.json`;
  const common = {
    '--output': `${directory}/cdk.out`,
    '--color': 'false',
    '--notices': 'false',
    '--ci': 'true',
  };
  const context = ['--context', 'environment=emulated', '--context', `origin=${origin}`];
  const cdk = (...args: string[]) =>
    run(
      `${projectRoot}node_modules/.bin/node`,
      [
        `${projectRoot}node_modules/aws-cdk/bin/cdk`,
        ...args,
        ...context,
        ...Object.entries(common).map(([option, value]) => `${option}=${value}`),
      ],
      {
        cwd: projectRoot,
        env: environment(endpoint),
        signal,
        say: (line) => {
          if (!chatter.test(line)) say(line);
        },
      },
    );
  say('bootstrapping the emulated account');
  await cdk('bootstrap', `aws://${account}/${region}`);
  await allowPlainHttpToAssets(endpoint);
  say('deploying the stacks');
  await cdk(
    'deploy',
    '--all',
    '--require-approval',
    'never',
    '--progress',
    'events',
    '--outputs-file',
    outputs,
  );

  const { 'estelam-emulated-ledger': ledger, 'estelam-emulated-exchange': exchange } =
    Outputs.parse(JSON.parse(await readFile(outputs, 'utf8')));
  return {
    journalTable: ledger.JournalTable,
    registryTable: ledger.RegistryTable,
    secretArn: ledger.ExchangeSecretArn,
    apiId: exchange.ApiId,
  };
};
