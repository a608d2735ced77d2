import { setTimeout as wait } from 'node:timers/promises';
import type { Briefly } from '#shared/inquiry/ports.ts';

/** Milliseconds that an answer may wait for what it does not depend on. */
const patience = 200;

/** The passing of so many milliseconds, until it is given up. */
type Wait = (
  milliseconds: number,
  value: undefined,
  options: { readonly signal: AbortSignal },
) => Promise<unknown>;

const ignored = (): undefined => undefined;

/**
 * Waits for work at most {@link patience}: a Lambda that has answered stands still, and with it whatever
 * nobody waited for.
 */
export const brieflyOver =
  (pass: Wait): Briefly =>
  async (work) => {
    const over = new AbortController();
    const enough = pass(patience, undefined, { signal: over.signal }).catch(ignored);
    await Promise.race([work.catch(ignored), enough]);
    over.abort();
  };

export const briefly: Briefly = brieflyOver(wait);
