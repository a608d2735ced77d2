import { Problem } from '#shared/kernel/problem.ts';
import { loadOnce } from '../load-once.ts';
import { type LogProcess, thisProcess } from './scheduled.ts';

export type InvokedHandler = (event: unknown) => Promise<object>;

type Load = (given: LogProcess) => Promise<InvokedHandler>;

/** Does what an event asks for, loaded once; `failed` is what comes of it where that fails, or throws. */
const handling = (
  load: Load,
  start: () => LogProcess,
  failed: (error: unknown) => object,
): InvokedHandler => {
  let given: LogProcess | undefined;
  const loaded = loadOnce(async () => load((given ??= start())));
  return async (event) => {
    const { observe } = (given ??= start());
    try {
      const answer = await loaded();
      return await answer(event);
    } catch (error) {
      observe.failure(error, {});
      return failed(error);
    }
  };
};

/**
 * The handler of a function that others invoke: a {@link Problem} is returned by its name and never
 * thrown. Everything else that is thrown is a bug, for whoever invoked it, too.
 */
export const invoked = (load: Load, start: () => LogProcess = thisProcess): InvokedHandler =>
  handling(load, start, (error) => {
    if (error instanceof Problem) return { problem: error.name };
    throw error;
  });

/**
 * The handler of a function that the clock starts, which reads no answer: whatever fails is thrown, so
 * that it counts for the alarm of its errors.
 */
export const clocked = (load: Load, start: () => LogProcess = thisProcess): InvokedHandler =>
  handling(load, start, (error) => {
    throw error;
  });
