import * as z from 'zod';
import { verifierKeyOf } from '../verifier-key.ts';
import {
  accountOf,
  exchangeAccount,
  keepJudgedStatements,
  lockObjects,
  readPublicKey,
  type Target,
} from './aws.ts';
import { type Cdk, type CdkApp, cdkIn } from './cdk.ts';
import type { EmulatedApi } from './front.ts';
import type { Say } from './process.ts';

const environment = 'emulated';
const ledgerStack = `estelam-${environment}-ledger`;
const exchangeStack = `estelam-${environment}-exchange`;

/** Few, because the sequencer asks for each of them once in ten seconds, and MiniStack is slow. */
export const journalSlots = '4';

const LedgerOutputs = z
  .object({
    [ledgerStack]: z.object({
      JournalTable: z.string(),
      RegistryTable: z.string(),
      LogTable: z.string(),
      SignerTable: z.string(),
      IndexTable: z.string(),
      TransientTable: z.string(),
      SubjectTable: z.string(),
      ObjectsBucket: z.string(),
      StagingBucket: z.string(),
      DerivedBucket: z.string(),
      LogKeys: z.string(),
      ExchangeSecretArn: z.string(),
    }),
  })
  .transform((outputs) => outputs[ledgerStack]);
export type Ledger = z.infer<typeof LedgerOutputs>;

const ExchangeOutputs = z
  .object({ [exchangeStack]: z.object({ ApiId: z.string(), ClockedFunctions: z.string() }) })
  .transform((outputs) => outputs[exchangeStack]);

/** The witnesses, each in an account of its own. */
const witnesses = [
  { name: 'w1', account: accountOf('111111111111') },
  { name: 'w2', account: accountOf('222222222222') },
] as const;

export type Deployed = {
  readonly ledger: Ledger;
  readonly logVkeys: readonly string[];
  readonly witnessPolicy: string;
  readonly apiId: string;
  /** The functions that EventBridge starts each minute. */
  readonly clocked: readonly string[];
};

type Options = {
  readonly origin: string;
  /** The setting `registryRoot`. */
  readonly registryRoot: string;
  readonly signal: AbortSignal;
  readonly say: Say;
  /** Gives an API an address. */
  readonly open: (api: EmulatedApi) => Promise<string>;
};

type Witness = { readonly name: string; readonly url: string; readonly vkey: string };

/** How a witness names itself to people and policies: `witness <name> <vkey>`. */
const witnessLine = /^witness (?<name>\S+) (?<vkey>\S+)$/m;

const deployWitness = async (
  cdk: Cdk,
  target: Target,
  { name, logs, open }: Pick<Options, 'open'> & { name: string; logs: readonly string[] },
): Promise<Witness> => {
  const stack = `estelam-witness-${name}`;
  const context = {
    environment: name,
    witnessName: `${name}.example/witness`,
    witnessLogs: logs.join(' '),
  };
  const app: CdkApp = { app: 'witness-app.ts', context };
  const outputs = await cdk.deploy(target, app, stack);
  const Outputs = z.object({ [stack]: z.object({ WitnessApiId: z.string() }) });
  const apiId = Outputs.parse(outputs)[stack]?.WitnessApiId ?? '';
  const url = await open({ ...target, apiId });
  const page = await (await fetch(`${url}/`)).text();
  const { vkey } = witnessLine.exec(page)?.groups ?? {};
  if (vkey === undefined) throw new Error(`The witness ${name} does not say its key:\n${page}`);
  return { name, url, vkey };
};

/** A tlog-policy by which all of them must have cosigned. */
const policyOf = (all: readonly Witness[]): string =>
  [
    ...all.map(({ name, vkey, url }) => `witness ${name} ${vkey} ${url}`),
    `group everybody all ${all.map(({ name }) => name).join(' ')}`,
    'quorum everybody',
  ].join('\n');

/**
 * Deploys the real stacks to the emulated AWS in the order that an operator does (docs/operations.md):
 * the ledger, whose keys make the log's name; the witnesses, who are told it; and the exchange, which
 * is told of them.
 */
export const deployStacks = async (
  endpoint: string,
  directory: string,
  { origin, registryRoot, signal, say, open }: Options,
): Promise<Deployed> => {
  const cdk = cdkIn(directory, { signal, say });
  const target = { endpoint, account: exchangeAccount };
  const context = { environment, origin, journalSlots };

  await cdk.bootstrap(target);
  const ledger = LedgerOutputs.parse(
    await cdk.deploy(target, { app: 'app.ts', context }, ledgerStack),
  );
  await keepJudgedStatements(target, ledger.ObjectsBucket);
  await keepJudgedStatements(target, ledger.StagingBucket);
  await keepJudgedStatements(target, ledger.DerivedBucket);
  await lockObjects(target, ledger.ObjectsBucket, 3_650);

  const keys = await Promise.all(
    ledger.LogKeys.split(' ').map((arn) => readPublicKey(target, arn)),
  );
  const { host } = new URL(origin);
  const logVkeys = keys.map((key, shard) => verifierKeyOf(`${host}/log/${String(shard)}`, key));

  const deployed = await Promise.all(
    witnesses.map(async ({ name, account }) => {
      await cdk.bootstrap({ endpoint, account });
      return deployWitness(cdk, { endpoint, account }, { name, logs: logVkeys, open });
    }),
  );
  const witnessPolicy = policyOf(deployed);
  const settings = {
    ...context,
    registryRoot,
    witnessPolicy: witnessPolicy.replaceAll('\n', ';'),
  };
  const { ApiId: apiId, ClockedFunctions: clocked } = ExchangeOutputs.parse(
    await cdk.deploy(target, { app: 'app.ts', context: settings }, exchangeStack),
  );
  return { ledger, logVkeys, witnessPolicy, apiId, clocked: clocked.split(' ') };
};
