import { sha256Url } from '../../kernel/bytes.ts';
import { roleOf } from '../../kernel/participant-id.ts';
import { namesCounter, RequestClaims, ResponseClaims } from '../../message/claims.ts';
import { kinds } from '../../message/kind.ts';
import { audiencesOf } from './audience.ts';
import { type CheckedMessage, checkMessage, type Fault } from './check-message.ts';
import { checkOutcome } from './check-outcome.ts';
import type { KeyBook, KeyNote, Place } from './key-book.ts';
import type { InquiryLeaf } from './read-leaf.ts';

export type CheckedInquiry = {
  readonly faults: readonly Fault[];
  readonly notes: readonly KeyNote[];
  /** Whether all that is missing is a key which a leaf that follows may still put on record. */
  readonly waits: boolean;
};

/** Whom to ask for keys, and the origin of the log, for example `exchange.example/log/0`. */
export type InquiryContext = {
  readonly book: Pick<KeyBook, 'find'>;
  readonly origin: string;
  readonly place: Place;
};

/** `civil-registry/identity@1` is a service of `agency:civil-registry`. */
const agencyOf = (service: string): string => `agency:${service.split('/', 1)[0] ?? ''}`;

const broken = (when: boolean, fault: string, detail: string): readonly Fault[] =>
  when ? [{ fault, detail }] : [];

const requestFaults = (
  { id, intent }: InquiryLeaf,
  claims: RequestClaims,
  origin: string,
): readonly Fault[] => {
  const { aud, inq } = claims;
  return [
    ...broken(inq.id !== id, 'request-of-another', 'The request is for another inquiry.'),
    ...broken(
      !audiencesOf(origin, '/v1/inquiries').includes(aud),
      'wrong-audience',
      'The request was for another exchange.',
    ),
    ...broken(
      intent.dec.effect === 'allow' && !namesCounter(claims),
      'counter-unnamed',
      'The request was allowed, and neither a counter signed it nor is one named as it must be.',
    ),
  ];
};

const responseFaults = (
  { id, intent, outcome }: InquiryLeaf,
  { iss, aud, inq_id, req_s256, outcome: said, _sd = [] }: ResponseClaims,
  request: RequestClaims | undefined,
): readonly Fault[] => {
  const withheld = outcome.withheld?.split(',') ?? [];
  return [
    ...broken(
      inq_id !== id || req_s256 !== sha256Url(intent.req),
      'answer-to-another',
      'The answer is to another request.',
    ),
    ...broken(
      request !== undefined && iss !== agencyOf(request.inq.service),
      'answer-of-another',
      'The answer is signed by another agency than the service belongs to.',
    ),
    ...broken(roleOf(aud) !== 'exchange', 'wrong-audience', 'The answer was not for an exchange.'),
    ...broken(said !== outcome.out, 'outcome-differs', 'The agency said another outcome.'),
    ...broken(
      withheld.length > _sd.length || withheld.includes('') || !isDistinct(withheld),
      'withheld-wrong',
      'What was withheld is not a part of the answer.',
    ),
  ];
};

const isDistinct = (names: readonly string[]): boolean => new Set(names).size === names.length;

const named = (whose: string, { faults = [] }: CheckedMessage<unknown>): readonly Fault[] =>
  faults.map(({ fault, detail }) => ({ fault: `${whose}-${fault}`, detail }));

const notesOf = (message: CheckedMessage<unknown> | undefined): readonly KeyNote[] =>
  message?.faults === undefined && message?.note !== undefined ? [message.note] : [];

const misses = (message: CheckedMessage<unknown> | undefined): boolean =>
  message?.faults !== undefined && message.keyMissing;

/**
 * Checks an inquiry by nothing but its leaf and the keys on record: the signature of the request (the
 * counter's, or that of whoever asks for it), the agency's of the answer, and that decision, request,
 * answer and outcome agree.
 *
 * Not checked, since the leaf does not say it: what the disclosures hold, whether the decision was
 * right (and so whether the counter lets another ask for it), and the forward that an answer replies to.
 */
export const checkInquiry = async (
  leaf: InquiryLeaf,
  { book, origin, place }: InquiryContext,
): Promise<CheckedInquiry> => {
  const { intent, outcome } = leaf;
  const [request, response] = await Promise.all([
    checkMessage({
      jws: intent.req,
      kind: kinds.request,
      claims: RequestClaims,
      book,
      place,
      time: intent.t,
    }),
    outcome.res === undefined
      ? undefined
      : checkMessage({
          jws: outcome.res,
          kind: kinds.response,
          claims: ResponseClaims,
          book,
          place,
          time: outcome.t,
        }),
  ]);
  const asked = request.claims;
  const answered = response?.claims;
  return {
    faults: [
      ...checkOutcome(leaf),
      ...named('request', request),
      ...(asked === undefined ? [] : requestFaults(leaf, asked, origin)),
      ...(response === undefined ? [] : named('answer', response)),
      ...(answered === undefined ? [] : responseFaults(leaf, answered, asked)),
    ],
    notes: [...notesOf(request), ...notesOf(response)],
    waits: misses(request) || misses(response),
  };
};
