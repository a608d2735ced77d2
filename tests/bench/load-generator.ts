/** Counters in a process of their own: each asks, waits for its answer, and asks again. */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { type Connected, ConnectOrder, LoadOrder, type LoadResult } from './load-order.ts';
import { inParallel } from './measure.ts';
import { identity, questions } from './questions.ts';
import { requestSigner } from './requests.ts';

const [keys = '', origin = ''] = process.argv.slice(2);
const sign = await requestSigner(keys, origin);
const { hostname, port } = new URL(origin);

const unlimited = Number.POSITIVE_INFINITY;
const agent = new Agent({ keepAlive: true, maxSockets: unlimited, maxFreeSockets: unlimited });

type Said = { readonly said: string; readonly answer?: string };

const Receipt = z.object({ leaf: z.string() });

/** The leaf hash in an answer, which begins with its receipt. */
const leafIn = (answer: string): string => {
  const payload = answer.split('.', 2)[1] ?? '';
  return Receipt.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())).leaf;
};

/** Posts a token; `ok` when a receipt came back, else the status or the code of the failure. */
const post = (token: string): Promise<Said> =>
  new Promise((resolve) => {
    const headers = {
      'Content-Type': 'application/sd-jwt',
      Accept: 'application/json',
      'Content-Length': token.length,
    };
    const options = { agent, hostname, port, method: 'POST', path: '/v1/inquiries', headers };
    const call = request(options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.on('error', () => resolve({ said: 'broken answer' }));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const good = answer.statusCode === 200 && text.startsWith('{"receipt":"');
        const problem = /problems\/([a-z-]+)/.exec(text)?.[1] ?? '';
        resolve(good ? { said: 'ok', answer: text } : { said: `${answer.statusCode} ${problem}` });
      });
    });
    call.on('error', (error) =>
      resolve({ said: 'code' in error ? String(error.code) : error.message }),
    );
    call.end(token);
  });

const generate = async (order: LoadOrder): Promise<LoadResult> => {
  const { concurrency, seconds, ask, perSecond } = order;
  const asked = ask === 'identity' ? [identity] : questions;
  const latencies: number[] = [];
  const failures = new Map<string, number>();
  const receipts: { readonly at: number; readonly leaf: string }[] = [];
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  let begun = 0;
  /** Waits for the turn of the next inquiry; whoever is behind begins at once. */
  const turn = async (): Promise<void> => {
    if (perSecond === undefined) return;
    const due = started + (begun * 1000) / perSecond;
    begun += 1;
    const early = due - performance.now();
    if (early > 0) await wait(early);
  };
  const counter = async (position: number): Promise<void> => {
    for (let n = position; performance.now() - started < seconds * 1000; n += 1) {
      await turn();
      // Just in time: the exchange takes a new id for ten seconds only.
      const { token } = await sign(asked[n % asked.length] ?? identity);
      const sent = performance.now();
      const { said, answer } = await post(token);
      latencies.push(performance.now() - sent);
      if (answer !== undefined && perSecond !== undefined) {
        receipts.push({ at: Date.now(), leaf: leafIn(answer) });
      }
      if (said !== 'ok') failures.set(said, (failures.get(said) ?? 0) + 1);
    }
  };
  await inParallel(concurrency, [...Array(concurrency).keys()], counter);
  const { user, system } = process.cpuUsage(cpuBefore);
  return {
    milliseconds: performance.now() - started,
    cpu: user + system,
    latencies,
    failures: Object.fromEntries(failures),
    receipts,
  };
};

/** Opens so many connections and keeps them. */
const connect = async ({ connections }: ConnectOrder): Promise<Connected> => {
  const knock = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const call = request({ agent, hostname, port, path: '/healthz' }, (answer) => {
        answer.resume().once('end', resolve);
      });
      call.once('error', reject).end();
    });
  await Promise.all(Array.from({ length: connections }, knock));
  return { connected: true };
};

const obey = async (message: unknown): Promise<void> => {
  const order = z.union([ConnectOrder, LoadOrder]).parse(message);
  process.send?.('connections' in order ? await connect(order) : await generate(order));
};

process.on('message', (message) => {
  obey(message).catch((error: unknown) => process.send?.({ failed: String(error) }));
});
process.once('disconnect', () => process.exit(0));
process.send?.({ ready: true });
