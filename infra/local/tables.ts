import { loadFunction } from './load-function.ts';

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
  (await loadFunction('env.ts', 'readEnv'))(variables);
};

/**
 * Makes the tables where they are missing. `variables` are the exchange's own environment. Throws an
 * error that names the store when it cannot be used.
 */
export const ensureTables = async (
  variables: Readonly<Record<string, string | undefined>>,
): Promise<void> => {
  const env = (await loadFunction('env.ts', 'readEnv'))(variables);
  const call = (await loadFunction('dynamo/client.ts', 'dynamoClient'))(env);
  const ensureTable = await loadFunction('dynamo/tables.ts', 'ensureTable');
  try {
    for (const table of Object.values(tables)) await ensureTable(call, table);
  } catch (cause) {
    const where = variables['DYNAMODB_ENDPOINT'] ?? '';
    const said = `The store at ${where} cannot be used; is it running and DynamoDB-compatible?`;
    throw new Error(said, { cause });
  }
};
