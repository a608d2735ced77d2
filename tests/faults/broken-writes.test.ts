import { describe, expect, it } from 'vitest';
import { holdKeys } from '#shared/inquiry/hold-keys.ts';
import { abandonedAfter } from '#shared/inquiry/settle-again.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';
import {
  factsOfReceipt,
  makeExchange,
  outcomeOf,
  receiptOf,
  refusal,
} from '#tests/support/exchange.ts';
import { withInquiry } from '#tests/support/messages.ts';

const faults: readonly Fault[] = ['not-persisted', 'unacknowledged'];

/** A write that breaks, and what an exchange that is asked again makes of it. */
const broken = async (method: 'putIntent' | 'putOutcome', fault: Fault) => {
  const test = await makeExchange();
  test.journal.faults.breakCall(method, fault);
  const text = await test.request();
  return { ...test, text, address: test.addressOf(text) };
};

describe('an intent that cannot be written', () => {
  it.each(faults)(
    '(%s) is told as store-unavailable, and the agency is not called',
    async (fault) => {
      const test = await broken('putIntent', fault);
      const { name, extras } = await refusal(test, test.text);
      expect(name).toBe('store-unavailable');
      expect(extras.receipt).toBeUndefined();
      expect(test.agencies.calls).toEqual([]);
      expect(test.journal.rows(test.address).outcome).toBeUndefined();
    },
  );

  it('(not-persisted) leaves nothing, so the very same token may be sent again', async () => {
    const test = await broken('putIntent', 'not-persisted');
    await refusal(test, test.text);
    expect(test.journal.dump()).toEqual([]);
    const { answer, problem } = await test.submit(test.text);
    expect(problem).toBeUndefined();
    expect(answer).toBeDefined();
    expect(test.agencies.calls).toHaveLength(1);
  });

  it('(unacknowledged) is never served: the token is a replay, a retry waits and is then told ABORTED', async () => {
    const test = await broken('putIntent', 'unacknowledged');
    await refusal(test, test.text);
    expect((await refusal(test, test.text)).name).toBe('replayed');
    expect((await refusal(test, await test.retry(test.text))).name).toBe('rate-limited');
    test.clock.advance(abandonedAfter);
    const closed = await test.submit(await test.retry(test.text));
    expect(receiptOf(closed.receipt).outcome).toBe('ABORTED');
    expect(closed.answer).toBeUndefined();
    expect(test.agencies.calls).toEqual([]);
  });
});

describe('an outcome that cannot be written', () => {
  it.each(faults)('(%s) releases neither answer nor receipt', async (fault) => {
    const test = await broken('putOutcome', fault);
    const { name, extras } = await refusal(test, test.text);
    expect(name).toBe('store-unavailable');
    expect(extras.receipt).toBeUndefined();
    expect(test.agencies.calls).toHaveLength(1);
  });

  it('(not-persisted) ends as ABORTED, and the agency is not asked a second time', async () => {
    const test = await broken('putOutcome', 'not-persisted');
    await refusal(test, test.text);
    expect((await refusal(test, await test.retry(test.text))).name).toBe('rate-limited');
    test.clock.advance(abandonedAfter);
    const closed = await test.submit(await test.retry(test.text));
    expect(outcomeOf(test.journal, test.address).out).toBe('ABORTED');
    expect(closed.answer).toBeUndefined();
    expect(test.agencies.calls).toHaveLength(1);
    // What was held went with the outcome that was lost.
    expect(test.journal.rows(test.address).outcome?.hold).toBeUndefined();
    expect((await test.submit(await test.retry(test.text))).answer).toBeUndefined();
  });

  it('(unacknowledged) is found by the retry, with its answer', async () => {
    const test = await broken('putOutcome', 'unacknowledged');
    await refusal(test, test.text);
    const again = await test.submit(await test.retry(test.text));
    expect(again.problem).toBeUndefined();
    expect(again.answer).toContain('~');
    expect(receiptOf(again.receipt).outcome).toBe('FOUND');
    expect(test.agencies.calls).toHaveLength(1);
    expect(test.journal.rows(test.address).outcome?.hold).toBeDefined();
  });

  it.each(faults)('(%s) of a denial is not told as a denial: nothing proves it', async (fault) => {
    const test = await makeExchange();
    test.journal.faults.breakCall('putOutcome', fault);
    const text = await test.request({ claims: withInquiry({ purpose: 'curiosity' }) });
    const { name, extras } = await refusal(test, text);
    expect(name).toBe('store-unavailable');
    expect(extras.receipt).toBeUndefined();
  });

  it.each(faults)(
    '(%s) of a tombstone is told as store-unavailable, and the next retry closes it',
    async (fault) => {
      const test = await broken('putOutcome', 'not-persisted');
      await refusal(test, test.text);
      test.clock.advance(abandonedAfter);
      test.journal.faults.breakCall('putOutcome', fault);
      expect((await refusal(test, await test.retry(test.text))).name).toBe('store-unavailable');
      const closed = await test.submit(await test.retry(test.text));
      expect(receiptOf(closed.receipt).outcome).toBe('ABORTED');
    },
  );
});

describe('a key of held answers that cannot be made', () => {
  /** An exchange that has answered one inquiry while the key could not be had, or not be told of. */
  const keyless = async (fault: Fault) => {
    const test = await makeExchange();
    // Asked for before the intent, and once more when the answer is there.
    for (const nth of [1, 2]) test.holdKeyStore.faults.breakCall('make', fault, nth);
    const text = await test.request();
    return { ...test, text, first: await test.submit(text) };
  };

  it.each(faults)('(%s) does not cost the inquiry', async (fault) => {
    const { first, journal, addressOf, text } = await keyless(fault);
    expect(first.problem).toBeUndefined();
    expect(first.answer).toContain('~');
    expect(journal.rows(addressOf(text)).outcome).not.toHaveProperty('hold');
  });

  it.each(faults)('(%s) costs the retry its facts, not its receipt', async (fault) => {
    const { first, submit, retry, text, agencies } = await keyless(fault);
    const again = await submit(await retry(text));
    expect(again.answer).toBeUndefined();
    expect(again.problem).toBeUndefined();
    expect(factsOfReceipt(again.receipt)).toEqual(factsOfReceipt(first.receipt));
    expect(agencies.calls).toHaveLength(1);
  });

  it.each(faults)('(%s) costs nothing that is asked next', async (fault) => {
    const { submit, request, retry } = await keyless(fault);
    const text = await request();
    const next = await submit(text);
    expect((await submit(await retry(text))).answer).toBe(next.answer);
  });

  it.each(faults)('(%s) once is made by the time that the answer is there', async (fault) => {
    const test = await makeExchange();
    test.holdKeyStore.faults.breakCall('make', fault);
    const text = await test.request();
    const first = await test.submit(text);
    expect((await test.submit(await test.retry(text))).answer).toBe(first.answer);
  });

  it('in time does not keep the outcome waiting', async () => {
    const test = await makeExchange();
    const { reached } = test.holdKeyStore.faults.pauseCall('make', 'before');
    const { settings, now, random } = test.exchange;
    const { submit } = test.restart({
      holdKeys: holdKeys({
        store: test.holdKeyStore.store,
        vaultKey: settings.vaultKey,
        now,
        random,
        briefly: () => Promise.resolve(),
      }),
    });
    const text = await test.request();
    expect((await submit(text)).answer).toContain('~');
    await reached;
    expect(test.journal.rows(test.addressOf(text)).outcome).not.toHaveProperty('hold');
  });

  it('is not asked for while nothing is to be held', async () => {
    const test = await makeExchange();
    await test.submit(await test.request({ claims: withInquiry({ purpose: 'curiosity' }) }));
    expect(test.holdKeyStore.faults.calls('make')).toBe(0);
    await test.submit(await test.request());
    await test.submit(await test.request());
    expect(test.holdKeyStore.faults.calls('make')).toBe(1);
  });
});

describe('a read that fails', () => {
  it('is told as store-unavailable to a retry, and the next one is answered', async () => {
    const test = await makeExchange();
    const text = await test.request();
    const first = await test.submit(text);
    test.journal.faults.breakCall('read', 'not-persisted');
    expect((await refusal(test, await test.retry(text))).name).toBe('store-unavailable');
    expect((await test.submit(await test.retry(text))).answer).toBe(first.answer);
  });

  it('is told as store-unavailable for an id that is not fresh, not as stale', async () => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    test.clock.advance(30_000);
    test.journal.faults.breakCall('read', 'not-persisted');
    expect((await refusal(test, await test.retry(text))).name).toBe('store-unavailable');
  });
});

describe('a process that dies', () => {
  /** Stops the process for ever at one write, then lets another one carry on over the same store. */
  const crashed = async (method: 'putIntent' | 'putOutcome', where: 'before' | 'after') => {
    const test = await makeExchange();
    const { reached } = test.journal.faults.pauseCall(method, where);
    const text = await test.request();
    const dead = test.submit(text);
    await reached;
    const second = test.restart();
    return { ...test, ...second, text, address: test.addressOf(text), dead };
  };

  it('before its intent is kept, leaves the id free', async () => {
    const test = await crashed('putIntent', 'before');
    const { answer } = await test.submit(await test.retry(test.text));
    expect(answer).toBeDefined();
    expect(test.agencies.calls).toHaveLength(1);
  });

  it.each([
    ['after its intent is kept', 'putIntent', 'after', 0],
    ['before its outcome is kept', 'putOutcome', 'before', 1],
  ] as const)(
    '%s, leaves an inquiry that is closed as ABORTED',
    async (_, method, where, calls) => {
      const test = await crashed(method, where);
      expect((await refusal(test, test.text)).name).toBe('replayed');
      expect((await refusal(test, await test.retry(test.text))).name).toBe('rate-limited');
      test.clock.advance(abandonedAfter);
      const closed = await test.submit(await test.retry(test.text));
      expect(receiptOf(closed.receipt).outcome).toBe('ABORTED');
      expect(closed.answer).toBeUndefined();
      expect(test.agencies.calls).toHaveLength(calls);
    },
  );

  it('after its outcome is kept, leaves an inquiry that a retry is answered', async () => {
    const test = await crashed('putOutcome', 'after');
    const { answer, receipt } = await test.submit(await test.retry(test.text));
    expect(answer).toContain('~');
    expect(receiptOf(receipt).outcome).toBe('FOUND');
    expect(test.agencies.calls).toHaveLength(1);
  });

  it.each(['before', 'after'] as const)(
    '%s the key of held answers is made, leaves it to the next process',
    async (where) => {
      const test = await makeExchange();
      const { reached } = test.holdKeyStore.faults.pauseCall('make', where);
      void test.submit(await test.request());
      await reached;
      const { submit } = test.restart();
      const text = await test.request();
      const first = await submit(text);
      expect((await submit(await test.retry(text))).answer).toBe(first.answer);
      expect(test.holdKeyStore.dump().size).toBe(1);
    },
  );

  it('while the agency is being asked, leaves an inquiry that is closed as ABORTED', async () => {
    const test = await makeExchange();
    const asked = Promise.withResolvers<void>();
    test.say(() => {
      asked.resolve();
      return new Promise(() => undefined);
    });
    const text = await test.request();
    void test.submit(text);
    await asked.promise;
    const second = test.restart();
    test.clock.advance(abandonedAfter);
    const closed = await second.submit(await test.retry(text));
    expect(receiptOf(closed.receipt).outcome).toBe('ABORTED');
    expect(test.agencies.calls).toHaveLength(1);
  });
});

describe('fifty posts of one token', () => {
  it('are served once, in as many processes', async () => {
    const test = await makeExchange();
    const text = await test.request();
    const processes = Array.from({ length: 50 }, () => test.restart());
    const answers = await Promise.allSettled(processes.map(({ submit }) => submit(text)));
    const served = answers.filter((answer) => answer.status === 'fulfilled');
    const refused = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [String(answer.reason)] : [],
    );
    expect(served).toHaveLength(1);
    expect(refused).toHaveLength(49);
    expect(refused.every((reason) => reason.startsWith('replayed'))).toBe(true);
    expect(test.agencies.calls).toHaveLength(1);
  });

  it('are served at most once when every write may be lost without a word', async () => {
    const test = await makeExchange();
    for (let nth = 1; nth <= 25; nth += 1) {
      test.journal.faults.breakCall(
        'putIntent',
        nth % 2 === 0 ? 'unacknowledged' : 'not-persisted',
        nth,
      );
    }
    const text = await test.request();
    const answers = await Promise.allSettled(Array.from({ length: 50 }, () => test.submit(text)));
    expect(answers.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(1);
    expect(test.agencies.calls.length).toBeLessThanOrEqual(1);
  });
});

describe('a signer that fails', () => {
  it('after the outcome is kept, costs the receipt; a retry gets it', async () => {
    const test = await makeExchange();
    let calls = 0;
    const flaky = test.restart({
      signer: () => {
        calls += 1;
        return calls > 2 ? Promise.reject(new Error('gone')) : test.exchange.signer();
      },
    });
    const text = await test.request();
    await expect(flaky.submit(text)).rejects.toThrow('gone');
    expect(outcomeOf(test.journal, test.addressOf(text)).out).toBe('FOUND');
    const { answer } = await test.submit(await test.retry(text));
    expect(answer).toContain('~');
  });
});

describe("a retry's use that cannot be written", () => {
  it.each(faults)('(%s) releases nothing, and a fresh retry is served', async (fault) => {
    const test = await makeExchange();
    const text = await test.request();
    await test.submit(text);
    const token = await test.retry(text);
    test.journal.faults.breakCall('useRetry', fault);
    const { name, extras } = await refusal(test, token);
    expect(name).toBe('store-unavailable');
    expect(extras.receipt).toBeUndefined();
    expect((await test.submit(await test.retry(text))).answer).toBeDefined();
    expect(test.agencies.calls).toHaveLength(1);
  });
});
