import type { Exchange } from '#shared/inquiry/exchange.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { type Env, readEnv } from './env.ts';
import { loadExchange } from './exchange.ts';
import { type Answers, type Handler, serve } from './http.ts';
import { loadOnce } from './load-once.ts';
import { type Observer, observer } from './observe.ts';

/** A function's answers, given what they stand on: the exchange, or a part of it. */
export type MakeAnswers<Ground = Exchange> = (load: () => Promise<Ground>) => Answers;

/** Whatever a load fails of, it is the keys or the settings that cannot be had. */
const toldAsProblem =
  <Ground>(load: () => Promise<Ground>) =>
  async (): Promise<Ground> => {
    try {
      return await load();
    } catch (cause) {
      if (cause instanceof Problem) throw cause;
      const said = 'The exchange cannot reach its keys; nothing was sent on.';
      throw new Problem('signer-unavailable', said, { retryAfter: 2 }, { cause });
    }
  };

let observing: Observer | undefined;

/**
 * The handler that AWS Lambda and the local server call. What it stands on is loaded once a process,
 * at the first request that needs it; a failed load is tried again.
 */
export const lambdaOver = <Ground>(
  load: (env: Env) => Promise<Ground>,
  make: MakeAnswers<Ground>,
): Handler => {
  const answers = make(loadOnce(toldAsProblem(() => load(readEnv()))));
  return serve(() => {
    observing ??= observer(readEnv());
    return { answers, observe: observing };
  });
};

/** One exchange a process: the functions that stand on all of it share it. */
const sharedExchange = loadOnce(() => loadExchange(readEnv()));

export const lambda = (make: MakeAnswers): Handler => lambdaOver(sharedExchange, make);
