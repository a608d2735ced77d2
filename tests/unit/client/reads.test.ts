import { describe, expect, it } from 'vitest';
import { authorize } from '#shared/api/authorize.ts';
import { routes } from '#shared/api/routes.ts';
import { targetOf } from '#shared/client/route.ts';
import { readServerTiming } from '#shared/client/server-timing.ts';
import { directoryOf, registered } from '../../support/messages.ts';
import { question, replyOf, wire } from './exchange-transport.ts';

describe('a read', () => {
  it('of the open routes carries no token', async () => {
    const { client, sent } = await wire();
    expect((await client.listServices()).map(({ ref }) => ref)).toContain(question.service);
    expect(await client.readService('civil-registry', 'identity')).toHaveLength(1);
    expect(await client.requirements()).toMatchObject({ id: 'exchange:estelam' });
    expect((await client.keys()).map(({ owner }) => owner)).toEqual(['exchange:estelam']);
    expect(sent.filter(({ call }) => 'authorization' in call.headers)).toEqual([]);
  });

  it('of its own inquiry carries a token for this very URL, which the exchange accepts', async () => {
    const { client, sent, test } = await wire();
    const { inqId } = await client.ask(question);
    await client.readInquiry(inqId);
    const read = sent.find(({ url }) => url.includes('/v1/inquiries/'));
    const [route] = routes.filter(({ name }) => name === 'readInquiry');
    const keyOf = directoryOf([await registered(test.keys.counter)]);
    const audience = 'https://exchange.example';
    const admitted = authorize(
      read?.call.headers['authorization'],
      route ?? { roles: [] },
      { method: 'GET', path: `/v1/inquiries/${inqId}`, query: '' },
      { audience, keyOf, now: test.clock.now, isActive: async () => true },
    );
    expect(await admitted).toBe('counter:72110345');
  });

  it('that is refused says why', async () => {
    const { client } = await wire();
    await expect(client.readService('nobody', 'nothing')).rejects.toMatchObject({
      name: 'ReadRefused',
      problem: { name: 'not-found', status: 404 },
    });
  });

  it('comes back after a lost connection, and throws when there is none at all', async () => {
    const flaky = await wire((_, honest, nth) =>
      nth === 1 ? Promise.reject(new TypeError('fetch failed')) : honest(),
    );
    expect(await flaky.client.listServices()).not.toEqual([]);
    expect(flaky.pauses).toHaveLength(1);
    const dead = await wire(() => Promise.reject(new TypeError('fetch failed')));
    await expect(dead.client.listServices()).rejects.toThrow('The exchange was not reached.');
  });

  it('of the journal follows the cursor to its end', async () => {
    const pages = [
      { entries: [{ id: 'a' }, { id: 'b' }], next: '1.2.' },
      { entries: [], next: '1.3.' },
      { entries: [{ id: 'c' }] },
    ];
    const { client, sent } = await wire((_sent, _honest, nth) =>
      Promise.resolve(replyOf(200, pages[nth - 1] ?? {})),
    );
    const filter = { from: '2027-01-15T00:00:00Z', to: '2027-01-16T00:00:00Z', outcome: undefined };
    const ids: unknown[] = [];
    for await (const { id } of client.auditEntries(filter)) ids.push(id);
    expect(ids).toEqual(['a', 'b', 'c']);
    const cursors = sent.map(({ url }) => new URL(url).searchParams.get('cursor'));
    expect(cursors).toEqual([null, '1.2.', '1.3.']);
  });
});

describe('the address of a route', () => {
  it('escapes what it is filled with', () => {
    expect(targetOf('readService', { agency: 'a/b', name: 'c?d' })).toBe(
      '/v1/services/a%2Fb/c%3Fd',
    );
  });

  it('keeps the slashes of what takes many segments, and escapes the rest', () => {
    expect(targetOf('readTile', { shard: '0', tile: '0/x001/2 4.p/5' })).toBe(
      '/log/0/tile/0/x001/2%204.p/5',
    );
  });

  it('holds the query that was given', () => {
    expect(targetOf('listAuditEntries', {}, { limit: 5, from: '2027-01-15T00:00:00+03:30' })).toBe(
      '/v1/audit/entries?limit=5&from=2027-01-15T00%3A00%3A00%2B03%3A30',
    );
  });
});

describe('Server-Timing', () => {
  it.each([
    [null, []],
    ['', []],
    ['cache', []],
    [
      'db;dur=53, app;desc="x";dur=47.2',
      [
        { name: 'db', duration: 53 },
        { name: 'app', duration: 47.2 },
      ],
    ],
  ])('%j', (field, steps) => {
    expect(readServerTiming(field)).toEqual(steps);
  });
});
