import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { bucketLength, bucketOf } from '#shared/audit/address.ts';
import type { Head } from '#shared/audit/log-head.ts';
import { sha256 } from '#shared/kernel/bytes.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { endOfIds } from '#shared/oversight/erasure/asked-before.ts';
import { isSeen } from '#shared/oversight/erasure/claim.ts';
import { type Sealed, topOf } from '#shared/oversight/erasure/erasure-state.ts';
import {
  type Held,
  type Hold,
  heldBy,
  holdEvents,
  isSubjectHeld,
} from '#shared/oversight/erasure/hold.ts';
import { hasPassed } from '#shared/oversight/erasure/index-passed.ts';
import { nextRows } from '#shared/oversight/erasure/next-rows.ts';
import { keyedDigest, openJson, sealJson } from '#shared/oversight/erasure/sealed-json.ts';
import { memorySubjectIndex } from '#shared/oversight/feeding/memory-subject-index.ts';
import { subjectTag, type TaggedSubject } from '#shared/oversight/tags.ts';
import { Subject } from '#shared/persian/subject.ts';
import { recordable } from '#shared/registry/record-change.ts';
import { countedRandom } from '#tests/support/exchange.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';
import { other, person, setErasing } from './erasing.ts';

const refused = 'unable to authenticate data';
const sealing = { vaultKey: sha256('vault key'), random: countedRandom() };

describe('what is sealed as JSON', () => {
  it('opens as it was, in its own place, and shows nothing', () => {
    const Json = z.strictObject({ name: z.string(), list: z.array(z.int()) });
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 3 }),
        fc.array(fc.integer()),
        (name, list) => {
          const sealed = sealJson({ name, list }, 'hold#1', sealing);
          expect(openJson(Json, sealed, 'hold#1', sealing)).toEqual({ name, list });
          expect(() => openJson(Json, sealed, 'hold#2', sealing)).toThrow(refused);
          expect(() => openJson(Json, sealed, 'hold#1', { vaultKey: sha256('another') })).toThrow(
            refused,
          );
          expect(Buffer.from(sealed, 'base64url').includes(Buffer.from(name))).toBe(false);
        },
      ),
      { numRuns: 50 },
    );
  });
});

describe('a keyed digest', () => {
  const said = { type: 'ir-national-id', value: person.value };

  it('tells one from another, under its key and in its place', () => {
    const digest = keyedDigest(said, 'erasure#1', sealing);
    expect(keyedDigest({ ...said }, 'erasure#1', sealing)).toBe(digest);
    const others = [
      keyedDigest({ ...said, value: other.value }, 'erasure#1', sealing),
      keyedDigest(said, 'erasure#2', sealing),
      keyedDigest(said, 'erasure#1', { vaultKey: sha256('another') }),
    ];
    expect(others).not.toContain(digest);
  });

  it('is so short that a thousand persons of a country have the same', () => {
    expect(keyedDigest(said, 'erasure#1', sealing)).toMatch(/^[0-9a-f]{4}$/);
  });
});

const holdOf = (what: Held, holds = true): Hold =>
  holds ? { id: 'x', what, holds } : { id: 'x', holds };
const key = sha256('subject key');
const year = new Date(testNow).getUTCFullYear();
const subject = Subject.parse(person);

describe('what a hold holds', () => {
  const entry = {
    id: InquiryId.parse(inquiryIdAt(testNow)),
    counter: 'counter:1',
    tags: [subjectTag(key, year, person)],
  };
  const nothing = [
    holdOf({ kind: 'everything' }, false),
    holdOf({ kind: 'inquiry', id: InquiryId.parse(inquiryIdAt(testNow)) }),
    holdOf({ kind: 'counter', id: 'counter:11' }),
    holdOf({ kind: 'subject', subject: Subject.parse(other) }),
    holdOf({ kind: 'subject', subject }, false),
  ];

  it.each([
    [{ kind: 'everything' }],
    [{ kind: 'inquiry', id: entry.id }],
    [{ kind: 'counter', id: 'counter:1' }],
    [{ kind: 'subject', subject }],
  ] as const)('is found among others: %o', (what) => {
    expect(heldBy(nothing, key)(entry)).toBe(false);
    expect(heldBy([...nothing, holdOf(what)], key)(entry)).toBe(true);
    expect(heldBy([...nothing, holdOf(what, false)], key)(entry)).toBe(false);
  });

  it('is a subject by the pseudonym of the very year', () => {
    const isHeld = heldBy([holdOf({ kind: 'subject', subject })], key);
    const last = { ...entry, tags: [subjectTag(key, year - 1, person)] };
    expect(isHeld(last)).toBe(false);
    const id = InquiryId.parse(inquiryIdAt(Date.UTC(year - 1, 5)));
    expect(isHeld({ ...last, id })).toBe(true);
    expect(isHeld({ ...entry, tags: [] })).toBe(false);
    expect(isHeld({ ...entry, tags: ['another', ...entry.tags] })).toBe(true);
  });

  it('is a subject as such where it, or everything, is held', () => {
    expect(isSubjectHeld(nothing, subject)).toBe(false);
    expect(isSubjectHeld([holdOf({ kind: 'subject', subject })], subject)).toBe(true);
    expect(isSubjectHeld([holdOf({ kind: 'everything' })], subject)).toBe(true);
    expect(isSubjectHeld([holdOf({ kind: 'counter', id: 'counter:1' })], subject)).toBe(false);
  });

  it('is counted in events that only grow', () => {
    const one = holdOf({ kind: 'everything' });
    expect(holdEvents([one])).toBe(1);
    expect(holdEvents([{ ...one, holds: false }])).toBe(2);
    expect(holdEvents([{ ...one, holds: false }, one])).toBe(3);
  });

  it('is seen when every claim was made behind it', () => {
    const jobOf = (claim?: object) => ({
      id: 'x',
      version: 1,
      until: 1,
      state: { phase: 'x', ...(claim !== undefined && { claim: { at: 1, ...claim } }) },
    });
    const holds = [holdOf({ kind: 'everything' }), holdOf({ kind: 'everything' })];
    expect(isSeen(holds, [])).toBe(true);
    expect(isSeen(holds, [jobOf(), jobOf({ events: 2 })])).toBe(true);
    expect(isSeen(holds, [jobOf({ events: 2 }), jobOf({ events: 1 })])).toBe(false);
  });
});

const anyHead: Omit<Head, 'size' | 'bucket'> = {
  version: 1,
  root: new Uint8Array(32),
  slot: 0,
  again: [0, 0],
  late: [],
  config: '',
  time: 0,
};

describe('whether the index has passed a time', () => {
  const time = testNow + 4000;
  const passes = (
    marks: readonly { readonly size: number; readonly until: number }[],
    heads: readonly (Pick<Head, 'size' | 'bucket'> | undefined)[],
  ): Promise<boolean> =>
    hasPassed(
      {
        shards: marks.length,
        marks: { read: async (shard) => marks[shard] ?? { size: 0, until: 0 } },
        heads: {
          read: async (shard) => {
            const head = heads[shard];
            if (head === undefined) return undefined;
            return { ...anyHead, ...head };
          },
        },
      },
      time,
    );
  const behind = { size: 5, until: bucketOf(time) * bucketLength };
  const beyond = { size: 5, until: (bucketOf(time) + 1) * bucketLength };
  const closed = { size: 5, bucket: bucketOf(time) + 1 };

  it('is so when it knows a later entry, of every log', async () => {
    expect(await passes([beyond], [undefined])).toBe(true);
    expect(await passes([behind], [undefined])).toBe(false);
    expect(await passes([beyond, behind], [undefined, undefined])).toBe(false);
  });

  it('is so in a quiet hour, when it knows all of a log that is closed beyond it', async () => {
    expect(await passes([behind], [closed])).toBe(true);
    expect(await passes([{ size: 0, until: 0 }], [{ ...closed, size: 0 }])).toBe(true);
    expect(await passes([behind], [{ ...closed, size: 6 }])).toBe(false);
    expect(await passes([behind], [{ ...closed, bucket: bucketOf(time) }])).toBe(false);
    expect(await passes([behind, beyond], [closed, undefined])).toBe(true);
  });
});

describe('the rows of a subject', () => {
  it('are found under the pseudonym of every year, the newest first, once each', async () => {
    const subjects = memorySubjectIndex();
    const rowOf = (t: number, index: number, about: TaggedSubject = person) => ({
      tag: subjectTag(key, new Date(t).getUTCFullYear(), about),
      t,
      shard: 0,
      index,
      id: InquiryId.parse(inquiryIdAt(t)),
      place: { offset: 2, length: 1 },
      known: {},
    });
    const times = [
      Date.UTC(2025, 0, 1),
      ...Array.from({ length: 70 }, (_, n) => Date.UTC(2026, 11, 31, 23, 59, 59) + n),
      // A year without any lies between.
      Date.UTC(2028, 5, 1),
      Date.UTC(2028, 11, 31, 23, 59, 59, 999),
    ];
    const asked = Date.UTC(2029, 0, 1);
    const own = times.map((t, n) => rowOf(t, n));
    await subjects.store.put([
      ...own,
      rowOf(Date.UTC(2026, 1, 1), 1000, other),
      rowOf(endOfIds(asked), 1001),
      rowOf(endOfIds(asked) + 1, 1002),
    ]);
    const found: number[] = [];
    let at: Sealed['at'] = topOf(asked);
    for (;;) {
      const next = await nextRows(
        { subjects: subjects.store, subjectKey: key },
        { subject, at },
        endOfIds(asked),
      );
      if (next === undefined) break;
      found.push(...next.rows.map(({ index }) => index));
      at = next.at;
    }
    expect(found).toEqual(own.map(({ index }) => index).toReversed());
  });
});

describe('an erasure while the index is made again', () => {
  /** An order that can be carried out: a later entry is in the index. */
  const ready = async () => {
    const stage = await setErasing();
    const own = await stage.ask(person);
    const { id } = await stage.order();
    stage.clock.advance(20_000);
    await stage.ask(other);
    await stage.settle();
    const mark = stage.fed.marks.peek(0);
    /** As far back as a rebuild sets it, but for its time. */
    const back = { ...mark, size: 1 };
    return {
      ...stage,
      own,
      id,
      setBack: () => stage.fed.marks.store.swap(0, mark, back),
      goOn: () => stage.fed.marks.store.swap(0, back, mark),
    };
  };

  it('claims nothing that is not known yet', async () => {
    const stage = await ready();
    await stage.setBack();
    await stage.run();
    expect(JSON.stringify(stage.erasures.dump())).not.toContain('claim');
    await stage.goOn();
    await stage.run();
    expect(stage.left(stage.own)).toEqual([]);
  });

  it('touches nothing that was claimed before', async () => {
    const stage = await ready();
    const pause = stage.erasures.faults.pauseCall('swap', 'after');
    const run = stage.run();
    await pause.reached;
    await stage.setBack();
    pause.release();
    await run;
    expect(stage.left(stage.own)).toHaveLength(7);
    await stage.goOn();
    await stage.run();
    expect(stage.left(stage.own)).toEqual([]);
    expect(stage.erasedLeaves()).toMatchObject([{ n: 1 }]);
  });

  it('takes nothing for erased whose tags may be put again from what was read before', async () => {
    const stage = await ready();
    const pause = stage.fed.objects.faults.pauseCall('replace', 'after');
    const run = stage.run();
    await pause.reached;
    await stage.setBack();
    pause.release();
    await run;
    expect(stage.left(stage.own)).toEqual(['subjectTag', 'operatorTag', 'case', 'row']);
    expect(stage.viewOf(stage.id)).toMatchObject({ state: 'erasing', n: 0 });
    await stage.goOn();
    await stage.run();
    expect(stage.left(stage.own)).toEqual([]);
    expect(stage.viewOf(stage.id)).toMatchObject({ state: 'erased', n: 1 });
  });
});

describe('a leaf whose time ran out before it was put', () => {
  it('is put under a new id, and once', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    await stage.order();
    await stage.settle();
    stage.journal.faults.breakCall('putRecord', 'not-persisted');
    await stage.run();
    const [first] = stage.erasures.dump();
    stage.clock.advance(recordable + 1);
    await stage.run();
    const [leaf] = stage.erasedLeaves();
    expect(stage.erasedLeaves()).toHaveLength(1);
    expect(JSON.stringify(first?.state)).not.toContain(leaf?.id ?? 'none');
    expect(leaf?.t).toBe(stage.clock.now());
  });

  it('is not put again where it stands after all', async () => {
    const stage = await setErasing();
    await stage.ask(person);
    await stage.order();
    await stage.settle();
    stage.journal.faults.breakCall('putRecord', 'unacknowledged');
    await stage.run();
    stage.clock.advance(recordable + 1);
    await stage.run();
    expect(stage.erasedLeaves()).toHaveLength(1);
    expect(stage.viewOf(stage.erasures.dump()[0]?.id ?? '').state).toBe('erased');
  });
});
