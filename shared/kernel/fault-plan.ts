import { Problem } from './problem.ts';

/** How a call breaks: nothing was kept, or it was kept and nobody was told. */
export type Fault = 'not-persisted' | 'unacknowledged';

/** A call that stands still. It goes on after `release`; a process that never does has crashed. */
export type Pause = { readonly reached: Promise<void>; readonly release: () => void };

/** What a test may do to a memory twin. `nth` counts from now: 1 is the next call of the method. */
export type Faults<Method extends string> = {
  readonly breakCall: (method: Method, fault: Fault, nth?: number) => void;
  /** Stops a call before it has any effect, or after its effect and before its caller knows. */
  readonly pauseCall: (method: Method, where: 'before' | 'after', nth?: number) => Pause;
  /** How often a method was called so far. */
  readonly calls: (method: Method) => number;
};

type Plan = { readonly before: () => Promise<void>; readonly after: () => Promise<void> };

const goOn = (): Promise<void> => Promise.resolve();

const fail = (): Promise<never> =>
  Promise.reject(new Problem('store-unavailable', 'The store was told to fail.'));

const planOf: Readonly<Record<Fault, Plan>> = {
  'not-persisted': { before: fail, after: goOn },
  unacknowledged: { before: goOn, after: fail },
};

/** Lets a memory twin break as planned: every method of it does its work inside `run`. */
export const faultPlan = <Method extends string>(): {
  readonly faults: Faults<Method>;
  readonly run: <Result>(method: Method, effect: () => Result) => Promise<Result>;
} => {
  const counts = new Map<Method, number>();
  const plans = new Map<string, Plan>();
  const calls = (method: Method): number => counts.get(method) ?? 0;
  const plan = (method: Method, nth: number, what: Plan): void => {
    plans.set(`${method} ${calls(method) + nth}`, what);
  };
  return {
    faults: {
      calls,
      breakCall: (method, fault, nth = 1) => plan(method, nth, planOf[fault]),
      pauseCall: (method, where, nth = 1) => {
        const reached = Promise.withResolvers<void>();
        const released = Promise.withResolvers<void>();
        const stop = (): Promise<void> => {
          reached.resolve();
          return released.promise;
        };
        plan(method, nth, { before: goOn, after: goOn, [where]: stop });
        return { reached: reached.promise, release: released.resolve };
      },
    },
    run: async (method, effect) => {
      counts.set(method, calls(method) + 1);
      const { before, after } = plans.get(`${method} ${calls(method)}`) ?? {
        before: goOn,
        after: goOn,
      };
      await before();
      const result = effect();
      await after();
      return result;
    },
  };
};
