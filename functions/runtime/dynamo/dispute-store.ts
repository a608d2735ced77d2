import { timeOf } from '#shared/kernel/id.ts';
import {
  Dispute,
  type DisputeMark,
  type DisputeStore,
  dayOf,
  sameMark,
} from '#shared/oversight/subject/dispute-store.ts';
import type { AwsJsonCall } from '../aws-json.ts';
import { batchGet } from './batch-get.ts';
import { type Item, number, readNumber, readText, text } from './item.ts';
import { type Condition, nothingStands, putIf, putItem } from './put-if.ts';
import { queryAll } from './query-all.ts';

const sides = [undefined, true] as const;

const markKey = (inquiry: string, named: Dispute['named']): Item => ({
  pk: text(`I#${inquiry}`),
  sk: text(named === undefined ? 'dispute' : 'dispute-named'),
});
const dayKey = (day: string): Item[string] => text(`D#${day}`);

/**
 * i: the inquiry; l: the leaf; g: the ground; c, a, s, p: its counter, agency, service and province;
 * m: 1 where it is of one whom the inquiry named.
 */
const attributesOf = ({
  inquiry,
  leaf,
  ground,
  counter,
  agency,
  service,
  province,
  named,
}: Dispute) => ({
  i: text(inquiry),
  l: text(leaf),
  g: text(ground),
  c: text(counter),
  a: text(agency),
  s: text(service),
  ...(province !== undefined && { p: text(province) }),
  ...(named && { m: number(1) }),
});

const toDispute = (item: Item): Dispute =>
  Dispute.parse({
    inquiry: readText(item, 'i'),
    leaf: readText(item, 'l'),
    ground: readText(item, 'g'),
    counter: readText(item, 'c'),
    agency: readText(item, 'a'),
    service: readText(item, 's'),
    ...(item['p'] !== undefined && { province: readText(item, 'p') }),
    ...(item['m'] !== undefined && { named: true }),
  });

/** r: 1 once the leaf is on record and the dispute is listed. */
const toMark = (item: Item): DisputeMark => ({
  ...toDispute(item),
  recorded: readNumber(item, 'r') === 1,
});

/** Of what stands only the leaf and `r` ever change. */
const stands = ({ leaf, recorded }: DisputeMark): Condition => ({
  expression: 'l = :l AND r = :r',
  values: { ':l': text(leaf), ':r': number(recorded ? 1 : 0) },
});

/** Disputes in the index table: an item an inquiry, and one for those who read a day. */
export const dynamoDisputeStore = (call: AwsJsonCall, table: string): DisputeStore => {
  const put = putIf(call, table);
  const putPlainly = putItem(call, table);
  const getAll = batchGet(call, table);
  return {
    findAll: async (inquiries) => {
      const found = sides.map((named) => getAll(inquiries.map((one) => markKey(one, named))));
      return (await Promise.all(found)).flat().map(toMark);
    },
    compareAndSwap: async (expected, next) => {
      const item = {
        ...markKey(next.inquiry, next.named),
        ...attributesOf(next),
        r: number(next.recorded ? 1 : 0),
      };
      const answer = await put(item, expected === undefined ? nothingStands : stands(expected));
      if (answer === 'written') return 'written';
      const standing = answer.standing === undefined ? undefined : toMark(answer.standing);
      return sameMark(standing, next) ? 'written' : { standing };
    },
    publish: async (dispute) => {
      const pk = dayKey(dayOf(timeOf(dispute.leaf)));
      await putPlainly({ pk, sk: text(dispute.leaf), ...attributesOf(dispute) });
    },
    list: async (day, { after, limit }) => {
      const items = await queryAll(call, {
        TableName: table,
        KeyConditionExpression: `pk = :pk${after === undefined ? '' : ' AND sk > :after'}`,
        ExpressionAttributeValues: {
          ':pk': dayKey(day),
          ...(after !== undefined && { ':after': text(after) }),
        },
        Limit: limit,
      });
      return items.map(toDispute);
    },
  };
};
