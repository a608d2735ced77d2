import { loadFunction } from './load-function.ts';
import type { Places } from './places.ts';

/** Removes what was on its way into the directories of objects when an exchange stopped; under its lock. */
export const removeDraftsIn = async ({ objects, derived, staging }: Places): Promise<void> => {
  const removeDrafts = await loadFunction('objects/drafts.ts', 'removeDrafts');
  for (const directory of [objects, derived, staging]) await removeDrafts(directory);
};
