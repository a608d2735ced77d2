import * as z from 'zod';
import { Outcome } from '#events/outcome.ts';
import { InquiryId } from '../kernel/id.ts';
import { participantIdPattern, roleOf } from '../kernel/participant-id.ts';
import { Subject } from '../persian/subject.ts';

/** What agencies are asked: the three disclosure levels of domain.md. */
export const Level = z.enum(['verify', 'match', 'read']);
export type Level = z.infer<typeof Level>;

export const ParticipantId = z.string().regex(participantIdPattern);
export type ParticipantId = z.infer<typeof ParticipantId>;

/** The participant id of a counter. */
const CounterId = z.string().regex(/^counter:[a-z0-9][a-z0-9-]{0,51}$/);

/** `agency/name@version`, for example `civil-registry/identity@1`. */
export const ServiceRef = z
  .string()
  .regex(/^[a-z][a-z0-9-]{1,40}\/[a-z][a-z0-9-]{1,40}@[1-9][0-9]{0,3}$/)
  .brand<'ServiceRef'>();
export type ServiceRef = z.infer<typeof ServiceRef>;

/** base64url of 32 bytes. */
export const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/);

const MessageId = z.string().regex(/^[A-Za-z0-9_-]{16,64}$/);
const Seconds = z.int().min(0);

/**
 * A code word in the clear. It enters the log, so it must not be able to hold a person's number: at
 * most eight digits in all, since nine of a national id give the tenth away.
 */
export const Code = z
  .string()
  .regex(/^[a-z][a-z0-9]*(?:[-.:/][a-z0-9]+)*$/)
  .max(64)
  .regex(/^(?:[^0-9]*[0-9]){0,8}[^0-9]*$/);

/** A public key as it travels: nothing but what RFC 7638 takes its thumbprint over. */
export const PublicJwk = z.union([
  z.strictObject({ kty: z.literal('EC'), crv: z.literal('P-256'), x: Digest, y: Digest }),
  z.strictObject({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: Digest }),
]);
export type PublicJwk = z.infer<typeof PublicJwk>;

/** `exp` and `nbf` are judged in verify.ts, by the kind's lifetime. */
const common = {
  iss: ParticipantId,
  aud: z.string().min(1).max(512),
  iat: Seconds,
  jti: MessageId,
  nbf: Seconds.optional(),
};
const expiring = { ...common, exp: Seconds };
const digests = { _sd: z.array(Digest).optional(), _sd_alg: z.literal('sha-256').optional() };

export const presences = ['in-person', 'proxy', 'none'] as const;

export const RequestClaims = z.strictObject({
  ...expiring,
  ...digests,
  inq: z.strictObject({
    id: InquiryId,
    /** Gapless from 1 for each signer (`iss`) and station, whomever it asks for. */
    seq: z.int().min(1),
    service: ServiceRef,
    purpose: Code,
    basis: Code,
    station: Code,
    presence: z.enum(presences),
    /** The counter that is asked for, when another signs: its guild, or the house of its software. */
    for: CounterId.exactOptional(),
  }),
});
export type RequestClaims = z.infer<typeof RequestClaims>;

type Asking = { readonly iss: ParticipantId; readonly inq: { readonly for?: ParticipantId } };

/** The counter that a request is made for: the one that it names, or else whoever signed it. */
export const counterOf = ({ iss, inq }: Asking): ParticipantId => inq.for ?? iss;

/** Whoever signed a request in a counter's place; undefined when it signed its own. */
export const delegateOf = (claims: Asking): ParticipantId | undefined =>
  counterOf(claims) === claims.iss ? undefined : claims.iss;

/** Whether a participant may read of an inquiry: it signed the request, or was asked for in it. */
export const isPartyTo = (claims: Asking, participant: ParticipantId): boolean =>
  claims.iss === participant || counterOf(claims) === participant;

/** Whether a participant may ask for counters: a guild, or the house of their software. */
export const mayBeDelegate = (id: ParticipantId): boolean => {
  const role = roleOf(id);
  return role === 'guild' || role === 'vendor';
};

/** Whether a request says whose it is: a counter's own, or a delegate's for a counter that it names. */
export const namesCounter = (claims: Asking): boolean => {
  const counter = counterOf(claims);
  return roleOf(counter) === 'counter' && (counter === claims.iss || mayBeDelegate(claims.iss));
};

const Reference = z.string().min(1).max(128);

/** What the four disclosures of a request say. */
export const RequestFacts = z.strictObject({
  subject: Subject,
  params: z.record(z.string().regex(/^[A-Za-z][A-Za-z0-9]{0,40}$/), z.json()),
  case: Reference,
  operator: Reference,
});
export type RequestFacts = z.infer<typeof RequestFacts>;

/** The names a request must open, all of them and no other. */
export const requestFacts = ['subject', 'params', 'case', 'operator'] as const;

export const ForwardClaims = z.strictObject({
  ...expiring,
  inq_id: InquiryId,
  origin: z.string().max(65_536),
  origin_key: PublicJwk,
  level: Level,
  fields: z.array(z.string().max(64)).max(64),
});
export type ForwardClaims = z.infer<typeof ForwardClaims>;

/** What an agency may say; the other outcomes are the exchange's own. */
export const AgencyOutcome = Outcome.extract([
  'MATCH',
  'NO_MATCH',
  'FOUND',
  'NOT_FOUND',
  'INDETERMINATE',
  'REFUSED',
  'SOURCE_UNAVAILABLE',
]);
export type AgencyOutcome = z.infer<typeof AgencyOutcome>;

export const ResponseClaims = z.strictObject({
  ...expiring,
  ...digests,
  in_reply_to: MessageId,
  req_s256: Digest,
  inq_id: InquiryId,
  seq: z.int().min(1),
  outcome: AgencyOutcome,
});
export type ResponseClaims = z.infer<typeof ResponseClaims>;

export const Decision = z.strictObject({
  effect: z.enum(['allow', 'deny']),
  rule: Code,
  registry: z.int().min(0),
});
export type Decision = z.infer<typeof Decision>;

export const ReceiptClaims = z.strictObject({
  ...common,
  in_reply_to: MessageId,
  req_s256: Digest,
  inq_id: InquiryId,
  decision: Decision,
  outcome: Outcome,
  answer_s256: Digest.optional(),
  withheld: z.array(z.string()).optional(),
  leaf: Digest,
  log: z.string(),
  mmd: z.int().min(1),
});
export type ReceiptClaims = z.infer<typeof ReceiptClaims>;

/** A change of the registry (protocol.md §1): what is to be done, and on which version of its entry. */
export const CommandClaims = z.strictObject({
  ...expiring,
  cmd: z.strictObject({
    /** The idempotency key. */
    id: InquiryId,
    /** Which command, for example `licence.suspend`. */
    do: Code,
    /** The version of the entry that the sender saw; 0 when there is none yet. */
    on: z.int().min(0),
    /** Its content, by the command. */
    with: z.record(z.string(), z.json()),
  }),
});
export type CommandClaims = z.infer<typeof CommandClaims>;

/** Signed by a new key itself: that whoever sends the command holds it. */
export const KeyProofClaims = z.strictObject({
  ...expiring,
  /** The command that adds the key. */
  cmd_id: InquiryId,
});
export type KeyProofClaims = z.infer<typeof KeyProofClaims>;

/** Sequence numbers of one day: the least, the greatest, and how many in all. */
const numbers = { first: z.int().min(1), last: z.int().min(1), n: z.int().min(1) };

type Numbers = { readonly first: number; readonly last: number; readonly n: number };

/** More numbers than there is room for are none; nor are those that end before they begin. */
const haveRoom = ({ first, last, n }: Numbers): boolean => n <= last - first + 1;

const StationNumbers = z
  .strictObject({ station: Code, ...numbers })
  .refine(haveRoom, { path: ['n'] });

/** Stations that one statement may name. */
export const maxStations = 64;

/** What somebody used of its sequence numbers on one day: evidence that the log withholds nothing. */
export const StatementClaims = z.strictObject({
  ...expiring,
  stm: z.strictObject({
    /** A calendar day of Asia/Tehran by its Gregorian date; an inquiry is of the day inside its id. */
    day: z.iso.date(),
    /** By those who ask: `inq.seq` at each station that asked on that day, each station once. */
    asked: z
      .array(StationNumbers)
      .max(maxStations)
      .refine((all) => new Set(all.map(({ station }) => station)).size === all.length),
    /** By agencies: `seq` of their answers to the inquiries of that day. */
    answered: z
      .strictObject(numbers)
      .refine(haveRoom, { path: ['n'] })
      .exactOptional(),
  }),
});
export type StatementClaims = z.infer<typeof StatementClaims>;

export const AccessClaims = z.strictObject({
  ...expiring,
  htm: z.enum(['GET', 'POST']),
  htu: z.string().max(2048),
  /** base64url of the SHA-256 of the body, where the request has one. */
  body_s256: Digest.exactOptional(),
});
export type AccessClaims = z.infer<typeof AccessClaims>;
