import { projectRoot } from '../constructs/bundling.ts';
import { exchangeAccount, readSecret, region } from './aws.ts';
import { deployStacks, journalSlots } from './deploy-stacks.ts';
import { beginLog } from './first-tick.ts';
import { hostOf, startFront } from './front.ts';
import { startMiniStack } from './ministack.ts';
import type { Say } from './process.ts';
import { installEmulator } from './python.ts';
import { makeRootKey } from './root-key.ts';

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

  const root = makeRootKey();
  const deployed = await deployStacks(endpoint, directory, {
    origin,
    registryRoot: root.open,
    signal,
    say: (line) => say(`cdk    │ ${line}`),
    open: async (api) => resources.use(await startFront(api)).url,
  });
  const { ledger, apiId } = deployed;
  const target = { endpoint, account: exchangeAccount };
  const host = hostOf(apiId);
  const { url } = resources.use(await startFront({ ...target, apiId }));
  say('log    │ beginning');
  await beginLog(target, { url, clocked: deployed.clocked }, signal);
  const environment = {
    ESTELAM_E2E_URL: url,
    ESTELAM_E2E_HOST: host,
    // Whoever begins the registry, and so fills it, signs with this.
    ESTELAM_E2E_ROOT_KEY: root.secret,
    // Its functions are started by its own clock, as EventBridge starts them.
    ESTELAM_E2E_LOG: 'runs',
    ESTELAM_ORIGIN: origin,
    ESTELAM_SECRET_ARN: ledger.ExchangeSecretArn,
    ESTELAM_SECRET: await readSecret(target, ledger.ExchangeSecretArn),
    JOURNAL_TABLE: ledger.JournalTable,
    JOURNAL_SLOTS: journalSlots,
    REGISTRY_TABLE: ledger.RegistryTable,
    LOG_TABLE: ledger.LogTable,
    SIGNER_TABLE: ledger.SignerTable,
    INDEX_TABLE: ledger.IndexTable,
    TRANSIENT_TABLE: ledger.TransientTable,
    SUBJECT_TABLE: ledger.SubjectTable,
    OBJECTS_BUCKET: ledger.ObjectsBucket,
    STAGING_BUCKET: ledger.StagingBucket,
    DERIVED_BUCKET: ledger.DerivedBucket,
    LOG_KEYS: ledger.LogKeys,
    LOG_VKEYS: deployed.logVkeys.join(' '),
    LOG_WITNESS_POLICY: deployed.witnessPolicy,
    AWS_ENDPOINT_URL: endpoint,
    DYNAMODB_ENDPOINT: endpoint,
    ESTELAM_TEST_DYNAMODB_ENDPOINT: endpoint,
    ESTELAM_TEST_S3_ENDPOINT: endpoint,
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: exchangeAccount.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: exchangeAccount.credentials.secretAccessKey,
  };
  const owned = resources.move();
  return { url, host, endpoint, environment, [Symbol.asyncDispose]: () => owned.disposeAsync() };
};
