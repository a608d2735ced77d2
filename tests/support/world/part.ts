import { type Child, startChild } from '#infra/local/child.ts';
import type { Part } from './base.ts';

/** A part that is started again as it was; gives each time what it says when it is ready. */
export const restartable = (
  options: Parameters<typeof startChild>[0],
): { readonly part: Part; readonly begin: () => Promise<object> } => {
  let child: Child | undefined;
  const stop = async (): Promise<void> => {
    await child?.stop();
    child = undefined;
  };
  const begin = async (): Promise<object> => {
    child = startChild(options);
    return child.ready;
  };
  return {
    begin,
    part: {
      stop,
      start: async () => {
        await begin();
      },
    },
  };
};
