import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '#shared/kernel/bytes.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import { intentRow } from '#tests/support/log-world/journal-rows.ts';
import { makeLogWorld } from '#tests/support/log-world.ts';
import { other, person, setErasing } from '#tests/unit/oversight/erasure/erasing.ts';
import { built } from '#tests/unit/verify/sample-files.ts';
import {
  failuresOf,
  firstLeaves,
  inquiryAt,
  verifyFiles,
  verifyLeaves,
} from '#tests/unit/verify/sample-log.ts';

describe('the person an inquiry is about', () => {
  it('erased person', async () => {
    const facts = { firstName: 'نام‌آزمایشی', lastName: 'خانوادگی‌آزمایشی' };
    const made = await inquiryAt(0, { request: { facts }, response: { facts } });
    // The leaf holds digests only, so that nothing in the log has to go.
    const parts = Buffer.from(made.data)
      .toString('utf8')
      .split(/["\n.]/);
    const texts = parts.map((part) => Buffer.from(part, 'base64url').toString('utf8'));
    for (const value of Object.values(facts)) {
      expect([...parts, ...texts].filter((text) => text.includes(value))).toEqual([]);
    }
    // Leaves, signatures and proofs hold without any disclosure.
    expect(failuresOf(await verifyLeaves([...firstLeaves, made.data]))).toEqual([]);
    expect(failuresOf(await verifyFiles(built.files))).toEqual([]);

    // What lies in the vault never comes near the log: with it or without it, the log is the same.
    const logs = await Promise.all(
      [utf8('the sealed facts of a person'), Uint8Array.of()].map(async (vault) => {
        const world = makeLogWorld({ noise: (size) => new Uint8Array(size).fill(7) });
        const one = await world.asks({
          journal: {
            ...world.journal.store,
            putIntent: (address, row) => world.journal.store.putIntent(address, { ...row, vault }),
          },
        });
        expect(intentRow(one).vault).toHaveLength(0);
        await world.answers(one);
        await world.rest();
        return { leaves: world.leaves(), root: world.heads.dump().get(0)?.root };
      }),
    );
    expect(logs[0]).toEqual(logs[1]);

    // By an order: all that was kept beside the log is gone, whichever write of it is lost first; the
    // log is what it was, and says how many inquiries' facts are gone.
    const stage = await setErasing();
    const [own, others] = [await stage.ask(person), await stage.ask(other)];
    await stage.settle();
    const leaves = await stage.log.leaves();
    const known = stage.left(own);
    await stage.order();
    await stage.settle();
    stage.fed.objects.faults.breakCall('replace', 'unacknowledged');
    stage.fed.subjects.faults.breakCall('remove', 'not-persisted');
    for (let n = 0; n < 3; n += 1) await stage.run();
    await stage.settle();
    expect([known.length, stage.left(own), stage.left(others)]).toEqual([7, [], known]);
    expect((await stage.log.leaves()).slice(0, leaves.length)).toEqual(leaves);
    expect(stage.erasedLeaves()).toMatchObject([{ what: 'subject', n: 1 }]);
    await stage.fed.marks.store.swap(0, stage.fed.marks.peek(0), { size: 0, until: 0 });
    await stage.fed.feed();
    expect(stage.left(own)).toEqual([]);
  });

  it('brute force of a digest', () => {
    const salt = fc.uint8Array({ minLength: 16, maxLength: 16 });
    fc.assert(
      fc.property(salt, salt, fc.string(), (one, guessed, value) => {
        fc.pre(Buffer.compare(one, guessed) !== 0);
        const digest = makeDisclosure(one, 'birthDate', value).digest;
        // Who guesses the value without the 128 bits of its salt does not learn that it was right.
        expect(makeDisclosure(guessed, 'birthDate', value).digest).not.toBe(digest);
        expect(makeDisclosure(one, 'birthDate', value).digest).toBe(digest);
      }),
    );
    const guesses = Array.from({ length: 20_000 }, (_, day) =>
      makeDisclosure(new Uint8Array(16), 'birthDate', String(day)),
    );
    const real = makeDisclosure(Buffer.from('a salt of 16 byt'), 'birthDate', '1234');
    expect(guesses.filter(({ digest }) => digest === real.digest)).toEqual([]);
  });
});
