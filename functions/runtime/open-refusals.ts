import type { RefusalNotes } from '#shared/inquiry/refusal-notes.ts';
import type { AwsJsonCall } from './aws-json.ts';
import { dynamoRefusalNotes } from './dynamo/refusal-notes.ts';
import type { Env } from './env.ts';
import { demand } from './log/log-env.ts';

/** The notes of refusals, opened when they are used: most functions are not told where they are. */
export const openRefusals = (env: Env, call: AwsJsonCall): RefusalNotes => {
  const store = (): RefusalNotes =>
    dynamoRefusalNotes(call, demand(env, 'TRANSIENT_TABLE'), Date.now);
  return {
    put: async (note) => store().put(note),
    find: async (request) => store().find(request),
  };
};
