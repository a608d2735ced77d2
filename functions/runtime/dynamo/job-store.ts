import { canonicalObject } from '#shared/kernel/canonical-object.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { type Job, type JobStore, jobText, sameJob } from '#shared/oversight/job-store.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { type Item, number, readNumber, readText, text } from './item.ts';
import { type Condition, getItem, nothingStands, putIf } from './put-if.ts';
import { queryAll } from './query-all.ts';

export type JobSettings = {
  readonly table: string;
  /** What the jobs are about: each kind has a partition of its own. */
  readonly kind: string;
  readonly now: Clock;
};

/** u: until when it is kept, in milliseconds; x: the same for the store, in seconds; j: the state. */
const toJob = (item: Item): Job => {
  const state = canonicalObject(readText(item, 'j'));
  if (state === undefined) throw new TypeError('The state of a job is not as it was put.');
  return {
    id: readText(item, 'sk'),
    version: readNumber(item, 'n'),
    state,
    until: readNumber(item, 'u'),
  };
};

const stands = (version: number): Condition =>
  version === 0 ? nothingStands : { expression: 'n = :n', values: { ':n': number(version) } };

/** Jobs in a DynamoDB-compatible table: one item a job, found by the order of their ids. */
export const dynamoJobStore = (call: AwsJsonCall, { table, kind, now }: JobSettings): JobStore => {
  const put = putIf(call, table);
  const get = getItem(call, table);
  const pk = text(`JOB#${kind}`);
  const isKept = ({ until }: Job): boolean => until > now();
  return {
    read: async (id) => {
      const item = await get({ pk, sk: text(id) });
      const job = item === undefined ? undefined : toJob(item);
      return job !== undefined && isKept(job) ? job : undefined;
    },
    list: async () => {
      const items = await queryAll(call, {
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
      });
      return items.map(toJob).filter(isKept);
    },
    swap: async (next) => {
      const { id, version, until } = next;
      const item = {
        pk,
        sk: text(id),
        n: number(version),
        j: text(jobText(next)),
        u: number(until),
        x: number(Math.ceil(until / 1000)),
      };
      const answer = await put(item, stands(version - 1));
      if (answer === 'written') return 'written';
      const standing = answer.standing === undefined ? undefined : toJob(answer.standing);
      return sameJob(standing, next) ? 'written' : { standing };
    },
  };
};
