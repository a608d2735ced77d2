import { Problem } from '#shared/kernel/problem.ts';
import { loadOnce } from '../load-once.ts';
import { type LogProcess, thisProcess } from './scheduled.ts';

export type InvokedHandler = (event: unknown) => Promise<object>;

/**
 * The handler of a function that others invoke: a {@link Problem} is returned by its name and never
 * thrown. Everything else that is thrown is a bug, for whoever invoked it, too.
 */
export const invoked = (
  load: (given: LogProcess) => Promise<InvokedHandler>,
  start: () => LogProcess = thisProcess,
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
      if (error instanceof Problem) return { problem: error.name };
      throw error;
    }
  };
};
