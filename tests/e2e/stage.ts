import { requestFactsExample } from '#tests/support/messages.ts';
import { startWorld, type World } from '#tests/support/world.ts';
import { type Persons, rememberPersons } from './persons.ts';
import { startWire, type Wire } from './wire.ts';

/** What every suite plays on: one world, one wire to its exchange, one memory of what was said. */
export type Stage = { readonly world: World; readonly wire: Wire; readonly persons: Persons };

/** Suites are put together before the stage stands, so they are given the way to it. */
export type OnStage = () => Stage;

export const openStage = async (): Promise<Stage> => {
  let url = '';
  const wire = startWire(() => url);
  const world = await startWorld({ transport: wire.transport });
  url = world.url;
  const persons = rememberPersons();
  persons.note(requestFactsExample);
  return { world, wire, persons };
};
