type Loaded = (...values: readonly unknown[]) => unknown;

const isFunction = (value: unknown): value is Loaded => typeof value === 'function';

/** A function of functions/runtime: found by its path, as the handlers are. */
const load = async (file: string, name: string): Promise<Loaded> => {
  const path = new URL(`../../functions/runtime/${file}`, import.meta.url);
  const module: unknown = await import(path.href);
  const found = Object.entries(typeof module === 'object' && module !== null ? module : {});
  const value: unknown = found.find(([exported]) => exported === name)?.[1];
  if (!isFunction(value)) throw new TypeError(`functions/runtime/${file} has no ${name}.`);
  return value;
};

/** The tables of an installation on one machine. */
export const tables = {
  JOURNAL_TABLE: 'estelam-journal',
  REGISTRY_TABLE: 'estelam-registry',
  LOG_TABLE: 'estelam-log',
  SIGNER_TABLE: 'estelam-signer',
  INDEX_TABLE: 'estelam-index',
  TRANSIENT_TABLE: 'estelam-transient',
  SUBJECT_TABLE: 'estelam-subject',
};

/** Throws an error that names what the functions cannot be started with. */
export const checkVariables = async (
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
  (await load('env.ts', 'readEnv'))(variables);
};

/**
 * Makes the tables where they are missing. `variables` are the exchange's own environment. Throws an
 * error that names the store when it cannot be used.
 */
export const ensureTables = async (
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
  const env = (await load('env.ts', 'readEnv'))(variables);
  const call = (await load('dynamo/client.ts', 'dynamoClient'))(env);
  const ensureTable = await load('dynamo/tables.ts', 'ensureTable');
  try {
    for (const table of Object.values(tables)) await ensureTable(call, table);
  } catch (cause) {
    const where = variables['DYNAMODB_ENDPOINT'] ?? '';
    const said = `The store at ${where} cannot be used; is it running and DynamoDB-compatible?`;
    throw new Error(said, { cause });
  }
};
