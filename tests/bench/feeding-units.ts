import * as z from 'zod';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoIndexMarks } from '#functions/runtime/dynamo/index-marks.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { dynamoLogIndex } from '#functions/runtime/dynamo/log-index.ts';
import { dynamoSubjectIndex } from '#functions/runtime/dynamo/subject-index.ts';
import { ensureTable } from '#functions/runtime/dynamo/tables.ts';
import { startStore } from '#infra/local/store.ts';
import { bucketLength } from '#shared/audit/address.ts';
import { feedIndex } from '#shared/audit/feed-index.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import { feedEntries } from '#shared/oversight/feeding/feed-entries.ts';
import { provinceThen } from '#shared/oversight/feeding/province-then.ts';
import { serviceInputs } from '#shared/oversight/feeding/service-inputs.ts';
import type { FeedingLog } from './feeding-log.ts';
import { inParallel } from './measure.ts';

const tables = ['journal', 'subject', 'index'] as const;
type TableName = (typeof tables)[number];

/** Capacity units as the store reports them, by table; NaN where it reports none. */
export type Units = Readonly<
  Record<TableName, { readonly writes: number; readonly reads: number }>
>;

export type FeedingUnits = {
  /** Of what the requests wrote: intents, and outcomes with what is held. */
  readonly asked: Units;
  /** Of what feeding both indexes wrote and read. */
  readonly fed: Units;
  /** Objects that were put, and their bytes. */
  readonly objects: number;
  readonly objectBytes: number;
};

const Answer = z.looseObject({
  ConsumedCapacity: z.looseObject({ CapacityUnits: z.number() }).optional(),
});
const Input = z.looseObject({ TableName: z.string() });

const noUnits = (): Record<TableName, { writes: number; reads: number }> => ({
  journal: { writes: 0, reads: 0 },
  subject: { writes: 0, reads: 0 },
  index: { writes: 0, reads: 0 },
});

/** Asks the store what each call consumed, and adds it up. */
const weighing = (call: AwsJsonCall) => {
  let units = noUnits();
  const weighed: AwsJsonCall = async (operation, input) => {
    const output = await call(operation, { ...input, ReturnConsumedCapacity: 'TOTAL' });
    const { TableName } = Input.parse(input);
    const name = tables.find((one) => one === TableName);
    const consumed = Answer.parse(output).ConsumedCapacity?.CapacityUnits ?? Number.NaN;
    if (name !== undefined)
      units[name][/^Put|^Delete/.test(operation) ? 'writes' : 'reads'] += consumed;
    return output;
  };
  const take = (): Units => {
    const taken = units;
    units = noUnits();
    return taken;
  };
  return { call: weighed, take };
};

/** What inquiries of one bucket consume of the embedded store, in their requests and behind them. */
export const measureUnits = async (log: FeedingLog): Promise<FeedingUnits> => {
  const store = await startStore({});
  try {
    const { call, take } = weighing(
      dynamoClient({
        DYNAMODB_ENDPOINT: store.endpoint,
        AWS_REGION: 'local',
        AWS_ACCESS_KEY_ID: 'local',
        AWS_SECRET_ACCESS_KEY: 'local',
        LOG_LEVEL: 'ERROR',
      }),
    );
    const plain = dynamoClient({
      DYNAMODB_ENDPOINT: store.endpoint,
      AWS_REGION: 'local',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      LOG_LEVEL: 'ERROR',
    });
    for (const table of tables) await ensureTable(plain, table);
    const journal = dynamoJournalStore(call, 'journal');
    await inParallel(32, log.rows, async ({ address, intent, outcome }) => {
      await journal.putIntent(address, intent);
      // What a request discloses is as long as what is answered.
      const hold = { vault: intent.vault, until: (address.bucket + 1) * bucketLength };
      await journal.putOutcome(address, { ...outcome, hold });
    });
    const asked = take();
    log.publish(log.rows.length);
    const derived = memoryObjectStore();
    const index = dynamoLogIndex(call, 'index');
    const { layout } = log.settings;
    const places = feedIndex({ objects: log.objects.store, index, layout }, 0);
    while ((await places()).more);
    const entries = feedEntries(
      {
        objects: log.objects.store,
        derived: derived.store,
        journal,
        subjects: dynamoSubjectIndex(call, 'subject'),
        marks: dynamoIndexMarks(call, 'index'),
        heads: { read: async () => undefined },
        province: provinceThen(log.registry.store),
        inputs: serviceInputs(log.registry.store),
        settings: log.settings,
      },
      0,
    );
    while ((await entries()).more);
    const objectBytes = [...derived.dump().values()].reduce((sum, one) => sum + one.length, 0);
    return { asked, fed: take(), objects: derived.faults.calls('replace'), objectBytes };
  } finally {
    await store.close();
  }
};
