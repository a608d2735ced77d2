import type { Workshop } from '#tests/support/world/base.ts';
import { idOf } from './ask.ts';
import type { Stage } from './stage.ts';

/** Why a case that needs a workshop is skipped where there is none. */
export const onlyLocal = 'a deployed exchange: its store and its process are out of reach';

/** What breaks an exchange; throws where it is deployed. */
export const workshopOf = ({ world: { workshop } }: Stage): Workshop => {
  if (workshop === undefined) throw new Error(`This is ${onlyLocal}.`);
  return workshop;
};

/** Breaks the writes of one row of one inquiry: its intent, its outcome or its hold. */
export const breakPuts = (
  stage: Stage,
  text: string,
  row: 'i' | 'o' | 'h',
  fault: 'refuse' | 'lose',
): Disposable => {
  const key = JSON.stringify({ S: `${idOf(text)}#${row}` });
  return workshopOf(stage).proxy.breakCalls(({ operation, body }) =>
    operation === 'PutItem' && body.includes(key) ? fault : 'pass',
  );
};
