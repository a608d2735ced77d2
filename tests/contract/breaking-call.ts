import { AwsError } from '#functions/runtime/aws-http.ts';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import type { Fault } from '#shared/kernel/fault-plan.ts';

export type BreakingCall = {
  readonly call: AwsJsonCall;
  /** Breaks the next call of an operation whose input, as JSON, contains the text. */
  readonly breakNext: (operation: string, fault: Fault, containing?: string) => void;
  /** Every call so far, broken ones too. */
  readonly calls: ReadonlyArray<{ readonly operation: string; readonly input: string }>;
};

const away = (): AwsError => new AwsError('Network', true, undefined);

/** A client of a store whose connection breaks when it is told to. */
export const breakingCall = (call: AwsJsonCall): BreakingCall => {
  const calls: { readonly operation: string; readonly input: string }[] = [];
  const plans: { operation: string; fault: Fault; containing: string }[] = [];
  return {
    calls,
    breakNext: (operation, fault, containing = '') => {
      plans.push({ operation, fault, containing });
    },
    call: async (operation, input) => {
      const text = JSON.stringify(input);
      calls.push({ operation, input: text });
      const at = plans.findIndex(
        (plan) => plan.operation === operation && text.includes(plan.containing),
      );
      const [plan] = at < 0 ? [] : plans.splice(at, 1);
      if (plan?.fault === 'not-persisted') throw away();
      const answer = await call(operation, input);
      if (plan?.fault === 'unacknowledged') throw away();
      return answer;
    },
  };
};
