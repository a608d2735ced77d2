import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { leafData } from '#shared/audit/leaf.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import type { HoldKeys } from '#shared/inquiry/hold-keys.ts';
import type { Agencies } from '#shared/inquiry/ports.ts';
import { abandonedAfter } from '#shared/inquiry/settle-again.ts';
import type { Settled } from '#shared/inquiry/settled.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { ForwardClaims } from '#shared/message/claims.ts';
import { jwsPart } from '#shared/message/framing.ts';
import {
  makeExchange,
  outcomeOf,
  payloadOf,
  receiptOf,
  recordsOf,
  type TestExchange,
} from '#tests/support/exchange.ts';
import { withInquiry } from '#tests/support/messages.ts';
import { makeTurns, type Turns } from './turns.ts';

/** What a client does: `first` and `replay` send the very same token, and so do all `stolen`. */
const sending = ['first', 'first', 'replay', 'retry', 'retry', 'stolen', 'conflict'] as const;
type Sending = (typeof sending)[number];

type Client = { readonly inquiry: number; readonly sends: Sending };

const client: fc.Arbitrary<Client> = fc.record({
  inquiry: fc.nat({ max: 1 }),
  sends: fc.constantFrom(...sending),
});

/** One inquiry and its retry, and whoever comes as well. */
const clients = fc
  .array(client, { maxLength: 7 })
  .map((more): readonly Client[] => [
    { inquiry: 0, sends: 'first' },
    { inquiry: 0, sends: 'retry' },
    { inquiry: 0, sends: 'stolen' },
    { inquiry: 0, sends: 'stolen' },
    ...more,
  ]);

/** Numbers below a bound, one after the other out of a list that begins again at its end. */
const drawing = (list: readonly number[]): ((below: number) => number) => {
  let at = 0;
  return (below) => {
    at += 1;
    return ((list[at % list.length] ?? 0) + at) % below;
  };
};

type Troubles = {
  readonly turns: Turns;
  readonly draw: (below: number) => number;
  /** Ends a process for ever at the place where it stands. */
  readonly crash: () => Promise<never>;
};

const away = (): Promise<never> => Promise.reject(new Problem('store-unavailable', 'Away.'));

/** A call that waits for its turn, and then works, is lost, is kept in silence, or is the last one. */
const troubled = async <Result>(
  { turns, draw, crash }: Troubles,
  effect: () => Promise<Result>,
): Promise<Result> => {
  await turns.turn();
  const fate = draw(24);
  if (fate === 0) return away();
  if (fate === 1) return crash();
  const result = await effect();
  if (fate === 2) return away();
  if (fate === 3) return crash();
  await turns.turn();
  return result;
};

const troubledJournal = (store: JournalStore, troubles: Troubles): JournalStore => ({
  ...store,
  putIntent: (address, row) => troubled(troubles, () => store.putIntent(address, row)),
  putOutcome: (address, row) => troubled(troubles, () => store.putOutcome(address, row)),
  read: (address) => troubled(troubles, () => store.read(address)),
  useRetry: (address, row) => troubled(troubles, () => store.useRetry(address, row)),
});

/** Their store works beside the agency and the outcome, so a key takes no turn of its own. */
const troubledKeys = (keys: HoldKeys, { draw }: Troubles): HoldKeys => ({
  keyUntil: async (until) => (draw(5) === 0 ? undefined : keys.keyUntil(until)),
  keyOf: async (until) => (draw(12) === 0 ? away() : keys.keyOf(until)),
});

/** Everything that was seen from outside during one run. */
type Witnessed = {
  /** Each agency call: the inquiry, and whether its intent was durable. */
  readonly asked: { readonly id: string; readonly durable: boolean }[];
  /** Each answer or receipt that a client got, and the token that it was for. */
  readonly released: { readonly text: string; readonly settled: Settled }[];
  readonly refused: string[];
};

const watchedAgencies = (
  test: TestExchange,
  texts: readonly string[],
  { turns, draw }: Troubles,
  seen: Witnessed,
): Agencies => ({
  ask: async (call) => {
    await turns.turn();
    const id = ForwardClaims.parse(payloadOf(call.token)).inq_id;
    const text = texts.find((one) => test.addressOf(one).id === id) ?? '';
    const durable = test.journal.rows(test.addressOf(text)).intent !== undefined;
    seen.asked.push({ id, durable });
    if (draw(6) === 0) return { kind: 'timeout' };
    const reply = await test.agencies.agencies.ask(call);
    await turns.turn();
    return reply;
  },
});

const run = async (
  all: readonly Client[],
  list: readonly number[],
): Promise<Witnessed & { readonly steps: number }> => {
  const test = await makeExchange();
  const draw = drawing(list);
  const turns = makeTurns(draw);
  const texts = [await test.request(), await test.request()];
  // A retry's token that somebody copied, one for each inquiry.
  const stolen = await Promise.all(texts.map((text) => test.retry(text)));
  const seen: Witnessed = { asked: [], released: [], refused: [] };

  const mint = async ({ inquiry, sends }: Client): Promise<string> => {
    const text = texts[inquiry] ?? '';
    if (sends === 'retry') return test.retry(text);
    if (sends === 'stolen') return stolen[inquiry] ?? '';
    if (sends === 'conflict') return test.retry(text, { claims: withInquiry({ seq: 7 }) });
    return text;
  };

  const send = async (one: Client): Promise<void> => {
    await turns.turn();
    // Time passes most often before a retry: that is how a process becomes a zombie.
    if (draw(one.sends === 'retry' ? 2 : 20) === 0) test.clock.advance(abandonedAfter);
    const dead = Promise.withResolvers<'crashed'>();
    const crash = (): Promise<never> => {
      dead.resolve('crashed');
      return new Promise(() => undefined);
    };
    const troubles = { turns, draw, crash };
    const { submit } = test.restart({
      holdKeys: troubledKeys(test.exchange.holdKeys, troubles),
      journal: troubledJournal(test.journal.store, troubles),
      agencies: watchedAgencies(test, texts, troubles, seen),
    });
    const text = await mint(one);
    const ended = await Promise.race([submit(text).catch((error: unknown) => error), dead.promise]);
    if (ended === 'crashed') return;
    if (ended instanceof Problem) seen.refused.push(ended.name);
    else if (isSettled(ended)) keep(test, text, ended);
    else throw new Error('A bug, not a problem.', { cause: ended });
  };

  const keep = (exchange: TestExchange, text: string, settled: Settled): void => {
    seen.released.push({ text, settled });
    expectDurable(exchange, text, settled);
  };

  all.forEach((one) => turns.start(() => send(one)));
  await turns.ended();

  // Whatever happened: a calm process closes what was left open, and contradicts nobody.
  test.clock.advance(abandonedAfter);
  for (const text of texts) {
    const fresh = await test.retry(text);
    const ended = await test.submit(fresh).catch((error: unknown) => error);
    if (isSettled(ended)) keep(test, fresh, ended);
    else expect(ended).toMatchObject({ name: expectedRefusal(test, text) });
  }
  return { ...seen, steps: turns.taken() };
};

/** Why a retry cannot be settled at the end: nobody was first, or a `conflict` was. */
const expectedRefusal = ({ journal, addressOf }: TestExchange, text: string): string => {
  const { intent } = recordsOf(journal, addressOf(text));
  if (intent === '') return 'stale-inquiry';
  const inquiry = payloadOf(InquiryAsked.parse(JSON.parse(intent)).req)['inq'];
  return JSON.stringify(inquiry).includes('"seq":7') ? 'reference-conflict' : 'nothing';
};

const isSettled = (ended: unknown): ended is Settled =>
  typeof ended === 'object' && ended !== null && 'facts' in ended && 'receipt' in ended;

/** (b) What is released stands in the journal, word for word. */
const expectDurable = (
  { journal, addressOf }: TestExchange,
  text: string,
  { receipt, answer, facts }: Settled,
): void => {
  const records = recordsOf(journal, addressOf(text));
  const outcome = outcomeOf(journal, addressOf(text));
  const said = receiptOf(receipt);
  expect(said.leaf).toBe(toBase64Url(leafHash(leafData(records.intent, records.outcome))));
  expect([said.outcome, facts.outcome]).toEqual([outcome.out, outcome.out]);
  if (answer !== undefined) expect(jwsPart(answer)).toBe(outcome.res);
};

/** (a), (c) and (d) over everything that was seen. */
const expectInvariants = ({ asked, released }: Witnessed): void => {
  expect(asked.filter(({ durable }) => !durable)).toEqual([]);
  expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
  const leaves = Map.groupBy(released, ({ settled }) => receiptOf(settled.receipt).inq_id);
  for (const [, told] of leaves) {
    expect(new Set(told.map(({ settled }) => receiptOf(settled.receipt).leaf)).size).toBe(1);
  }
  const withData = released.filter(({ settled }) => settled.answer !== undefined);
  expect(new Set(withData.map(({ text }) => text)).size).toBe(withData.length);
};

describe('any interleaving of clients, processes and faults', () => {
  it('keeps the invariants of the journal', async () => {
    const tally = new Map<string, number>();
    const count = (what: string, by = 1): void => {
      tally.set(what, (tally.get(what) ?? 0) + by);
    };
    await fc.assert(
      fc.asyncProperty(
        clients,
        fc.array(fc.nat({ max: 1000 }), { minLength: 40, maxLength: 80 }),
        async (all, list) => {
          const seen = await run(all, list);
          expectInvariants(seen);
          count('steps', seen.steps);
          seen.refused.forEach((name) => count(name));
          for (const { settled } of seen.released) {
            count(settled.facts.outcome);
            if (settled.facts.retry && settled.answer !== undefined) count('answered again');
            if (!settled.facts.retry && settled.facts.outcome === 'ABORTED') count('zombie');
          }
        },
      ),
      { numRuns: 220 },
    );
    // A run that met none of these would prove nothing.
    const wanted = [
      'FOUND',
      'TIMEOUT',
      'ABORTED',
      'answered again',
      'zombie',
      'replayed',
      'reference-conflict',
      'rate-limited',
      'store-unavailable',
    ];
    expect(wanted.filter((what) => !tally.has(what))).toEqual([]);
    expect(tally.get('steps') ?? 0).toBeGreaterThan(2000);
  });

  it('is drawn by the list alone, so that a failure can be run again', async () => {
    const all: readonly Client[] = [
      { inquiry: 0, sends: 'first' },
      { inquiry: 0, sends: 'replay' },
      { inquiry: 0, sends: 'retry' },
      { inquiry: 1, sends: 'first' },
    ];
    const list = Array.from({ length: 60 }, (_, index) => index * 31);
    const shape = ({
      asked,
      released,
      refused,
      steps,
    }: Awaited<ReturnType<typeof run>>): object => ({
      asked: asked.length,
      released: released.map(({ settled }) => settled.facts.outcome),
      refused,
      steps,
    });
    expect(shape(await run(all, list))).toEqual(shape(await run(all, list)));
  });
});
