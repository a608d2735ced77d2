import { mkdir, readFile } from 'node:fs/promises';
import { projectRoot } from '../constructs/bundling.ts';
import { allowPlainHttpToAssets, region, type Target } from './aws.ts';
import { run, type Say } from './process.ts';

/** What CDK says of a deployment that needs no reading. */
const chatter =
  /_IN_PROGRESS|CREATE_COMPLETE|npm warn|index\.mjs|Done in|(Building|Built|Publishing|Published) |\.Exports|[Ss]tack[: ]ARN|arn:aws:cloudformation|creating CloudFormation/;

/** This machine's environment without any of its AWS settings: a real account is out of reach. */
const environment = ({ endpoint, account }: Target): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS|CDK)_/.test(name))),
  PATH: `${projectRoot}node_modules/.bin:${process.env['PATH'] ?? ''}`,
  NO_PROXY: '127.0.0.1,localhost',
  AWS_ENDPOINT_URL: endpoint,
  AWS_ACCESS_KEY_ID: account.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: account.credentials.secretAccessKey,
  AWS_REGION: region,
  AWS_CONFIG_FILE: '/dev/null',
  AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
  AWS_EC2_METADATA_DISABLED: 'true',
  CDK_DISABLE_CLI_TELEMETRY: 'true',
});

/** One CDK app and its settings. */
export type CdkApp = {
  /** Its file in `infra/`. */
  readonly app: 'app.ts' | 'witness-app.ts';
  readonly context: Readonly<Record<string, string>>;
};

export type Cdk = {
  /** Makes the account ready for deployments. */
  readonly bootstrap: (target: Target) => Promise<void>;
  /** Deploys one stack of an app; its outputs, as CDK writes them. */
  readonly deploy: (target: Target, app: CdkApp, stack: string) => Promise<unknown>;
};

/** The CDK of this project over an emulated AWS; what it writes goes to `directory`. */
export const cdkIn = (
  directory: string,
  { signal, say }: { readonly signal: AbortSignal; readonly say: Say },
): Cdk => {
  const cdk = (target: Target, cwd: string, args: readonly string[]): Promise<void> =>
    run(
      `${projectRoot}node_modules/.bin/node`,
      [
        `${projectRoot}node_modules/aws-cdk/bin/cdk`,
        ...args,
        '--color=false',
        '--notices=false',
        '--ci=true',
      ],
      {
        cwd,
        env: environment(target),
        signal,
        say: (line) => {
          if (!chatter.test(line)) say(line);
        },
      },
    );
  return {
    bootstrap: async (target) => {
      const { id } = target.account;
      say(`bootstrapping the emulated account ${id}`);
      // From a folder without a cdk.json: else it would put the app together first.
      await cdk(target, directory, ['bootstrap', `aws://${id}/${region}`]);
      await allowPlainHttpToAssets(target);
    },
    deploy: async (target, { app, context }, stack) => {
      say(`deploying ${stack}`);
      const place = `${directory}/${stack}`;
      const outputs = `${place}/outputs.json`;
      await mkdir(place, { recursive: true });
      await cdk(target, projectRoot, [
        'deploy',
        stack,
        '--exclusively',
        `--output=${place}/cdk.out`,
        `--app=node_modules/.bin/node infra/${app}`,
        '--require-approval=never',
        '--progress=events',
        `--outputs-file=${outputs}`,
        ...Object.entries(context).map(([key, value]) => `--context=${key}=${value}`),
      ]);
      const written: unknown = JSON.parse(await readFile(outputs, 'utf8'));
      return written;
    },
  };
};
