import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { buildPersonToken, type PersonTokenParts } from '#tests/support/person-tokens.ts';
import type { Stage } from './stage.ts';
import type { Heard } from './wire.ts';
import { workshopOf } from './workshop.ts';

export const accesses = '/v1/subjects/me/accesses';
export const disputes = '/v1/subjects/me/disputes';

/** The token of a person, made now by the provider of this world; its number is remembered as personal. */
export const tokenOf = (
  stage: Stage,
  nationalId: string,
  { claims, ...bend }: Partial<PersonTokenParts> = {},
): string => {
  stage.persons.note(nationalId);
  return buildPersonToken({
    key: workshopOf(stage).personKey,
    now: Date.now(),
    claims: { aud: stage.world.origin, national_id: nationalId, ...claims },
    ...bend,
  });
};

type Asking = {
  readonly headers?: Readonly<Record<string, string>>;
  /** What the token says else. */
  readonly bend?: Partial<PersonTokenParts>;
};

/** What a person is answered who reads of its own. */
export const readAsPerson = (
  stage: Stage,
  nationalId: string,
  target: string,
  { headers = {}, bend = {} }: Asking = {},
): Promise<Heard> => {
  const authorization = `Bearer ${tokenOf(stage, nationalId, bend)}`;
  return stage.wire.send('GET', target, { headers: { ...headers, authorization } });
};

/** What a person is answered who does not recognise an inquiry. */
export const disputeAsPerson = (
  stage: Stage,
  nationalId: string,
  dispute: JsonObject,
): Promise<Heard> =>
  stage.wire.send('POST', disputes, {
    headers: {
      authorization: `Bearer ${tokenOf(stage, nationalId)}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify(dispute),
  });
