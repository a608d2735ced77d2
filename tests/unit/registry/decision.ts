/** An inquiry that is decided on, and what is known of its counter and its service. */
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { RequestClaims, RequestFacts } from '#shared/message/claims.ts';
import type { Snapshot } from '#shared/registry/decide.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { requestClaimsAt, requestFactsExample, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService } from '#tests/support/registry.ts';

export type Question = {
  readonly claims: Pick<RequestClaims, 'inq' | 'iss'>;
  readonly facts: Pick<RequestFacts, 'subject'> & { readonly params: JsonObject };
};

const claims = RequestClaims.parse(requestClaimsAt(testNow, 'counter:72110345'));

/** About a person, for the identity service, for the purpose `pension-enrolment`. */
export const honest: Question = { claims, facts: RequestFacts.parse(requestFactsExample) };

export const asking = (inq: Partial<RequestClaims['inq']>, iss = claims.iss): Question => ({
  ...honest,
  claims: { iss, inq: { ...claims.inq, ...inq } },
});

export const about = (facts: Partial<Question['facts']>): Question => ({
  ...honest,
  facts: { ...honest.facts, ...facts },
});

/** The same question, asked by a software house for the counter. */
export const delegated: Question = asking({ for: claims.iss }, house);

/** A counter with a valid licence, and the identity service, open to all. */
export const openSnapshot: Snapshot = {
  version: 12,
  participant: counterOf('counter:72110345'),
  service: identityService,
  agency: agencyOf('agency:civil-registry'),
};

/** The same, with the software house that may ask for the counter. */
export const delegatedSnapshot: Snapshot = {
  ...openSnapshot,
  delegate: houseOf(),
  delegation: delegationOf(),
};
