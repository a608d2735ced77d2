import { type Behaviour, type BehaviourName, normal } from '#infra/local/agencies/behaviour.ts';
import type { AgencyName } from '#infra/local/seed/agencies.ts';
import { requestFor } from './ask.ts';
import { serviceOf } from './questions.ts';
import type { Stage } from './stage.ts';

/** Milliseconds that a behaviour takes where it takes any: `slow` in all, `drip` between two bytes. */
type Time = Pick<Behaviour, 'ms'>;

/** Makes an agency behave for as long as some work takes; it is normal again afterwards. */
export const whileBehaving = async <Result>(
  { world }: Stage,
  agency: AgencyName,
  name: BehaviourName,
  work: () => Promise<Result>,
  { ms }: Time = { ms: 0 },
): Promise<Result> => {
  await world.agency(agency).behave({ name, ms });
  try {
    return await work();
  } finally {
    await world.agency(agency).behave(normal);
  }
};

/** Asks an agency for something it knows; a success also tells the circuit breaker that all is well. */
export const askWell = async (stage: Stage, agency: AgencyName): Promise<number> =>
  (await stage.wire.post(await requestFor(stage, { question: serviceOf(agency).yes }))).status;
