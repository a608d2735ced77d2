/** Counters that ask and ask, through kills and restarts, and keep what they were told. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { participantKey } from '#infra/local/keys.ts';
import type { CheckedReceipt } from '#shared/client/check-reply.ts';
import { type ExchangeClient, exchangeClient } from '#shared/client/exchange-client.ts';
import type { Draft } from '#shared/client/sign-request.ts';
import { services } from '#tests/e2e/questions.ts';

const tills = [
  { participant: 'counter:72110345', station: 'till-1', algorithm: 'ES256' },
  { participant: 'counter:72110345', station: 'till-2', algorithm: 'ES256' },
  { participant: 'counter:72110346', station: 'till-1', algorithm: 'Ed25519' },
  { participant: 'counter:72110346', station: 'till-2', algorithm: 'Ed25519' },
] as const;

/** How often a till asks in one round: a batch is waited for by time, and a fast machine would ask thousands. */
const mostOfRound = 40;

export type Acknowledged = { readonly client: ExchangeClient; readonly receipt: CheckedReceipt };

export type Load = {
  /** Everything that was acknowledged so far. */
  readonly receipts: () => readonly Acknowledged[];
  /** Lets all tills ask until `stop` is called, which resolves when the last of them has given up. */
  readonly begin: () => { readonly stop: () => Promise<void>; readonly failed: Promise<never> };
};

type Till = (signal: AbortSignal) => Promise<void>;

/** Whatever is on its way when the round ends is given up, and asked for again in the next. */
const makeTill = (
  client: ExchangeClient,
  station: string,
  keep: (receipt: CheckedReceipt) => void,
): Till => {
  let seq = 0;
  let unsettled: Draft | undefined;
  const next = (): Draft => {
    const { yes, no } = services[seq % services.length] ?? { yes: undefined, no: undefined };
    const question = seq % 2 === 0 ? yes : no;
    if (question === undefined) throw new Error('There is nothing to ask.');
    seq += 1;
    return client.draft({
      ...question,
      station,
      seq,
      basis: 'civil-code-1.12',
      presence: 'in-person',
      case: `1405/${seq}`,
      operator: 'operator-7',
    });
  };
  return async (signal) => {
    for (let asked = 0; !signal.aborted; asked += 1) {
      if (asked === mostOfRound) {
        await once(signal, 'abort');
        return;
      }
      unsettled ??= next();
      try {
        const result = await client.send(unsettled);
        if (result.kind === 'lost') continue;
        unsettled = undefined;
        if (result.receipt !== undefined) keep(result.receipt);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  };
};

export const makeLoad = async (keys: string, origin: string): Promise<Load> => {
  let round = new AbortController();
  const receipts: Acknowledged[] = [];
  const makeClient = async ({ participant, algorithm }: (typeof tills)[number]) =>
    exchangeClient({
      baseUrl: origin,
      origin,
      participant,
      signer: await participantKey(keys, participant, algorithm),
      fetch: async (url, call) => {
        const signals = [round.signal, ...(call.signal === undefined ? [] : [call.signal])];
        return fetch(url, { ...call, signal: AbortSignal.any(signals) });
      },
      wait: (milliseconds) => wait(milliseconds, undefined, { signal: round.signal }),
      now: Date.now,
      random: (length) => randomBytes(length),
    });
  const all = await Promise.all(
    tills.map(async (one) => {
      const client = await makeClient(one);
      return makeTill(client, one.station, (receipt) => receipts.push({ client, receipt }));
    }),
  );
  return {
    receipts: () => receipts,
    begin: () => {
      round = new AbortController();
      const { signal } = round;
      const working = Promise.all(all.map((till) => till(signal)));
      const failed = working.then(() => new Promise<never>(() => undefined));
      failed.catch(() => undefined);
      return {
        failed,
        stop: async () => {
          round.abort();
          await working;
          round = new AbortController();
        },
      };
    },
  };
};
