import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cosignedKey } from '#shared/audit/publish/publish-checkpoint.ts';
import { cachedLogStatus, statusCacheTime } from '#shared/inquiry/cached-log-status.ts';
import { checkHealth } from '#shared/inquiry/health.ts';
import { checkLog, type LogStatus } from '#shared/inquiry/log-status.ts';
import { memoryLogStatus } from '#shared/inquiry/memory-log-status.ts';
import { logStatusReader } from '#shared/inquiry/read-log-status.ts';
import { Problem } from '#shared/kernel/problem.ts';
import {
  makeExchange,
  refusal,
  type TestExchange,
  testClock,
  wellStatus,
} from '#tests/support/exchange.ts';
import { testNow } from '#tests/support/messages.ts';

const limits = { sequencing: 3600, witness: 14_400 };
const hour = 3_600_000;

const well: LogStatus = { sequencedUntil: testNow, witnessedAt: testNow };

const verdict = (
  change: Partial<LogStatus>,
  now = testNow,
  by: Parameters<typeof checkLog>[2] = limits,
) => checkLog({ ...well, ...change }, now, by)?.name;

const problemOf = async (work: Promise<unknown>): Promise<Problem> => {
  const answer = await work.catch((error: unknown) => error);
  if (answer instanceof Problem) return answer;
  throw new Error('It was not refused.', { cause: answer });
};

describe('the rule', () => {
  it.each([
    [{}, undefined],
    [{ sequencedUntil: testNow - hour }, undefined],
    [{ sequencedUntil: testNow - hour - 1 }, 'log-behind'],
    [{ sequencedUntil: 'never' }, 'log-behind'],
    [{ witnessedAt: testNow - 4 * hour }, undefined],
    [{ witnessedAt: testNow - 4 * hour - 1 }, 'witness-quorum-lost'],
    [{ witnessedAt: 'never' }, 'witness-quorum-lost'],
    [{ witnessedAt: 'not-wanted' }, undefined],
    [{ sequencedUntil: 'never', witnessedAt: 'never' }, 'log-behind'],
    // Clocks that go wrong are not the log's fault.
    [{ sequencedUntil: testNow + hour, witnessedAt: testNow + hour }, undefined],
  ] as const)('judges %o as %s', (change, name) => {
    expect(verdict(change)).toBe(name);
  });

  it('is off for witnesses when their limit is 0', () => {
    const off = { ...limits, witness: 0 };
    expect(verdict({ witnessedAt: 'never' }, testNow, off)).toBeUndefined();
    expect(verdict({ witnessedAt: 0 }, testNow, off)).toBeUndefined();
    expect(verdict({ sequencedUntil: 0 }, testNow, off)).toBe('log-behind');
  });

  it('takes what is within each limit, and nothing that is past it', () => {
    const seconds = fc.integer({ min: 1, max: 1_000_000 });
    const past = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(seconds, seconds, past, past, (sequencing, witness, late, unseen) => {
        const status = {
          sequencedUntil: testNow - sequencing * 1000 - late,
          witnessedAt: testNow - witness * 1000 - unseen,
        };
        const names = [
          late > 0 ? 'log-behind' : undefined,
          unseen > 0 ? 'witness-quorum-lost' : undefined,
        ];
        const expected = names.find((name) => name !== undefined);
        expect(verdict(status, testNow, { sequencing, witness })).toBe(expected);
      }),
    );
  });

  it('says when to come back', () => {
    for (const change of [{ sequencedUntil: 0 }, { witnessedAt: 0 }]) {
      const problem = checkLog({ ...well, ...change }, testNow, limits);
      expect([problem?.status, problem?.extras.retryAfter]).toEqual([503, 60]);
    }
  });
});

describe('the status as it is remembered', () => {
  const remembering = () => {
    const clock = testClock();
    const status = memoryLogStatus(() => ({ ...well, sequencedUntil: clock.now() }));
    return { clock, ...status, cached: cachedLogStatus(status.store, clock.now) };
  };

  it('is read once in 15 s, however many ask at once', async () => {
    const { cached, clock, faults } = remembering();
    await Promise.all([cached.read(0), cached.read(0), cached.read(0)]);
    clock.advance(statusCacheTime - 1);
    expect(await cached.read(0)).toEqual(well);
    expect(faults.calls('read')).toBe(1);
    clock.advance(1);
    expect(await cached.read(0)).toEqual({ ...well, sequencedUntil: clock.now() });
    expect(faults.calls('read')).toBe(2);
  });

  it('is of one shard', async () => {
    const { cached, faults } = remembering();
    await Promise.all([cached.read(0), cached.read(1)]);
    expect(faults.calls('read')).toBe(2);
  });

  it('is the last that was known while no other can be read, and the clock goes on', async () => {
    const { cached, clock, faults } = remembering();
    const known = await cached.read(0);
    for (const nth of [1, 2]) {
      clock.advance(0.75 * hour);
      faults.breakCall('read', nth === 1 ? 'not-persisted' : 'unacknowledged');
      expect(await cached.read(0)).toEqual(known);
    }
    expect(checkLog(known, clock.now(), limits)?.name).toBe('log-behind');
    clock.advance(statusCacheTime);
    expect(checkLog(await cached.read(0), clock.now(), limits)).toBeUndefined();
  });

  it('is not asked for by every call while it cannot be read', async () => {
    const { cached, clock, faults } = remembering();
    await cached.read(0);
    clock.advance(statusCacheTime);
    faults.breakCall('read', 'not-persisted');
    for (let n = 0; n < 5; n += 1) await cached.read(0);
    expect(faults.calls('read')).toBe(2);
  });

  it('is store-unavailable when it never was known, and read again by the next call', async () => {
    const { cached, faults } = remembering();
    faults.breakCall('read', 'not-persisted');
    faults.breakCall('read', 'unacknowledged', 2);
    expect((await problemOf(cached.read(0))).name).toBe('store-unavailable');
    expect((await problemOf(cached.read(0))).name).toBe('store-unavailable');
    expect(await cached.read(0)).toEqual(well);
  });

  it('stays store-unavailable through a long outage: no limit of look-ups is in the way', async () => {
    const { cached, faults } = remembering();
    const names = new Set<string>();
    for (let nth = 1; nth <= 1500; nth += 1) {
      faults.breakCall('read', 'not-persisted');
      names.add((await problemOf(cached.read(0))).name);
    }
    expect([...names]).toEqual(['store-unavailable']);
  });

  it('is store-unavailable too when the keys cannot be had, and a bug stays a bug', async () => {
    const failing = (error: Error) => {
      const read = async (): Promise<never> => {
        throw error;
      };
      return cachedLogStatus({ read }, testClock().now).read(0);
    };
    const keys = new Problem('signer-unavailable', 'No keys.');
    expect((await problemOf(failing(keys))).name).toBe('store-unavailable');
    await expect(failing(new TypeError('a bug'))).rejects.toThrow(TypeError);
  });
});

describe('the status from where it stands', () => {
  const readerOf = ({ log, exchange }: TestExchange, change: Partial<typeof exchange.log> = {}) =>
    logStatusReader({
      heads: log.heads.store,
      log: { ...exchange.log, ...change },
      origin: exchange.settings.origin,
    });

  it('is never, before there is a head and before a quorum', async () => {
    const test = await makeExchange();
    const never = { sequencedUntil: 'never', witnessedAt: 'never' };
    expect(await readerOf(test).read(0)).toEqual(never);
    await test.log.sequence();
    expect(await readerOf(test).read(0)).toMatchObject({ witnessedAt: 'never' });
  });

  it('says until when everything asked is in the log, and when witnesses last saw it', async () => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    const head = await test.log.sequence();
    await test.log.witness();
    const now = test.clock.now();
    const status = await readerOf(test).read(0);
    expect(status).toEqual({ sequencedUntil: head.bucket * 10_000, witnessedAt: now });
    expect(now - head.bucket * 10_000).toBeLessThan(30_000);
    expect(checkLog(status, now, limits)).toBeUndefined();
  });

  it('wants no witness where no quorum is asked for', async () => {
    const test = await makeExchange();
    await test.log.sequence();
    const policy = async () => ({ ...test.log.policy, quorum: 'none' });
    const status = await readerOf(test, { policy }).read(0);
    expect(status.witnessedAt).toBe('not-wanted');
  });

  it.each([
    ['is cut', (bytes: Uint8Array) => bytes.subarray(0, -1)],
    ['has a bit flipped', (bytes: Uint8Array) => bytes.map((one, n) => (n === 40 ? one ^ 1 : one))],
    ['is of no log', () => Buffer.from('nobody\n0\n\n\n— nobody AAAAAAA=\n')],
  ] as const)('is never when the checkpoint %s', async (_, bend) => {
    const test = await makeExchange();
    await test.log.sequence();
    await test.log.witness();
    const { objects } = test.log;
    objects.overwrite(cosignedKey(0), bend(objects.dump().get(cosignedKey(0)) ?? new Uint8Array()));
    expect((await readerOf(test).read(0)).witnessedAt).toBe('never');
  });

  it('cannot be read while the heads or the objects cannot', async () => {
    const test = await makeExchange();
    test.log.heads.faults.breakCall('read', 'not-persisted');
    expect((await problemOf(readerOf(test).read(0))).name).toBe('store-unavailable');
    test.log.objects.faults.breakCall('get', 'unacknowledged');
    expect((await problemOf(readerOf(test).read(0))).name).toBe('store-unavailable');
  });
});

describe('a new inquiry', () => {
  const behind = (): LogStatus => ({ ...well, sequencedUntil: testNow - hour - 1 });
  const unseen = (): LogStatus => ({ ...well, witnessedAt: testNow - 4 * hour - 1 });

  it.each([
    ['log-behind', behind],
    ['witness-quorum-lost', unseen],
  ] as const)('is refused as %s before anything is written or sent', async (name, status) => {
    const test = await makeExchange();
    test.logStatus.say(status);
    const problem = await refusal(test, await test.request());
    expect([problem.name, problem.status, problem.extras.retryAfter]).toEqual([name, 503, 60]);
    expect(test.journal.dump()).toEqual([]);
    expect(test.agencies.calls).toEqual([]);
  });

  it('is taken again as soon as the log is well', async () => {
    const test = await makeExchange();
    test.logStatus.say(behind);
    const text = await test.request();
    expect((await refusal(test, text)).name).toBe('log-behind');
    test.logStatus.say(wellStatus(test.clock.now));
    expect((await test.submit(text)).answer).toBeDefined();
  });

  it('is refused as soon as the log is past its limit, and taken 15 s after it is well', async () => {
    const test = await makeExchange();
    const cached = cachedLogStatus(test.logStatus.store, test.clock.now);
    const { exchange } = test;
    const settings = { ...exchange.settings, logLimits: { sequencing: 30, witness: 0 } };
    const { submit } = test.restart({ logStatus: cached, settings });
    const named = async () => {
      const answer = await submit(await test.request()).catch((error: unknown) => error);
      return answer instanceof Problem ? answer.name : 'taken';
    };
    test.logStatus.say(() => ({ sequencedUntil: testNow - 20_000, witnessedAt: 'never' }));
    expect(await named()).toBe('taken');
    test.clock.advance(10_000);
    expect(await named()).toBe('taken');
    test.clock.advance(1);
    // The status is the remembered one; the clock has gone on.
    expect(await named()).toBe('log-behind');
    test.logStatus.say(wellStatus(test.clock.now));
    expect(await named()).toBe('log-behind');
    test.clock.advance(5000);
    expect(await named()).toBe('taken');
    expect(test.logStatus.faults.calls('read')).toBe(2);
  });

  it('is refused while the state of the log cannot be read', async () => {
    const test = await makeExchange();
    test.logStatus.faults.breakCall('read', 'not-persisted');
    expect((await refusal(test, await test.request())).name).toBe('store-unavailable');
    expect(test.journal.dump()).toEqual([]);
  });

  it('that is malformed is refused for what it is: the log says nothing to strangers', async () => {
    const test = await makeExchange();
    test.logStatus.say(behind);
    expect((await refusal(test, 'x')).name).toBe('malformed');
    expect(test.logStatus.faults.calls('read')).toBe(0);
  });

  it('goes by the log of its own shard', async () => {
    const { layout } = (await makeExchange()).exchange.settings;
    const test = await makeExchange({ settings: { layout: { ...layout, shards: 4 } } });
    const asked: number[] = [];
    const logStatus = {
      read: async (shard: number) => {
        asked.push(shard);
        return well;
      },
    };
    const { submit } = test.restart({ logStatus });
    const texts = await Promise.all(Array.from({ length: 12 }, () => test.request()));
    for (const text of texts) await submit(text);
    expect(asked).toEqual(texts.map((text) => test.addressOf(text).shard));
    expect(new Set(asked).size).toBeGreaterThan(1);
  });
});

describe('a retry', () => {
  it.each(['log-behind', 'unreadable'] as const)(
    'of an inquiry that stands is answered while the log is %s',
    async (state) => {
      const test = await makeExchange();
      const text = await test.request();
      const first = await test.submit(text);
      if (state === 'log-behind') test.logStatus.say(() => ({ ...well, sequencedUntil: 'never' }));
      else test.logStatus.faults.breakCall('read', 'not-persisted');
      const again = await test.submit(await test.retry(text));
      expect(again.answer).toBe(first.answer);
      expect(again.facts.retry).toBe(true);
      expect(test.agencies.calls).toHaveLength(1);
    },
  );

  it('of an inquiry that does not stand is none, and is refused', async () => {
    const test = await makeExchange();
    test.logStatus.say(() => ({ ...well, sequencedUntil: 'never' }));
    const text = await test.request();
    expect((await refusal(test, await test.retry(text))).name).toBe('log-behind');
    expect(test.journal.dump()).toEqual([]);
  });

  it('of another counter’s inquiry gains nothing by it', async () => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    test.logStatus.say(() => ({ ...well, sequencedUntil: 'never' }));
    const key = test.keys.otherCounter;
    const other = await test.retry(text, { key });
    expect((await refusal(test, other)).name).toBe('reference-conflict');
  });

  it('cannot be told from a new inquiry while the journal cannot be read either', async () => {
    const test = await makeExchange();
    test.logStatus.say(() => ({ ...well, sequencedUntil: 'never' }));
    test.journal.faults.breakCall('read', 'not-persisted');
    expect((await refusal(test, await test.request())).name).toBe('store-unavailable');
  });
});

describe('the health', () => {
  it('says of every log how it stands', async () => {
    const { layout } = (await makeExchange()).exchange.settings;
    const test = await makeExchange({ settings: { layout: { ...layout, shards: 2 } } });
    test.logStatus.say(() => ({ sequencedUntil: testNow, witnessedAt: 'not-wanted' }));
    const { logs } = await checkHealth(test.exchange);
    expect(logs).toEqual(
      [0, 1].map((shard) => ({
        origin: `exchange.example/log/${shard}`,
        sequencedUntil: new Date(testNow).toISOString(),
        witnessedAt: 'not-wanted',
      })),
    );
  });

  it.each([
    ['log-behind', { sequencedUntil: 'never' }],
    ['witness-quorum-lost', { witnessedAt: 'never' }],
  ] as const)('is %s when new inquiries would be', async (name, change) => {
    const test = await makeExchange();
    test.logStatus.say(() => ({ ...well, ...change }));
    expect((await problemOf(checkHealth(test.exchange))).name).toBe(name);
  });
});
