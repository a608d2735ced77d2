/** An inquiry that is decided on, and what is known of its counter and its service. */
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { RequestClaims, RequestFacts } from '#shared/message/claims.ts';
import type { Snapshot } from '#shared/registry/decide.ts';
import { requestClaimsAt, requestFactsExample, testNow } from '#tests/support/messages.ts';
import { agencyOf, counterOf, identityService } from '#tests/support/registry.ts';

export type Question = {
  readonly claims: Pick<RequestClaims, 'inq'>;
  readonly facts: Pick<RequestFacts, 'subject'> & { readonly params: JsonObject };
};

const claims = RequestClaims.parse(requestClaimsAt(testNow, 'counter:72110345'));

/** About a person, for the identity service, for the purpose `pension-enrolment`. */
export const honest: Question = { claims, facts: RequestFacts.parse(requestFactsExample) };

export const asking = (inq: Partial<RequestClaims['inq']>): Question => ({
  ...honest,
  claims: { inq: { ...claims.inq, ...inq } },
});

export const about = (facts: Partial<Question['facts']>): Question => ({
  ...honest,
  facts: { ...honest.facts, ...facts },
});

/** A counter with a valid licence, and the identity service, open to all. */
export const openSnapshot: Snapshot = {
  version: 12,
  participant: counterOf('counter:72110345'),
  service: identityService,
  agency: agencyOf('agency:civil-registry'),
};
