import type { Fault, StoreCall } from '#tests/support/store-proxy.ts';
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

/** Does some work while calls to the store break. */
export const whileCallsBreak = async <Result>(
  stage: Stage,
  choose: (call: StoreCall) => Fault,
  work: () => Promise<Result>,
): Promise<Result> => {
  const mend = workshopOf(stage).proxy.breakCalls(choose);
  try {
    return await work();
  } finally {
    mend();
  }
};

/** Recognises the writes of one row of one inquiry: its intent or its outcome. */
export const putsOf = (text: string, row: 'i' | 'o'): ((call: StoreCall) => boolean) => {
  const key = JSON.stringify({ S: `${idOf(text)}#${row}` });
  return ({ operation, body }) => operation === 'PutItem' && body.includes(key);
};
