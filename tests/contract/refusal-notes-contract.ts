import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checks } from '#shared/inquiry/checks.ts';
import {
  maxNoted,
  noteTime,
  RefusalNote,
  type RefusalNotes,
} from '#shared/inquiry/refusal-notes.ts';
import type { Clock } from '#shared/kernel/clock.ts';
import { inquiryIdAt, testNow } from '#tests/support/messages.ts';

export const sampleNote: RefusalNote = RefusalNote.parse({
  request: 'JKJaXmPLvHcESHA=',
  readers: ['guild:pishkhan', 'counter:72110345'],
  t: testNow,
  check: 'inquiry-fresh',
  inquiry: inquiryIdAt(testNow),
  cause: 'malformed',
  errors: [{ pointer: '/inq/seq', detail: 'must be at least 1' }],
});

const anyNote = fc
  .record(
    {
      request: fc.stringMatching(/^[A-Za-z0-9_=-]{1,64}$/),
      readers: fc.constantFrom(['counter:1'], ['vendor:one', 'counter:2']),
      t: fc.integer({ min: testNow - 1000, max: testNow }),
      check: fc.constantFrom(...checks.keys()),
      cause: fc.stringMatching(/^[a-z-]{1,64}$/),
      errors: fc.array(fc.record({ pointer: fc.string(), detail: fc.string() }), {
        maxLength: maxNoted,
      }),
    },
    { requiredKeys: ['request', 'readers', 't', 'check'] },
  )
  .map((note) => RefusalNote.parse(note));

/** The promises of the port `RefusalNotes`, for every adapter alike. `makeStore` is called once a test. */
export const refusalNotesContract = (
  name: string,
  makeStore: (now: Clock) => RefusalNotes | Promise<RefusalNotes>,
): void => {
  const still: Clock = () => testNow;

  describe(`${name} as RefusalNotes`, () => {
    it('has no note of a request that was not refused', async () => {
      const store = await makeStore(still);
      expect(await store.find(sampleNote.request)).toBeUndefined();
    });

    it('gives back a note as it was put, however often it was put', async () => {
      const store = await makeStore(still);
      await store.put(sampleNote);
      await store.put(sampleNote);
      expect(await store.find(sampleNote.request)).toEqual(sampleNote);
    });

    it('gives back every note of every request', async () => {
      const store = await makeStore(still);
      await fc.assert(
        fc.asyncProperty(anyNote, async (note) => {
          await store.put(note);
          expect(await store.find(note.request)).toEqual(note);
        }),
        { numRuns: 60 },
      );
    });

    it('keeps requests apart that are alike', async () => {
      const store = await makeStore(still);
      const requests = ['a', 'A', 'a=', '-a', '_a', 'aa'];
      await Promise.all(
        requests.map((request, n) => store.put({ ...sampleNote, request, t: testNow - n })),
      );
      for (const [n, request] of requests.entries()) {
        expect((await store.find(request))?.t).toBe(testNow - n);
      }
    });

    it.each([
      [noteTime - 1, true],
      [noteTime, false],
    ])('after %i ms a note is found: %s', async (later, found) => {
      const store = await makeStore(() => testNow + later);
      await store.put(sampleNote);
      expect((await store.find(sampleNote.request)) !== undefined).toBe(found);
    });
  });
};
