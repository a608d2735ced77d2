import { AwsError } from '#functions/runtime/aws-http.ts';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';

const isWrite = (operation: string): boolean => ['PutItem', 'UpdateItem'].includes(operation);

/** A client in a process that dies at one of its writes, before it is kept or after, and stays dead. */
export const dyingCall = (call: AwsJsonCall, lastWrite: number, fault: Fault): AwsJsonCall => {
  let writes = 0;
  const die = (): never => {
    throw new AwsError('Network', true, undefined);
  };
  return async (operation, input) => {
    if (writes >= lastWrite) return die();
    if (!isWrite(operation)) return call(operation, input);
    writes += 1;
    const dies = writes === lastWrite;
    if (dies && fault === 'not-persisted') return die();
    const answer = await call(operation, input);
    return dies ? die() : answer;
  };
};
