import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as publishOpenData } from '#functions/publish-open-data/handler.ts';
import { answers } from '#functions/read-open-data/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import { loadIndexing } from '#functions/runtime/log/indexing.ts';
import { clocked } from '#functions/runtime/log/invoked.ts';
import { scheduled } from '#functions/runtime/log/scheduled.ts';
import { loadSequencing } from '#functions/runtime/log/sequencing.ts';
import { loadOpenDataPublishing, loadOpenDataReading } from '#functions/runtime/open-data.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import type { RouteName } from '#shared/api/routes.ts';
import { type Asked, eventFor } from '../unit/runtime/events.ts';
import { type LogSite, startLogSite } from './log-site.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';
const hour = 3_600_000;

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Sequences and indexes all that was asked. */
const settle = async (site: LogSite): Promise<void> => {
  site.pass(25_000);
  await scheduled(loadSequencing, site.start())({ seconds: 0 });
  await scheduled(loadIndexing, site.start())({ seconds: 0 });
};

const read = (site: LogSite, name: RouteName, asked: Asked = {}) =>
  serve(() => ({
    answers: answers(() => loadOpenDataReading(site.env)),
    observe: { outcome: () => undefined, bug: () => undefined },
  }))(eventFor(name, asked));

const textOf = ({ body = '' }: { readonly body?: string | undefined }): string =>
  Buffer.from(body, 'base64').toString('utf8');

describe('publish-open-data', () => {
  it('publishes a day when its time has come, and read-open-data serves it', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '');
    await site.ask(12);
    await settle(site);
    const publish = clocked(loadOpenDataPublishing, site.start());
    expect(await publish({})).toEqual({ days: 0 });

    site.pass(72 * hour);
    await site.ask(1);
    await settle(site);
    expect(await publish({})).toEqual({ days: 1 });
    expect(await publish({})).toEqual({ days: 0 });
    expect(site.told.events).toContainEqual(['open-data', { days: 1, last: '2027-01-15' }]);
    expect(site.told.failures).toEqual([]);

    const days = await read(site, 'listOpenData');
    expect(JSON.parse(textOf(days))).toMatchObject({ days: ['2027-01-15'] });
    const day = await read(site, 'readOpenData', { path: { day: '2027-01-15' } });
    expect(day.headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'public, max-age=31536000, immutable',
    });
    expect(JSON.parse(textOf(day))).toMatchObject({ day: '2027-01-15', total: 10 });
    const csv = await read(site, 'readOpenData', { path: { day: '2027-01-15.csv' } });
    expect(csv.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' });
    expect(textOf(csv)).toContain('all,all,,,10');
    const headers = { 'if-none-match': String(day.headers?.['etag']) };
    const again = await read(site, 'readOpenData', { path: { day: '2027-01-15' }, headers });
    expect(again.statusCode).toBe(304);
    const other = await read(site, 'readOpenData', { path: { day: '2027-01-16' } });
    expect(other.statusCode).toBe(404);
  });

  it('fails where the index cannot be read, so that its alarm knows', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '');
    const away = { ...site.env, DYNAMODB_ENDPOINT: 'http://127.0.0.1:9' };
    const publish = clocked(loadOpenDataPublishing, site.start({ env: away }));
    await expect(publish({})).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(site.told.failures).toHaveLength(1);
  });

  it('is what Lambda starts', async ({ skip }) => {
    skip(missing, reason);
    await using site = await startLogSite(store?.endpoint ?? '');
    for (const [name, value] of Object.entries(site.variables)) vi.stubEnv(name, value);
    expect(await publishOpenData({})).toEqual({ days: 0 });
  });
});
