import { describe, expect, it } from 'vitest';
import { brieflyOver } from '#functions/runtime/briefly.ts';

type Passing = { readonly signal: AbortSignal; readonly milliseconds: number };

/** A clock that a test lets pass: by default time stands still until it is given up. */
const standingClock = () => {
  const passings: Passing[] = [];
  const over = Promise.withResolvers<undefined>();
  const briefly = brieflyOver((milliseconds, _, { signal }) => {
    passings.push({ milliseconds, signal });
    return over.promise;
  });
  return { briefly, passings, pass: () => over.resolve(undefined) };
};

describe('waiting briefly', () => {
  it('ends with the work, and lets the clock go', async () => {
    const { briefly, passings } = standingClock();
    await briefly(Promise.resolve('done'));
    expect(passings).toMatchObject([{ milliseconds: 200, signal: { aborted: true } }]);
  });

  it('does not fail with the work', async () => {
    const { briefly } = standingClock();
    await expect(briefly(Promise.reject(new Error('lost')))).resolves.toBeUndefined();
  });

  it('ends without the work once its time has passed', async () => {
    const { briefly, pass } = standingClock();
    const work = Promise.withResolvers<void>();
    const waiting = briefly(work.promise);
    pass();
    await expect(waiting).resolves.toBeUndefined();
    work.reject(new Error('too late, and nobody minds'));
  });
});
