import { gunzipSync } from 'node:zlib';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers } from '#functions/read-log/handler.ts';
import { serve } from '#functions/runtime/http.ts';
import type { Result } from '#functions/runtime/reply.ts';
import { parseLogAddress } from '#shared/api/log-address.ts';
import type { RouteName } from '#shared/api/routes.ts';
import { checkpointKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { formatPolicy, keysOf, parsePolicy } from '#shared/audit/tlog/policy.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import type { Exchange, ExchangeSettings } from '#shared/inquiry/exchange.ts';
import { memoryMeterStore } from '#shared/inquiry/memory-meter-store.ts';
import { noteAccess } from '#shared/oversight/note-access.ts';
import {
  makeExchange,
  sampleEntries,
  type TestExchange,
  testKeys,
} from '#tests/support/exchange.ts';
import { buildAccess, makeKey, type TestKey, testNow } from '#tests/support/messages.ts';
import { agencyOf, keyEntryOf } from '#tests/support/registry.ts';
import { eventFor } from '../runtime/events.ts';

const origin = 'https://exchange.example';

type LogRoute = Extract<RouteName, 'readCheckpoint' | 'readTile' | 'readEntries' | 'readPolicy'>;

/** Somebody asks for an address that the gateway has routed. */
const ask = async (
  exchange: Exchange,
  name: LogRoute,
  rawPath: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<Result> => {
  const observe = { outcome: () => {}, bug: () => {} };
  const { store: meters } = memoryMeterStore();
  const reading = { ...exchange, meters, noteAccess: noteAccess(exchange) };
  const handle = serve(() => ({ answers: answers(async () => reading), observe }));
  const event = eventFor(name, { headers });
  return handle({ ...event, rawPath });
};

const bytesOf = ({ body = '', isBase64Encoded }: Result): Buffer =>
  Buffer.from(body, isBase64Encoded === true ? 'base64' : 'utf8');

type Stage = TestExchange & { readonly auditor: TestKey };

/** A log of two entries, and an auditor who takes part, unless it is said otherwise. */
const published = async (
  settings: Partial<ExchangeSettings> = {},
  standing: { readonly status?: string } = {},
): Promise<Stage> => {
  const auditor = await makeKey('ES256', 'auditor:one');
  const registry = [
    ...sampleEntries(await testKeys()),
    keyEntryOf(auditor, { notAfter: testNow * 2 }),
    agencyOf(auditor.owner, standing),
  ];
  const test = await makeExchange({ registry, settings });
  await test.submit(await test.request());
  await test.log.sequence();
  return { ...test, auditor };
};

const tokenFor = async (
  { clock, auditor }: Stage,
  path: string,
  key: TestKey = auditor,
): Promise<Readonly<Record<string, string>>> => {
  const bound = { audience: origin, htm: 'GET', htu: origin + path } as const;
  return { authorization: `Bearer ${await buildAccess({ key, now: clock.now(), ...bound })}` };
};

const bundle = '/log/0/tile/entries/000.p/2';
const tile = '/log/0/tile/0/000.p/2';

describe('a file of the log', () => {
  it('is the checkpoint: text, for a few seconds', async () => {
    const { exchange, log } = await published();
    const result = await ask(exchange, 'readCheckpoint', '/log/0/checkpoint');
    expect(result).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'public, max-age=2',
        vary: 'accept-encoding',
      },
    });
    const opened = openCheckpoint(bytesOf(result), keysOf(log.policy));
    expect(opened?.checkpoint).toMatchObject({ origin: 'exchange.example/log/0', size: 2n });
  });

  it('is a tile: bytes, for ever', async () => {
    const { exchange, log } = await published();
    const result = await ask(exchange, 'readTile', tile);
    expect(result).toMatchObject({
      statusCode: 200,
      headers: {
        'content-type': 'application/octet-stream',
        'cache-control': 'public, max-age=31536000, immutable',
      },
    });
    const standing = log.objects.dump().get(logKey(0, 'tile/0/000.p/2')) ?? new Uint8Array();
    expect(bytesOf(result).equals(standing)).toBe(true);
  });

  it.each([
    ['auditors', 'private'],
    ['public', 'public'],
  ] as const)('is a bundle: for %s, cached by %s caches', async (logEntries, caches) => {
    const stage = await published({ logEntries });
    const headers = logEntries === 'public' ? {} : await tokenFor(stage, bundle);
    const result = await ask(stage.exchange, 'readEntries', bundle, headers);
    expect(result).toMatchObject({
      statusCode: 200,
      headers: { 'cache-control': `${caches}, max-age=31536000, immutable` },
    });
    expect(bytesOf(result).toString('latin1')).toContain('"k":"config"');
  });

  it('is not there: 404, which nobody keeps', async () => {
    const stage = await published();
    const missing = [
      ['readTile', '/log/0/tile/0/000'],
      ['readTile', '/log/0/tile/0/000.p/1'],
      ['readTile', '/log/0/tile/1/000.p/1'],
      ['readTile', '/log/0/tile/63/x008/999.p/255'],
      ['readTile', '/log/1/tile/0/000.p/2'],
      ['readCheckpoint', '/log/1/checkpoint'],
      ['readCheckpoint', '/log/9999/checkpoint'],
    ] as const;
    for (const [name, path] of missing) {
      const { statusCode, headers } = await ask(stage.exchange, name, path);
      expect([path, statusCode, headers?.['cache-control']]).toEqual([path, 404, 'no-store']);
    }
  });

  it('is of a log of this exchange, whatever else stands in the store', async () => {
    const { exchange, log } = await published();
    log.objects.overwrite(checkpointKey(1), new Uint8Array(1));
    expect((await ask(exchange, 'readCheckpoint', '/log/1/checkpoint')).statusCode).toBe(404);
  });

  it('is a partial tile that stays beside the full one, or is gone', async () => {
    const { exchange, log } = await published();
    log.objects.overwrite(logKey(0, tilePath({ level: 0, index: 0, width: 2 })), undefined);
    log.objects.overwrite(logKey(0, 'tile/0/000'), new Uint8Array(8192));
    expect((await ask(exchange, 'readTile', tile)).statusCode).toBe(404);
    expect((await ask(exchange, 'readTile', '/log/0/tile/0/000')).statusCode).toBe(200);
  });

  it.each(['not-persisted', 'unacknowledged'] as const)(
    'is 503 while the store is broken (%s)',
    async (fault) => {
      const { exchange, log } = await published();
      log.objects.faults.breakCall('get', fault);
      const { statusCode, body, headers } = await ask(exchange, 'readTile', tile);
      expect(statusCode).toBe(503);
      expect(body).toContain('store-unavailable');
      expect(headers?.['cache-control']).toBe('no-store');
    },
  );
});

describe('who may read entries', () => {
  it.each(['counter', 'agency', 'registrar', 'guild', 'exchange'])('a %s may not', async (role) => {
    const auditor = await makeKey('ES256', `${role}:one`);
    const registry = [keyEntryOf(auditor, { notAfter: testNow * 2 })];
    const test = await makeExchange({ registry });
    await test.log.sequence();
    const stage = { ...test, auditor };
    const headers = await tokenFor(stage, '/log/0/tile/entries/000.p/1');
    const path = '/log/0/tile/entries/000.p/1';
    const { statusCode, body } = await ask(stage.exchange, 'readEntries', path, headers);
    expect([statusCode, body?.includes('wrong-role')]).toEqual([403, true]);
  });

  it('nobody without a token, who is not even told what there is', async () => {
    const { exchange } = await published();
    for (const path of [bundle, '/log/0/tile/entries/999', '/log/7/tile/entries/000', '/x']) {
      const { statusCode, headers } = await ask(exchange, 'readEntries', path);
      expect([statusCode, headers?.['www-authenticate']]).toEqual([401, 'Bearer']);
    }
  });

  it('an auditor with a token for another bundle may not', async () => {
    const stage = await published();
    const headers = await tokenFor(stage, '/log/0/tile/entries/001');
    const { statusCode } = await ask(stage.exchange, 'readEntries', bundle, headers);
    expect(statusCode).toBe(401);
  });

  it.each(['suspended', 'left'])('an auditor who is %s may not', async (status) => {
    const stage = await published({}, { status });
    const result = await ask(stage.exchange, 'readEntries', bundle, await tokenFor(stage, bundle));
    expect(result.statusCode).toBe(403);
  });

  it('an auditor is told that a bundle is not there', async () => {
    const stage = await published();
    const path = '/log/0/tile/entries/001';
    const headers = await tokenFor(stage, path);
    expect((await ask(stage.exchange, 'readEntries', path, headers)).statusCode).toBe(404);
  });

  it('no entry comes by another route than its own', async () => {
    const stage = await published();
    for (const name of ['readTile', 'readCheckpoint'] as const) {
      expect((await ask(stage.exchange, name, bundle)).statusCode).toBe(404);
    }
    const headers = await tokenFor(stage, tile);
    expect((await ask(stage.exchange, 'readEntries', tile, headers)).statusCode).toBe(404);
    const cosigned = await ask(stage.exchange, 'readTile', '/log/0/checkpoint');
    expect(cosigned.statusCode).toBe(404);
  });
});

describe('an address', () => {
  const hostile = [
    '/log/0/tile/../checkpoint',
    '/log/0/../0/checkpoint',
    '/log/0/tile/0/../entries/000.p/2',
    '/log/0/tile/%65ntries/000.p/2',
    '/log/0/tile/%2e%2e/checkpoint',
    '/log/0/tile/0/000%2ep/2',
    '/log/0/tile/0%2F000.p/2',
    '/log/0/tile/0/000.p%2f2',
    '/log/0%2ftile/0/000.p/2',
    '/log/00/tile/0/000.p/2',
    '/log/-0/tile/0/000.p/2',
    '/log/+0/tile/0/000.p/2',
    '/log/0x0/tile/0/000.p/2',
    '/log/0.0/tile/0/000.p/2',
    '/log//tile/0/000.p/2',
    '/log/18446744073709551616/tile/0/000.p/2',
    '/log/0/tile/00/000.p/2',
    '/log/0/tile/0/0.p/2',
    '/log/0/tile/0/0000.p/2',
    '/log/0/tile/0/x000/000.p/2',
    '/log/0/tile/0/000.p/02',
    '/log/0/tile/0/000.p/0',
    '/log/0/tile/0/000.p/256',
    '/log/0/tile/0/000.p/257',
    '/log/0/tile/0/000.p/2/',
    '/log/0/tile/0/000.p/',
    '/log/0/tile/0/000.p',
    '/log/0/tile/0/000.P/2',
    '/log/0/tile/0/000.p/2.p/2',
    '/log/0/tile//0/000.p/2',
    '/log/0/tile/64/000.p/2',
    '/log/0/tile/255/000.p/2',
    '/log/0/tile/-1/000.p/2',
    '/log/0/tile/entries',
    '/log/0/tile/data/000.p/2',
    '/log/0/tile/0/x999/x999/x999/x999/x999/x999/999',
    '/log/0/tile/0/x123/x456/x789/x123/x456/x789/000',
    '/log/0/tile/0/000.p/2?x=1',
    '/log/0/tile/0/000.p/2#x',
    '/log/0/tile/0/000.p/2\n',
    '/log/0/tile/0/000.p/2\0',
    '/log/0/tile/0/٠٠٠.p/2',
    '/log/٠/tile/0/000.p/2',
    'log/0/tile/0/000.p/2',
    '//log/0/tile/0/000.p/2',
    '/LOG/0/tile/0/000.p/2',
    '/log/0/TILE/0/000.p/2',
    '/log/0/tile\\0\\000.p\\2',
    '/log/0/checkpoint/',
    '/log/0/checkpoint.p/1',
    '/log/0/staging/2',
    '/cosigned/0/checkpoint',
    '',
  ];

  it.each(hostile)('%j is not found, and no object is asked for', async (path) => {
    const { exchange, log } = await makeExchange();
    for (const name of ['readTile', 'readCheckpoint'] as const) {
      expect((await ask(exchange, name, path)).statusCode).toBe(404);
    }
    expect(log.objects.faults.calls('get')).toBe(0);
  });

  it('is one for each file', () => {
    const index = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
    const width = fc.integer({ min: 1, max: 256 });
    const level = fc.integer({ min: 0, max: 63 });
    fc.assert(
      fc.property(fc.nat(9999), level, index, width, (shard, at, n, wide) => {
        for (const path of [
          tilePath({ level: at, index: n, width: wide }),
          bundlePath({ index: n, width: wide }),
        ]) {
          expect(parseLogAddress(`/log/${shard}/${path}`)).toMatchObject({ shard, path });
        }
      }),
    );
  });

  it('never names an object outside of its log', () => {
    const piece = fc.constantFrom('/', '.', '..', '%2e', 'log', '0', 'tile', 'entries', '000', 'x');
    const text = fc.array(piece, { maxLength: 12 }).map((pieces) => `/log/${pieces.join('')}`);
    fc.assert(
      fc.property(fc.oneof(text, fc.string()), (path) => {
        const address = parseLogAddress(path);
        const spelled = address && `/log/${address.shard}/${address.path}`;
        expect(spelled ?? path).toBe(path);
        expect(address?.path ?? '').not.toMatch(/\.\.|%|\/\//);
      }),
    );
  });
});

describe('what is sent', () => {
  it('is in gzip for who takes it, where that is smaller', async () => {
    const stage = await published({ logEntries: 'public' });
    const gzipped = { 'accept-encoding': 'gzip' };
    const plain = await ask(stage.exchange, 'readEntries', bundle);
    const packed = await ask(stage.exchange, 'readEntries', bundle, gzipped);
    expect(plain.headers).not.toHaveProperty('content-encoding');
    expect(packed.headers).toMatchObject({ 'content-encoding': 'gzip', vary: 'accept-encoding' });
    expect(gunzipSync(bytesOf(packed)).equals(bytesOf(plain))).toBe(true);
    expect(packed.headers?.['etag']).toBe(plain.headers?.['etag']);
    const hashes = await ask(stage.exchange, 'readTile', tile, gzipped);
    expect(hashes.headers).not.toHaveProperty('content-encoding');
  });

  it.each([
    ['deflate, gzip, br', true],
    ['GZIP;q=0.1', true],
    ['gzip;q=0', false],
    ['gzip;q=0, *', false],
    ['br', false],
    ['*', false],
    ['identity', false],
    ['', false],
  ])('to whom accepts %j is gzip: %s', async (field, packed) => {
    const { exchange } = await published({ logEntries: 'public' });
    const headers = { 'accept-encoding': field };
    const result = await ask(exchange, 'readEntries', bundle, headers);
    expect(result.headers?.['content-encoding']).toBe(packed ? 'gzip' : undefined);
  });

  it('is in gzip for everybody when it would not fit into an answer of Lambda', async () => {
    const { exchange, log } = await published({ logEntries: 'public' });
    const key = logKey(0, 'tile/entries/000');
    const path = '/log/0/tile/entries/000';
    const limit = 4_194_304;
    for (const [length, packed] of [
      [limit, false],
      [limit + 1, true],
    ] as const) {
      log.objects.overwrite(key, Buffer.alloc(length, 'a record of an inquiry'));
      const result = await ask(exchange, 'readEntries', path, { 'accept-encoding': 'identity' });
      expect(result.headers?.['content-encoding']).toBe(packed ? 'gzip' : undefined);
      expect(result.body?.length ?? 0).toBeLessThan(6_000_000);
      const sent = bytesOf(result);
      expect((packed ? gunzipSync(sent) : sent).length).toBe(length);
    }
  });

  it('is nothing but its tag for who has it', async () => {
    const { exchange, log, clock, submit, request } = await published();
    const first = await ask(exchange, 'readCheckpoint', '/log/0/checkpoint');
    const tag = String(first.headers?.['etag']);
    expect(tag).toMatch(/^W\/"[\w-]{43}"$/);
    for (const field of [tag, tag.slice(2), `"x", ${tag}`, '*']) {
      const again = await ask(exchange, 'readCheckpoint', '/log/0/checkpoint', {
        'if-none-match': field,
      });
      expect(again).toMatchObject({
        statusCode: 304,
        headers: { etag: tag, 'cache-control': 'public, max-age=2' },
      });
      expect(again.body).toBeUndefined();
    }
    clock.advance(1000);
    await submit(await request());
    await log.sequence();
    const newer = await ask(exchange, 'readCheckpoint', '/log/0/checkpoint', {
      'if-none-match': tag,
    });
    expect(newer.statusCode).toBe(200);
    expect(log.objects.dump().get(checkpointKey(0))).toEqual(new Uint8Array(bytesOf(newer)));
  });

  it('is checked for the right to read before its tag is compared', async () => {
    const { exchange } = await published();
    const headers = { 'if-none-match': '*' };
    expect((await ask(exchange, 'readEntries', bundle, headers)).statusCode).toBe(401);
  });
});

describe('the policy that the operator suggests', () => {
  it('can be parsed, names every key, and says not to trust it for standing there', async () => {
    const { exchange, log } = await published();
    const result = await ask(exchange, 'readPolicy', '/.well-known/tlog-policy');
    expect(result.headers).toMatchObject({
      'content-type': 'text/plain; charset=utf-8',
      'cache-control': 'public, max-age=60',
    });
    const text = bytesOf(result).toString('utf8');
    expect(text).toMatch(/^#.*\n#.*Do not trust.*\n/);
    expect(text).toContain(`log ${formatVerifierKey(log.policy.logs[0]?.key ?? never())} https://`);
    expect(formatPolicy(parsePolicy(bytesOf(result)), formatVerifierKey)).toBe(
      formatPolicy(log.policy, formatVerifierKey),
    );
  });
});

const never = (): never => {
  throw new Error('There is no such key.');
};
