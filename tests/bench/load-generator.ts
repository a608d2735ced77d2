/** Counters in a process of their own: each asks, waits for its answer, and asks again. */
import { Agent, request } from 'node:http';
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

/** Posts a token; `ok` when a receipt came back, else the status or the code of the failure. */
const post = (token: string): Promise<string> =>
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
      answer.on('error', () => resolve('broken answer'));
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString('latin1');
        const good = answer.statusCode === 200 && text.startsWith('{"receipt":"');
        resolve(
          good ? 'ok' : `${answer.statusCode} ${/problems\/([a-z-]+)/.exec(text)?.[1] ?? ''}`,
        );
      });
    });
    call.on('error', (error) => resolve('code' in error ? String(error.code) : error.message));
    call.end(token);
  });

const generate = async ({ concurrency, seconds, ask }: LoadOrder): Promise<LoadResult> => {
  const asked = ask === 'identity' ? [identity] : questions;
  const latencies: number[] = [];
  const failures = new Map<string, number>();
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const counter = async (position: number): Promise<void> => {
    for (let n = position; performance.now() - started < seconds * 1000; n += 1) {
      // Just in time: the exchange takes a new id for ten seconds only.
      const { token } = await sign(asked[n % asked.length] ?? identity);
      const sent = performance.now();
      const said = await post(token);
      latencies.push(performance.now() - sent);
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
