import type { FunctionName } from '../shared/api/routes.ts';

/** Functions of the log, which no route names: they run by the clock, or are invoked by one another. */
export type LogFunctionName = 'sequence-log' | 'sign-checkpoint' | 'publish-log' | 'index-log';

/** Functions of the registry that run by the clock. */
export type RegistryClockName = 'settle-registry' | 'rotate-key';

/** Functions of oversight that run by the clock. */
export type OversightClockName =
  | 'publish-open-data'
  | 'run-exports'
  | 'run-erasures'
  | 'take-census';

/** Every function of the exchange. */
export type ExchangeFunctionName =
  | FunctionName
  | LogFunctionName
  | RegistryClockName
  | OversightClockName;

/**
 * Kept short on purpose: no scan, no batch write, no transaction is ever needed, and a delete only
 * where a person is forgotten, in the table `subject`.
 */
export type TableAction =
  | 'GetItem'
  | 'BatchGetItem'
  | 'PutItem'
  | 'Query'
  | 'UpdateItem'
  | 'DeleteItem';
export const tableNames = [
  'journal',
  'registry',
  'log',
  'signer',
  'index',
  'transient',
  'subject',
] as const;
export type TableName = (typeof tableNames)[number];

/**
 * What stands in a bucket stays, or is replaced under a condition; only what was made for somebody, and is
 * kept for a time, is deleted.
 */
export const objectActions = ['GetObject', 'PutObject', 'DeleteObject'] as const;
export type ObjectAction = (typeof objectActions)[number];
export const bucketNames = ['objects', 'staging', 'derived'] as const;
export type BucketName = (typeof bucketNames)[number];

export type LogKeyAction = 'Sign' | 'GetPublicKey';

export type Grant = {
  readonly tables: Readonly<Partial<Record<TableName, readonly TableAction[]>>>;
  /** For each bucket and action the keys, where `*` stands for any characters, `/` too. */
  readonly buckets?: Readonly<
    Partial<Record<BucketName, Readonly<Partial<Record<ObjectAction, readonly string[]>>>>>
  >;
  /** What it may do with the keys that sign the log. */
  readonly logKeys?: readonly LogKeyAction[];
  readonly invokes?: readonly LogFunctionName[];
  /** Whether it may read the exchange's secret. */
  readonly secret: boolean;
};

/**
 * Who may touch what, and how: the whole of it. What a function is not granted it is not told of
 * either: its environment is made from its row.
 *
 * `read-well-known` and `submit-inquiry` may put to the registry because the exchange's first signing
 * key is made by whoever needs it first, and to the journal because that is a record of the log;
 * those that follow are made by `rotate-key`. Whoever signs queries the registry for these keys.
 * `submit-inquiry` puts and gets there also the keys under which it holds answers.
 * `read-audit` and `read-log` put to the journal that somebody reads, before they show it; `read-audit`
 * counts in `transient` how often a key was refused.
 * `export-audit` puts on record what is exported, and takes the jobs that `run-exports` makes.
 * `run-command` puts to both what a command changes, and its leaf before it.
 * `take-statement` marks in the index which days are stated, before the leaf of each; `read-subject`
 * which inquiries are disputed.
 * `open-facts` counts in `transient` how often a reader searches and opens, and puts each on record.
 * The first two look at how the log stands: at its head, and at what a quorum has cosigned of it.
 * The sequencer writes tiles but no checkpoint, the publisher checkpoints but no tile.
 * `run-erasures` empties rows of the journal and of what can be made again, and deletes rows of subjects;
 * it withdraws exports that hold what it erases, and removes their parts, as `run-exports` does with those
 * whose time is over; it puts to the journal what was erased, and `erase-facts` which holds were placed.
 * `take-census` keeps in the index what it counted, and sets that of entries back where it differs.
 * `index-log` takes rows of subjects out again that were erased while it put them.
 */
export const grants = {
  'submit-inquiry': {
    tables: {
      journal: ['GetItem', 'PutItem', 'Query'],
      registry: ['GetItem', 'BatchGetItem', 'PutItem', 'Query'],
      log: ['GetItem'],
      transient: ['PutItem', 'UpdateItem'],
    },
    buckets: { objects: { GetObject: ['cosigned/*'] } },
    logKeys: ['GetPublicKey'],
    secret: true,
  },
  'run-command': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem', 'BatchGetItem', 'PutItem', 'Query'],
    },
    secret: true,
  },
  'take-statement': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem'],
      index: ['GetItem', 'PutItem'],
    },
    secret: true,
  },
  'read-inquiry': {
    tables: { journal: ['Query'], registry: ['GetItem', 'Query'], index: ['Query'] },
    buckets: { objects: { GetObject: ['log/*', 'cosigned/*'] } },
    logKeys: ['GetPublicKey'],
    secret: true,
  },
  'read-diagnosis': {
    tables: {
      journal: ['Query'],
      registry: ['GetItem', 'BatchGetItem'],
      log: ['GetItem'],
      transient: ['GetItem', 'BatchGetItem'],
    },
    buckets: { objects: { GetObject: ['cosigned/*'] } },
    logKeys: ['GetPublicKey'],
    secret: true,
  },
  'read-catalogue': {
    tables: { registry: ['GetItem', 'BatchGetItem', 'Query'] },
    secret: true,
  },
  'read-registry': {
    tables: { registry: ['GetItem', 'BatchGetItem', 'Query'] },
    secret: true,
  },
  'read-usage': {
    tables: { registry: ['GetItem', 'BatchGetItem', 'Query'], transient: ['BatchGetItem'] },
    secret: true,
  },
  'read-audit': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem'],
      index: ['GetItem', 'Query'],
      transient: ['UpdateItem'],
    },
    buckets: { objects: { GetObject: ['log/*'] }, derived: { GetObject: ['index/*'] } },
    secret: true,
  },
  'export-audit': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem', 'Query'],
      index: ['GetItem', 'Query'],
      transient: ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem'],
    },
    buckets: {
      objects: { GetObject: ['log/*', 'cosigned/*'] },
      derived: { GetObject: ['index/*', 'vault/*', 'export/*'], PutObject: ['export/*'] },
    },
    logKeys: ['GetPublicKey'],
    secret: true,
  },
  'read-subject': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem', 'BatchGetItem', 'Query'],
      index: ['GetItem', 'BatchGetItem', 'PutItem', 'Query'],
      transient: ['UpdateItem'],
      subject: ['Query'],
    },
    buckets: { objects: { GetObject: ['log/*'] } },
    secret: true,
  },
  'open-facts': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem'],
      index: ['GetItem', 'Query'],
      transient: ['BatchGetItem', 'UpdateItem'],
      subject: ['Query'],
    },
    buckets: {
      objects: { GetObject: ['log/*'] },
      derived: { GetObject: ['index/*', 'vault/*'] },
    },
    secret: true,
  },
  'erase-facts': {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem'],
      subject: ['GetItem', 'PutItem', 'Query'],
    },
    secret: true,
  },
  reconcile: {
    tables: {
      journal: ['PutItem', 'Query'],
      registry: ['GetItem'],
      index: ['GetItem'],
      transient: ['UpdateItem'],
    },
    buckets: { objects: { GetObject: ['log/*'] }, derived: { GetObject: ['index/*'] } },
    secret: true,
  },
  'read-open-data': {
    tables: {},
    buckets: { derived: { GetObject: ['open-data/*'] } },
    secret: false,
  },
  'read-well-known': {
    tables: {
      journal: ['PutItem'],
      registry: ['GetItem', 'PutItem', 'Query'],
      log: ['GetItem'],
    },
    buckets: { objects: { GetObject: ['cosigned/*'] } },
    logKeys: ['GetPublicKey'],
    secret: true,
  },
  'read-log': {
    tables: { journal: ['PutItem'], registry: ['GetItem'], transient: ['UpdateItem'] },
    buckets: { objects: { GetObject: ['log/*', 'cosigned/*'] } },
    logKeys: ['GetPublicKey'],
    secret: true,
  },
  'sequence-log': {
    tables: { journal: ['PutItem', 'Query'], log: ['GetItem', 'PutItem'] },
    buckets: {
      objects: { GetObject: ['log/*'], PutObject: ['log/*/tile/*'] },
      staging: { GetObject: ['staging/*'], PutObject: ['staging/*'] },
    },
    invokes: ['sign-checkpoint', 'publish-log'],
    secret: false,
  },
  'sign-checkpoint': {
    tables: { signer: ['GetItem', 'PutItem'] },
    logKeys: ['Sign', 'GetPublicKey'],
    secret: false,
  },
  'publish-log': {
    tables: {},
    buckets: {
      objects: {
        GetObject: ['log/*', 'cosigned/*'],
        PutObject: ['log/*/checkpoint', 'cosigned/*'],
      },
    },
    logKeys: ['GetPublicKey'],
    secret: false,
  },
  'settle-registry': {
    tables: { journal: ['PutItem', 'Query'], registry: ['GetItem', 'PutItem'] },
    secret: true,
  },
  'rotate-key': {
    tables: { journal: ['PutItem', 'Query'], registry: ['GetItem', 'PutItem', 'Query'] },
    secret: true,
  },
  'run-exports': {
    tables: { registry: ['Query'], transient: ['GetItem', 'PutItem', 'Query'] },
    buckets: {
      objects: { GetObject: ['log/*'] },
      derived: {
        GetObject: ['export/*'],
        PutObject: ['export/*'],
        DeleteObject: ['export/*'],
      },
    },
    secret: true,
  },
  'run-erasures': {
    tables: {
      journal: ['PutItem', 'Query', 'UpdateItem'],
      registry: ['Query'],
      log: ['GetItem'],
      index: ['GetItem'],
      transient: ['GetItem', 'PutItem', 'Query'],
      subject: ['GetItem', 'PutItem', 'Query', 'DeleteItem'],
    },
    buckets: {
      derived: {
        GetObject: ['index/*', 'vault/*'],
        PutObject: ['index/*', 'vault/*'],
        DeleteObject: ['export/*'],
      },
    },
    secret: true,
  },
  'take-census': {
    tables: { journal: ['PutItem', 'Query'], index: ['GetItem', 'PutItem'] },
    buckets: { objects: { GetObject: ['log/*'] }, derived: { GetObject: ['index/*'] } },
    secret: true,
  },
  'publish-open-data': {
    tables: { index: ['GetItem'] },
    buckets: {
      derived: { GetObject: ['index/*', 'open-data/*'], PutObject: ['open-data/*'] },
    },
    secret: false,
  },
  'index-log': {
    tables: {
      journal: ['Query'],
      registry: ['Query'],
      index: ['GetItem', 'PutItem', 'Query'],
      log: ['GetItem'],
      subject: ['PutItem', 'DeleteItem'],
    },
    buckets: {
      objects: { GetObject: ['log/*', 'cosigned/*'] },
      derived: { GetObject: ['index/*', 'vault/*'], PutObject: ['index/*', 'vault/*'] },
    },
    secret: true,
  },
} as const satisfies Record<ExchangeFunctionName, Grant>;

/** The row of a function, as wide as a row can be. */
export const grantOf = (name: ExchangeFunctionName): Grant => grants[name];
