import type { Exchange } from '#shared/inquiry/exchange.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { readEnv } from './env.ts';
import { loadExchange } from './exchange.ts';
import { type Answers, type Handler, serve } from './http.ts';
import { type Observer, observer } from './observe.ts';

/** A function's answers, given the exchange they stand on. */
export type MakeAnswers = (exchange: () => Promise<Exchange>) => Answers;

let loading: Promise<Exchange> | undefined;

/** One exchange a process, loaded at the first request that needs it; a failed load is tried again. */
const sharedExchange = async (): Promise<Exchange> => {
  loading ??= loadExchange(readEnv());
  try {
    return await loading;
  } catch (cause) {
    loading = undefined;
    if (cause instanceof Problem) throw cause;
    const said = 'The exchange cannot reach its keys; nothing was sent on.';
    throw new Problem('signer-unavailable', said, { retryAfter: 2 }, { cause });
  }
};

let observing: Observer | undefined;

/** The handler that AWS Lambda and the local server call. */
export const lambda = (make: MakeAnswers): Handler => {
  const answers = make(sharedExchange);
  return serve(() => {
    observing ??= observer(readEnv());
    return { answers, observe: observing };
  });
};
