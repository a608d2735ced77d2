import { projectRoot } from '../constructs/bundling.ts';
import { credentials, readSecret, region } from './aws.ts';
import { deployStacks } from './cdk.ts';
import { startFront } from './front.ts';
import { startMiniStack } from './ministack.ts';
import type { Say } from './process.ts';
import { installEmulator } from './python.ts';

export type Emulated = AsyncDisposable & {
  /** The exchange: append a route's path. */
  readonly url: string;
  /** The Host header by which `endpoint` knows the exchange. */
  readonly host: string;
  /** Every AWS service of the emulated account. */
  readonly endpoint: string;
  /** What a program needs to test the exchange and look into its tables. */
  readonly environment: Readonly<Record<string, string>>;
};

/**
 * Deploys the real stacks to an AWS on this machine and starts the exchange in it.
 *
 * Throws `Unavailable` when the machine has no Python for it. Whoever starts it disposes of it.
 */
export const startEmulated = async (options: {
  /** The origin that messages must name as their audience. */
  readonly origin: string;
  readonly say: Say;
  readonly signal: AbortSignal;
}): Promise<Emulated> => {
  const { origin, say, signal } = options;
  const directory = `${projectRoot}.estelam/emulated`;
  const python = await installEmulator(directory, {
    signal,
    say: (line) => say(`python │ ${line}`),
  });

  await using resources = new AsyncDisposableStack();
  const ministack = resources.use(await startMiniStack(python, directory, signal));
  const { endpoint } = ministack;
  say(`aws    │ MiniStack is up at ${endpoint}`);

  const deployed = await deployStacks(endpoint, directory, {
    origin,
    signal,
    say: (line) => say(`cdk    │ ${line}`),
  });
  const host = `${deployed.apiId}.execute-api.localhost`;
  const { url } = resources.use(await startFront(endpoint, host));
  const environment = {
    ESTELAM_E2E_URL: url,
    ESTELAM_E2E_HOST: host,
    ESTELAM_ORIGIN: origin,
    ESTELAM_SECRET_ARN: deployed.secretArn,
    ESTELAM_SECRET: await readSecret(endpoint, deployed.secretArn),
    JOURNAL_TABLE: deployed.journalTable,
    REGISTRY_TABLE: deployed.registryTable,
    AWS_ENDPOINT_URL: endpoint,
    DYNAMODB_ENDPOINT: endpoint,
    ESTELAM_TEST_DYNAMODB_ENDPOINT: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  };
  const owned = resources.move();
  return { url, host, endpoint, environment, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};
