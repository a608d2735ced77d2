import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ExportAccess, exportAccess } from '#shared/client/audit-export.ts';
import type { Call, Reply } from '#shared/client/transport.ts';
import { concat, sha256Url, utf8 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { linkTime, partLink, readPartLink } from '#shared/oversight/exports/export-link.ts';
import { payloadOf } from '#tests/support/exchange.ts';
import { makeKey, testNow } from '#tests/support/messages.ts';
import { replyOf } from './exchange-transport.ts';

const origin = 'https://exchange.example';
const key = Buffer.alloc(32, 5);
const auditor = await makeKey('ES256', 'auditor:one');
const pieces = ['head ', 'lines one ', 'lines two ', 'tail'].map(utf8);
const size = concat(...pieces).length;

type Sent = { readonly url: string; readonly call: Call };

/** An exchange that has one export, done after a few looks; `disturb` comes before what it answers. */
const stageOf = (
  disturb: (sent: Sent, nth: number) => Reply | undefined | Promise<never> = () => undefined,
  { looks = 3, change = {} }: { readonly looks?: number; readonly change?: object } = {},
) => {
  let time = testNow;
  let looked = 0;
  const sent: Sent[] = [];
  const pauses: number[] = [];
  const told = (id: string, isDone: boolean) => ({
    id,
    state: isDone ? 'done' : 'running',
    done: looked,
    total: looks,
    rows: 7,
    bytes: size,
    parts: isDone ? pieces.length : 2,
    until: '2027-01-22T08:00:00.000Z',
    ...(isDone && {
      links: pieces.map((_, part) => {
        const expires = Math.floor(time / 1000) + linkTime;
        return origin + partLink(key, { id: InquiryId.parse(id), part, expires });
      }),
    }),
    ...change,
  });
  const answer = ({ url, call: { method, body } }: Sent): Reply => {
    const { pathname, searchParams } = new URL(url);
    const [, id = '', part = ''] = /exports(?:\/([^/]+))?(?:\/parts\/(.+))?$/.exec(pathname) ?? [];
    if (method === 'POST') {
      const { id: made } = z.looseObject({ id: z.string() }).parse(JSON.parse(body ?? ''));
      return replyOf(202, told(made, false));
    }
    if (part === '') {
      looked += 1;
      return replyOf(200, told(id, looked >= looks));
    }
    try {
      const query = Object.fromEntries(searchParams);
      const linked = readPartLink(key, { path: { id, part }, query, now: time });
      return replyOf(200, Buffer.from(pieces[linked.part] ?? utf8('')).toString('utf8'));
    } catch {
      const type = 'https://docs.estelam.example/problems/link-invalid';
      return replyOf(403, { type, title: 'x', status: 403, detail: 'x', instance: 'r' });
    }
  };
  const client: ExportAccess = exportAccess(
    {
      baseUrl: 'http://127.0.0.1:1',
      origin,
      headers: { host: 'exchange.example' },
      timeout: 1000,
      wait: async (milliseconds) => {
        pauses.push(milliseconds);
        time += milliseconds;
      },
      fetch: async (url, call) => {
        sent.push({ url, call });
        return (await disturb({ url, call }, sent.length)) ?? answer({ url, call });
      },
    },
    {
      participant: auditor.owner,
      signer: auditor.signer,
      now: () => time,
      random: (length) => randomBytes(length),
    },
  );
  return {
    client,
    sent,
    pauses,
    advance: (milliseconds: number) => {
      time += milliseconds;
    },
  };
};

type Stage = ReturnType<typeof stageOf>;

const fetched = async ({ client }: Stage, from?: number): Promise<string> => {
  const { id } = await client.ask({ range: {} });
  const parts: Uint8Array[] = [];
  for await (const { bytes } of client.download(await client.wait(id), from)) parts.push(bytes);
  return Buffer.from(concat(...parts)).toString('utf8');
};

const whole = pieces.map((piece) => Buffer.from(piece).toString('utf8')).join('');

describe('a client that takes an export', () => {
  it('asks, looks until it is done, and fetches the parts in their order', async () => {
    const stage = stageOf();
    expect(await fetched(stage)).toBe(whole);
    expect(stage.pauses).toEqual([500, 750]);
    const [asked, ...others] = stage.sent;
    expect(asked?.call.method).toBe('POST');
    const token = asked?.call.headers['authorization']?.slice('Bearer '.length) ?? '';
    expect(payloadOf(token)).toMatchObject({
      htu: `${origin}/v1/audit/exports`,
      body_s256: sha256Url(asked?.call.body ?? ''),
    });
    const ofParts = others.filter(({ url }) => url.includes('/parts/'));
    expect(ofParts.map(({ call }) => call.headers['authorization'])).toEqual(
      Array(4).fill(undefined),
    );
    expect(ofParts.every(({ url }) => url.startsWith('http://127.0.0.1:1/v1/audit/'))).toBe(true);
  });

  it('asks for the same export when an answer was lost', async () => {
    const stage = stageOf((_, nth) => (nth === 1 ? Promise.reject(new Error('lost')) : undefined));
    const { id } = await stage.client.ask({ filter: { counter: 'counter:1' }, reason: 'why not' });
    const bodies = stage.sent.map(({ call }) => call.body);
    expect(new Set(bodies).size).toBe(1);
    expect(JSON.parse(bodies[0] ?? '')).toEqual({
      id,
      filter: { counter: 'counter:1' },
      reason: 'why not',
    });
  });

  it('tells how far it is, with longer and longer pauses', async () => {
    const stage = stageOf(undefined, { looks: 12 });
    const { id } = await stage.client.ask({ range: {} });
    const seen: number[] = [];
    await stage.client.wait(id, ({ done }) => seen.push(done));
    expect(seen).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
    expect(stage.pauses.at(-1)).toBe(10_000);
    expect(stage.pauses).toEqual(stage.pauses.toSorted((a, b) => a - b));
  });

  it('goes on with the parts that are still to come', async () => {
    expect(await fetched(stageOf(), 2)).toBe('lines two tail');
  });

  it.each([
    ['is lost', () => Promise.reject(new Error('lost'))],
    ['is told to come back', () => replyOf(503, { type: 'x' }, { 'retry-after': '1' })],
  ] as const)('fetches a part again when it %s', async (_, broken) => {
    let left = 2;
    const stage = stageOf(({ url }) => {
      if (!url.includes('/parts/1') || left === 0) return undefined;
      left -= 1;
      return broken();
    });
    expect(await fetched(stage)).toBe(whole);
  });

  it('gives up on a part that never comes', async () => {
    const stage = stageOf(({ url }) =>
      url.includes('/parts/1') ? Promise.reject(new Error('lost')) : undefined,
    );
    await expect(fetched(stage)).rejects.toThrow('The exchange was not reached.');
    expect(stage.sent.filter(({ url }) => url.includes('/parts/1'))).toHaveLength(5);
  });

  it('asks for new links once the time of the old ones is over', async () => {
    const stage = stageOf();
    const { id } = await stage.client.ask({ range: {} });
    const status = await stage.client.wait(id);
    stage.advance(linkTime * 1000);
    const parts: number[] = [];
    for await (const { part } of stage.client.download(status)) parts.push(part);
    expect(parts).toEqual([0, 1, 2, 3]);
    expect(stage.sent.filter(({ url }) => url.endsWith(id))).toHaveLength(4);
  });

  it('throws why when the export is withdrawn while it is fetched', async () => {
    const gone = (url: string): Reply | undefined => {
      const problem = { name: 'erased', detail: 'A person was erased.' };
      const id = /exports\/([^/]+)/.exec(url)?.[1] ?? '';
      const none = { done: 1, total: 1, rows: 1, bytes: 1, parts: 4, until: 'x' };
      if (!url.includes('/parts/')) return replyOf(200, { id, state: 'failed', problem, ...none });
      const type = 'https://docs.estelam.example/problems/not-found';
      return replyOf(404, { type, title: 'x', status: 404, detail: 'x', instance: 'r' });
    };
    let isGone = false;
    const stage = stageOf(({ url }) => {
      isGone ||= url.includes('/parts/2');
      return isGone ? gone(url) : undefined;
    });
    await expect(fetched(stage)).rejects.toMatchObject({
      name: 'ExportFailed',
      message: 'A person was erased.',
    });
  });

  it('throws why an export failed', async () => {
    const problem = { name: 'too-large', detail: 'Cut the range.' };
    const stage = stageOf(undefined, { change: { state: 'failed', problem } });
    const { id } = await stage.client.ask({ range: {} });
    const failed = { name: 'ExportFailed', message: 'Cut the range.' };
    await expect(stage.client.wait(id)).rejects.toMatchObject(failed);
    const { download } = stage.client;
    await expect(download(await stage.client.read(id)).next()).rejects.toMatchObject(failed);
  });

  it.each([
    ['of another export', { id: 'another' }],
    ['of no form', { parts: -1 }],
    ['with fewer links', { links: [] }],
    ['with links that lead elsewhere', { links: Array(4).fill('https://attacker.example/v1/x') }],
    [
      'with links to other addresses of the exchange',
      { links: Array(4).fill(`${origin}/v1/inquiries?x=1`) },
    ],
    ['with fewer bytes than it says', { bytes: size + 1 }],
  ])('does not believe an answer %s', async (_, change) => {
    const stage = stageOf(undefined, { change, looks: 1 });
    await expect(fetched(stage)).rejects.toMatchObject({ name: 'UntrustedReply' });
    expect(
      stage.sent.some(({ url }) => url.includes('attacker') || url.includes('inquiries')),
    ).toBe(false);
  });
});
