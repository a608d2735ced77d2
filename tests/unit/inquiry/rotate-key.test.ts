import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { currentKey } from '#shared/inquiry/key-ring.ts';
import { shortNotice } from '#shared/inquiry/rotate-key.ts';
import { testNow } from '#tests/support/messages.ts';
import { begunStage, day, hour, plainSmith, type RingStage, ringStage } from './key-ring-stage.ts';

const minute = 60_000;
const byClock = { urgent: false };
const atOnce = { urgent: true };

/** A day and ten minutes before a key's end, and the hour of a look: then the next is due. */
const due = 90 * day - (day + 10 * minute + hour);

/** What must hold of a ring however it came about. */
const checkRing = ({ ring, leaves }: RingStage, ahead: number): void => {
  for (const { announced, box, n } of ring.dump()) {
    if (announced === undefined || n === 1) continue;
    expect(announced.from - announced.at).toBeGreaterThanOrEqual(ahead);
    const kid = kidOf(box);
    // The time that counts is one that stands in the log, for this very key.
    const froms = leaves().flatMap((leaf) => ('from' in leaf && leaf.kid === kid ? leaf.from : []));
    expect(froms).toContain(announced.from);
    expect(Math.min(...froms)).toBeLessThanOrEqual(announced.from);
  }
};

const kids = new Map<string, string>();
const nameOf = (box: Uint8Array): string => Buffer.from(box).toString('base64');
const kidOf = (box: Uint8Array): string => kids.get(nameOf(box)) ?? '';

const learnKids = async ({ ring }: RingStage): Promise<void> => {
  for (const { box } of ring.dump()) kids.set(nameOf(box), (await plainSmith().open(box)).kid);
};

describe('the clock', () => {
  it('does nothing where no key has signed yet', async () => {
    const stage = ringStage();
    expect(await stage.rotator()(byClock)).toEqual({ announced: undefined, age: undefined });
    expect(await stage.rotator()(atOnce)).toEqual({ announced: undefined, age: undefined });
    expect(stage.shown()).toEqual([]);
  });

  it('does nothing while the current key has time, and tells how long it has signed', async () => {
    const stage = await begunStage();
    stage.clock.advance(due - 1);
    expect(await stage.rotator()(byClock)).toEqual({ announced: undefined, age: due - 1 });
    expect(stage.shown()).toHaveLength(1);
  });

  it('makes and announces the next key when its time has come, as a leaf with the same time', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    const { announced } = await stage.rotator()(byClock);
    const from = stage.clock.now() + day + 10 * minute;
    expect(announced?.from).toBe(from);
    expect(stage.shown().at(-1)).toEqual({ n: 2, at: due, from });
    expect(stage.leaves().at(-1)).toMatchObject({ v: 2, k: 'key', kid: announced?.kid, from });
    // Looked at every hour, a key signs for its period: not longer, and an hour shorter at most.
    expect(from - testNow).toBeLessThanOrEqual(90 * day);
    expect(from - testNow).toBeGreaterThanOrEqual(90 * day - hour);
  });

  it('is harmless when it comes twice, or all at once', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    await Promise.all(Array.from({ length: 6 }, () => stage.rotator()(byClock)));
    const shown = stage.shown();
    expect(shown).toHaveLength(2);
    await stage.rotator()(byClock);
    stage.clock.advance(hour);
    await stage.rotator()(byClock);
    expect(stage.shown()).toEqual(shown);
    expect(new Set(stage.leaves().map(({ kid }) => kid)).size).toBe(2);
  });

  it('that never comes leaves the current key signing, and comes late without harm', async () => {
    const stage = await begunStage();
    const { signer } = stage.process();
    const { kid } = await signer();
    stage.clock.advance(400 * day);
    expect((await signer()).kid).toBe(kid);
    const { announced, age } = await stage.rotator()(byClock);
    expect(age).toBe(400 * day);
    expect(announced?.from).toBe(stage.clock.now() + day + 10 * minute);
    expect((await stage.process().signer()).kid).toBe(kid);
  });

  it('counts the time of a key from when it began to sign, not from when it was announced', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    const { announced } = await stage.rotator()(byClock);
    stage.clock.advance((announced?.from ?? 0) - stage.clock.now() + due - 1);
    expect((await stage.rotator()(byClock)).announced).toBeUndefined();
    stage.clock.advance(1);
    expect((await stage.rotator()(byClock)).announced).toBeDefined();
  });
});

describe('an order to replace the key at once', () => {
  it('announces a key that signs two minutes later, whatever the time', async () => {
    const stage = await begunStage();
    const { signer } = stage.process();
    const old = (await signer()).kid;
    const { announced } = await stage.rotator()(atOnce);
    expect(announced?.from).toBe(testNow + shortNotice);
    stage.clock.advance(shortNotice - 1);
    expect((await signer()).kid).toBe(old);
    stage.clock.advance(1);
    expect((await signer()).kid).toBe(announced?.kid);
  });

  it('passes over the key that was to be next: it may be known as well', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    const passed = await stage.rotator()(byClock);
    const { announced } = await stage.rotator()(atOnce);
    stage.clock.advance(3 * day);
    expect((await stage.process().signer()).kid).toBe(announced?.kid);
    const published = await stage.process().published();
    expect(published.map(({ status }) => status)).toEqual(['current', 'retired', 'retired']);
    expect(published.map(({ kid }) => kid)).toContain(passed.announced?.kid);
  });

  it('passes over a key that was made and never announced', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    stage.journal.faults.breakCall('putRecord', 'not-persisted');
    await expect(stage.rotator()(byClock)).rejects.toMatchObject({ name: 'store-unavailable' });
    const { announced } = await stage.rotator()(atOnce);
    expect(stage.shown().map(({ n, from }) => [n, from])).toEqual([
      [1, 0],
      [2, undefined],
      [3, announced?.from],
    ]);
    stage.clock.advance(30 * day);
    await stage.rotator()(byClock);
    expect((await stage.process().signer()).kid).toBe(announced?.kid);
  });

  it('given again within ten minutes is the same order', async () => {
    const stage = await begunStage();
    await stage.rotator()(atOnce);
    stage.clock.advance(9 * minute);
    expect((await stage.rotator()(atOnce)).announced).toBeUndefined();
    expect(stage.shown()).toHaveLength(2);
    stage.clock.advance(minute);
    expect((await stage.rotator()(atOnce)).announced).toBeDefined();
  });

  it('lets the clock go on from the new key', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    await stage.rotator()(atOnce);
    expect((await stage.rotator()(byClock)).announced).toBeUndefined();
    stage.clock.advance(due + shortNotice);
    expect((await stage.rotator()(byClock)).announced).toBeDefined();
  });
});

describe('a rotation that breaks', () => {
  const writes = [
    ['make', 'not-persisted'],
    ['make', 'unacknowledged'],
    ['putRecord', 'not-persisted'],
    ['putRecord', 'unacknowledged'],
    ['mark', 'not-persisted'],
    ['mark', 'unacknowledged'],
  ] as const;

  it.each(writes)(
    'in %s (%s) leaves the current key signing, and is finished by the next',
    async (call, fault) => {
      const stage = await begunStage();
      const { kid } = await stage.process().signer();
      stage.clock.advance(due);
      if (call === 'putRecord') stage.journal.faults.breakCall(call, fault);
      else stage.ring.faults.breakCall(call, fault);
      await expect(stage.rotator()(byClock)).rejects.toMatchObject({ name: 'store-unavailable' });
      expect((await stage.process().signer()).kid).toBe(kid);
      stage.clock.advance(hour);
      await stage.rotator()(byClock);
      expect(stage.shown()).toHaveLength(2);
      await learnKids(stage);
      checkRing(stage, day);
      stage.clock.advance(2 * day);
      const next = await stage.process().signer();
      expect(next.kid).not.toBe(kid);
      expect(stage.leaves().map((leaf) => leaf.kid)).toContain(next.kid);
    },
  );

  it('by a mark that stands still behind its leaf announces anew: the notice is never shorter', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    const { reached, release } = stage.journal.faults.pauseCall('putRecord', 'after');
    const rotating = stage.rotator()(byClock);
    await reached;
    stage.clock.advance(6 * minute);
    release();
    const { announced } = await rotating;
    expect(announced?.from).toBe(stage.clock.now() + day + 10 * minute);
    expect(stage.leaves()).toHaveLength(3);
    await learnKids(stage);
    checkRing(stage, day);
  });

  it('by a journal that is always slow gives up, and marks nothing', async () => {
    const stage = await begunStage();
    stage.clock.advance(due);
    const pauses = [1, 2, 3].map((nth) =>
      stage.journal.faults.pauseCall('putRecord', 'after', nth),
    );
    const dawdle = async (): Promise<void> => {
      for (const { reached, release } of pauses) {
        await reached;
        stage.clock.advance(6 * minute);
        release();
      }
    };
    const [rotated] = await Promise.allSettled([stage.rotator()(byClock), dawdle()]);
    expect(rotated.status === 'rejected' ? String(rotated.reason) : '').toContain('too slow');
    expect(stage.shown().at(-1)).toEqual({ n: 2 });
  });
});

describe('however rotators and signers come together', () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('rotate', 'sign', 'publish') },
    { weight: 1, arbitrary: fc.constantFrom('urgent') },
    { weight: 3, arbitrary: fc.constantFrom('hour', 'day', 'month') },
    {
      weight: 2,
      arbitrary: fc.constantFrom(
        'break-make',
        'break-mark',
        'break-record',
        'lose-make',
        'lose-mark',
        'lose-record',
      ),
    },
  );
  const spans = { hour, day, month: 30 * day } as const;

  it('there is one current key at any time, announced, and public long enough before its first use', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 25 }), async (steps) => {
        const stage = await begunStage();
        const { ring, journal, clock } = stage;
        const long = stage.process();
        const running: Promise<unknown>[] = [];
        let last = 0;
        for (const one of steps) {
          const minded = (work: Promise<unknown>): void => {
            running.push(work.catch(() => undefined));
          };
          if (one === 'rotate' || one === 'urgent') {
            minded(
              stage.rotator((running.length % 3) * minute - minute)({ urgent: one === 'urgent' }),
            );
          } else if (one === 'sign') {
            minded(stage.process().signer());
          } else if (one === 'publish') {
            minded(stage.process().published());
          } else if (one === 'hour' || one === 'day' || one === 'month') {
            await Promise.all(running);
            clock.advance(spans[one]);
          } else {
            const fault = one.startsWith('break') ? 'not-persisted' : 'unacknowledged';
            if (one.endsWith('record')) journal.faults.breakCall('putRecord', fault);
            else ring.faults.breakCall(one.endsWith('make') ? 'make' : 'mark', fault);
          }
          const current = currentKey(ring.dump(), clock.now());
          expect(current?.announced).toBeDefined();
          // Never back to a key that was made before the one that signed.
          expect(current?.n ?? 0).toBeGreaterThanOrEqual(last);
          last = current?.n ?? 0;
        }
        await Promise.all(running);
        await learnKids(stage);
        checkRing(stage, shortNotice - 10_000);
        const urgent = steps.includes('urgent');
        if (!urgent) checkRing(stage, day);
        for (const fault of ['make', 'mark'] as const)
          expect(ring.faults.calls(fault)).toBeGreaterThan(0);
        // What a long process signs with is in what a new one publishes.
        const kid = await long.signer().then(
          (signer) => signer.kid,
          () => undefined,
        );
        const published = await stage
          .process()
          .published()
          .catch(() => []);
        const names = published.map((one) => one.kid);
        expect(kid === undefined || names.length === 0 || names.includes(kid)).toBe(true);
      }),
      { numRuns: 60 },
    );
  }, 120_000);
});
