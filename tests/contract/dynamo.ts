/** Tables of DynamoDB-compatible stores for the contract suites. */
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { readEnv } from '#functions/runtime/env.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';

/** A new table in the store, and the client to reach it. */
export type NewTable = () => Promise<{ readonly call: AwsJsonCall; readonly table: string }>;

type Suite = (storeName: string, newTable: NewTable) => void;

const tablesAt =
  (endpoint: () => string): NewTable =>
  async () => {
    const table = `contract-${crypto.randomUUID()}`;
    const env = readEnv({
      ...process.env,
      ESTELAM_ORIGIN: 'https://exchange.example',
      ESTELAM_SECRET_FILE: 'unused',
      JOURNAL_TABLE: table,
      REGISTRY_TABLE: table,
      DYNAMODB_ENDPOINT: endpoint(),
    });
    const call = dynamoClient(env);
    await ensureTable(call, table);
    return { call, table };
  };

const skippedSuite = (name: string, reason: string): void => {
  describe(`over ${name}`, () => {
    it('keeps the contract', ({ skip }) => {
      skip(reason);
    });
  });
};

const embedded = (suite: Suite): void => {
  const name = 'the embedded store';
  if (findStoreBinary() === undefined) {
    skippedSuite(name, 'the embedded store has no binary for this machine: install @dynoxide');
    return;
  }
  describe(`over ${name}`, () => {
    let store: Store | undefined;
    beforeAll(async () => {
      store = await startStore({});
    });
    afterAll(async () => {
      await store?.close();
    });
    suite(
      name,
      tablesAt(() => {
        if (store === undefined) throw new Error('The embedded store is not started.');
        return store.endpoint;
      }),
    );
  });
};

const named = (suite: Suite): void => {
  const name = 'the store of ESTELAM_TEST_DYNAMODB_ENDPOINT';
  const endpoint = process.env['ESTELAM_TEST_DYNAMODB_ENDPOINT'];
  if (endpoint === undefined) {
    skippedSuite(name, 'ESTELAM_TEST_DYNAMODB_ENDPOINT names no store');
    return;
  }
  suite(
    name,
    tablesAt(() => endpoint),
  );
};

/** Runs a suite against the embedded store and against the one that the environment names. */
export const onEveryDynamo = (suite: Suite): void => {
  embedded(suite);
  named(suite);
};
