import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { toRfc3339 } from '../../kernel/instant-text.ts';
import type { JsonObject } from '../../kernel/strict-json.ts';
import { readCommandedEntries } from '../commanded-entries.ts';
import { jsonIn, payloadAs } from '../leaf-json.ts';

const newline = 0x0a;

const Asked = z.object({
  k: z.literal('i'),
  id: z.string(),
  t: Instant,
  dec: z.object({ effect: z.string(), rule: z.string() }),
  req: z.string(),
});

const Answered = z.object({ k: z.literal('o'), out: z.string(), ms: z.int() });

/** What the request of a counter, or of whoever asks for it, says in the clear. */
const Claims = z.object({
  iss: z.string(),
  inq: z.object({
    seq: z.int(),
    service: z.string(),
    purpose: z.string(),
    basis: z.string(),
    station: z.string(),
    presence: z.string(),
    for: z.string().optional(),
  }),
});

/** A change of the registry by a command. */
const Commanded = z.looseObject({
  v: z.literal(2),
  k: z.literal('registry'),
  n: z.int(),
  command: z.string(),
  entries: z.string(),
});

/** What a command says of itself; what it says to do with is not shown. */
const CommandSays = z.looseObject({ iss: z.string(), cmd: z.looseObject({ do: z.string() }) });

/** A statement of a counter or an agency, and what of it is shown. */
const Stated = z.looseObject({ k: z.literal('statement'), statement: z.string() });
const StatementSays = z.looseObject({ iss: z.string(), stm: z.looseObject({ day: z.string() }) });

const Stamped = z.looseObject({ k: z.string(), id: z.string().optional(), t: Instant });

/** Members that the view of a record has, and under which name the leaf has them. */
const shown: Readonly<Record<string, readonly (readonly [view: string, leaf: string])[]>> = {
  registry: [
    ['item', 'kind'],
    ['key', 'key'],
    ['version', 'n'],
  ],
  key: [['kid', 'kid']],
  config: [
    ['origin', 'origin'],
    ['shard', 'shard'],
    ['shards', 'shards'],
  ],
  late: [['leaf', 'leaf']],
  access: [
    ['by', 'by'],
    ['act', 'act'],
    ['n', 'n'],
    ['order', 'order'],
  ],
  erase: [
    ['by', 'by'],
    ['what', 'what'],
    ['n', 'n'],
  ],
  hold: [
    ['by', 'by'],
    ['order', 'order'],
    ['what', 'what'],
    ['held', 'kind'],
  ],
  census: [
    ['from', 'from'],
    ['to', 'to'],
    ['n', 'n'],
    ['root', 'root'],
  ],
  dispute: [
    ['inquiry', 'inquiry'],
    ['ground', 'ground'],
  ],
};

const unread: JsonObject = { kind: 'unread' };

/** The members stand in the order of their names: so it is spelt soonest (canonical-json.ts). */
const inquiryView = (first: Uint8Array, second: Uint8Array): JsonObject => {
  const asked = Asked.safeParse(jsonIn(first)).data;
  const answered = Answered.safeParse(jsonIn(second)).data;
  if (asked === undefined || answered === undefined) return unread;
  const { id, t, dec, req } = asked;
  const { effect, rule } = dec;
  const { ms, out: outcome } = answered;
  const [kind, time] = ['inquiry', toRfc3339(t)];
  const claims = payloadAs(req, Claims);
  if (claims === undefined) return { effect, id, kind, ms, outcome, rule, time };
  const { iss, inq } = claims;
  const { seq, service, purpose, basis, station, presence, for: counter = iss } = inq;
  return {
    agency: `agency:${service.split('/', 1)[0] ?? ''}`,
    basis,
    ...(counter !== iss && { by: iss }),
    counter,
    effect,
    id,
    kind,
    ms,
    outcome,
    presence,
    purpose,
    rule,
    seq,
    service,
    station,
    time,
  };
};

const commandView = ({ n, command, entries }: z.infer<typeof Commanded>): JsonObject => {
  const said = payloadAs(command, CommandSays);
  const changed = readCommandedEntries(entries);
  return {
    ...(said !== undefined && { do: said.cmd.do, iss: said.iss }),
    n,
    ...(changed !== undefined && {
      entries: changed.map(({ kind, key, version }) => ({ kind, key, version })),
    }),
  };
};

const statementView = (jws: string): JsonObject => {
  const said = payloadAs(jws, StatementSays);
  return said === undefined ? {} : { iss: said.iss, day: said.stm.day };
};

const recordView = (line: Uint8Array): JsonObject => {
  const json = jsonIn(line);
  const record = Stamped.safeParse(json).data;
  if (record === undefined) return unread;
  const { k: kind, id, t } = record;
  const common = { kind, ...(id !== undefined && { id }), time: toRfc3339(t) };
  const commanded = Commanded.safeParse(json).data;
  if (commanded !== undefined) return { ...common, ...commandView(commanded) };
  const stated = Stated.safeParse(json).data;
  if (stated !== undefined) return { ...common, ...statementView(stated.statement) };
  const details = (Object.hasOwn(shown, kind) ? (shown[kind] ?? []) : []).flatMap(
    ([name, member]): readonly (readonly [string, string | number])[] => {
      const value = record[member];
      return typeof value === 'string' || typeof value === 'number' ? [[name, value]] : [];
    },
  );
  return { ...common, ...Object.fromEntries(details) };
};

/**
 * What a leaf says, for a person to read: a pure function of its bytes, so that whoever has them can
 * derive it again. Times are ISO 8601, UTC. It holds nothing of a person, as the leaf holds nothing;
 * and it verifies nothing: leaves that have no form have the view `unread`.
 */
export const viewOf = (data: Uint8Array): JsonObject => {
  const first = data.indexOf(newline);
  if (first < 1 || data.at(-1) !== newline) return unread;
  const line = data.subarray(0, first);
  return first === data.length - 1
    ? recordView(line)
    : inquiryView(line, data.subarray(first + 1, -1));
};
