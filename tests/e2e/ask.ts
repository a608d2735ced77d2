import { randomUUID } from 'node:crypto';
import { type AgencyName, agencyNames } from '#infra/local/seed/agencies.ts';
import type { InquiryId } from '#shared/kernel/id.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { RequestClaims } from '#shared/message/claims.ts';
import { kinds } from '#shared/message/kind.ts';
import { payloadOf } from '#tests/support/exchange.ts';
import {
  buildMessage,
  buildRequest,
  newJti,
  type Overrides,
  type TestKey,
  withInquiry,
  withMembers,
} from '#tests/support/messages.ts';
import { type Question, serviceOf } from './questions.ts';
import type { Stage } from './stage.ts';

export const till = 'counter:72110345';
export const otherTill = 'counter:72110346';

/** An honest request, bent where the overrides say so. */
export type Asking = Overrides & {
  readonly question?: Question;
  /** The counter {@link till} when nothing is said. */
  readonly key?: TestKey;
  /** An id made now when nothing is said. */
  readonly id?: string;
};

export const audienceOf = ({ world }: Pick<Stage, 'world'>): string =>
  `${world.origin}/v1/inquiries`;

/** A case and an operator that no other inquiry of the run names. */
const caseFacts = (): JsonObject => ({
  case: `1405/${randomUUID()}`,
  operator: `operator-${randomUUID()}`,
});

/** The facts of a request; all that is said in them is remembered as personal. */
export const factsFor = ({ persons }: Stage, { subject, params }: Question): JsonObject => {
  const facts = { subject: { ...subject }, params, ...caseFacts() };
  persons.note(facts);
  if (subject.type === 'ir-plate') persons.note(JSON.stringify(subject.value));
  return facts;
};

/** The text of a request, made and signed now. */
export const requestFor = (stage: Stage, asking: Asking = {}): Promise<string> => {
  const { question = serviceOf('civil-registry').yes, id, claims, ...overrides } = asking;
  const { service, purpose } = question;
  const asked = withInquiry({ service, purpose, ...(id !== undefined && { id }) });
  return buildRequest({
    key: stage.world.keyOf(till),
    now: Date.now(),
    audience: audienceOf(stage),
    facts: factsFor(stage, question),
    ...overrides,
    claims: (honest) => (claims ?? ((same) => same))(asked(honest)),
  });
};

/** A fresh token with the same `inq` and the same disclosures: what a counter sends to retry. */
export const retryOf = (
  { world }: Stage,
  text: string,
  { key = world.keyOf(till), ...overrides }: Overrides & { readonly key?: TestKey } = {},
): Promise<string> => {
  const base = withMembers({ _sd: undefined })(payloadOf(text));
  const iat = Math.floor(Date.now() / 1000);
  const disclosures = text.split('~').slice(1, -1);
  return buildMessage({
    disclosures: () => disclosures,
    ...overrides,
    key,
    kind: kinds.request,
    base: { ...base, iss: key.owner, iat, exp: iat + 60, jti: newJti() },
  });
};

export const idOf = (text: string): InquiryId => RequestClaims.parse(payloadOf(text)).inq.id;

/** How many inquiries the agencies opened so far: one of them, or all. */
export const callsTo = ({ world }: Stage, ...names: readonly AgencyName[]): number =>
  (names.length === 0 ? agencyNames : names)
    .map((name) => world.agency(name).calls().count)
    .reduce((sum, count) => sum + count, 0);

/** What work comes to, and how many inquiries reached agencies while it was done. */
export const whileCounting = async <Result>(
  stage: Stage,
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly calls: number }> => {
  const before = callsTo(stage);
  const result = await work();
  return { result, calls: callsTo(stage) - before };
};
