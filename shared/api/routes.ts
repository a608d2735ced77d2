import { memberRoles, type Role } from '../kernel/participant-id.ts';

/**
 * How a caller proves who it is: by nothing, by an access token, by the signed message itself, by the
 * token of an OpenID provider that knows persons, or by nothing but a signed link.
 */
export type Proof = 'none' | 'access-token' | 'signed-body' | 'oidc' | 'link';

export type Route = {
  readonly name: string;
  readonly method: 'GET' | 'POST';
  /** API Gateway syntax: `{id}` is one path segment, `{name+}` at the end all that are left. */
  readonly path: string;
  /** The folder in `functions/` that answers. */
  readonly function: FunctionName;
  readonly proof: Proof;
  /** Who may call; every role when `proof` is `none`. */
  readonly roles: readonly Role[];
  /** Media types the route takes as a body; empty for reads. */
  readonly consumes: readonly string[];
  readonly produces: readonly string[];
  readonly summary: string;
};

export type FunctionName =
  | 'submit-inquiry'
  | 'run-command'
  | 'take-statement'
  | 'read-inquiry'
  | 'read-diagnosis'
  | 'read-catalogue'
  | 'read-registry'
  | 'read-usage'
  | 'read-audit'
  | 'export-audit'
  | 'read-subject'
  | 'open-facts'
  | 'read-open-data'
  | 'read-log'
  | 'read-well-known';

/** THE table. CDK deploys it, the local server serves it, the client is typed by it, tests walk it. */
export const routes = [
  {
    name: 'submitInquiry',
    method: 'POST',
    path: '/v1/inquiries',
    function: 'submit-inquiry',
    proof: 'signed-body',
    roles: ['counter', 'guild', 'vendor'],
    consumes: ['application/sd-jwt'],
    produces: ['application/json'],
    summary: 'Ask an agency about a subject; the answer comes with a signed receipt.',
  },
  {
    name: 'runCommand',
    method: 'POST',
    path: '/v1/commands',
    function: 'run-command',
    proof: 'signed-body',
    roles: ['counter', 'agency', 'registrar'],
    consumes: ['application/jwt'],
    produces: ['application/json'],
    summary: 'Change the registry by a signed command; it is in the log before it takes effect.',
  },
  {
    name: 'stateDay',
    method: 'POST',
    path: '/v1/statements',
    function: 'take-statement',
    proof: 'signed-body',
    roles: ['counter', 'agency', 'guild', 'vendor'],
    consumes: ['application/jwt'],
    produces: ['application/json'],
    summary: 'State the sequence numbers of a day that is over, once; it goes into the log.',
  },
  {
    name: 'readInquiry',
    method: 'GET',
    path: '/v1/inquiries/{id}',
    function: 'read-inquiry',
    proof: 'access-token',
    roles: ['counter', 'guild', 'vendor'],
    consumes: [],
    produces: ['application/json'],
    summary: 'What became of an inquiry, for the counter that asked it and whoever asked for it.',
  },
  {
    name: 'readInquiryProof',
    method: 'GET',
    path: '/v1/inquiries/{id}/proof',
    function: 'read-inquiry',
    proof: 'access-token',
    roles: ['counter', 'guild', 'vendor'],
    consumes: [],
    produces: ['text/plain'],
    summary: 'That an inquiry is in the log (C2SP tlog-proof), for those who may read the inquiry.',
  },
  {
    name: 'readDiagnosis',
    method: 'GET',
    path: '/v1/diagnoses/{id}',
    function: 'read-diagnosis',
    proof: 'access-token',
    roles: ['counter', 'guild', 'vendor'],
    consumes: [],
    produces: ['application/json'],
    summary: 'Why a message was refused, check by check, for those who sent it.',
  },
  {
    name: 'diagnoseMessage',
    method: 'POST',
    path: '/v1/diagnose',
    function: 'read-diagnosis',
    proof: 'none',
    roles: memberRoles,
    consumes: ['application/sd-jwt'],
    produces: ['application/json'],
    summary: 'Every check on a message, and how it came out; no agency is asked, nothing is kept.',
  },
  {
    name: 'listServices',
    method: 'GET',
    path: '/v1/services',
    function: 'read-catalogue',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'The catalogue of services.',
  },
  {
    name: 'readService',
    method: 'GET',
    path: '/v1/services/{agency}/{name}',
    function: 'read-catalogue',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'One service: its versions, schemas, purposes and disclosure level.',
  },
  {
    name: 'readKey',
    method: 'GET',
    path: '/v1/keys/{kid}',
    function: 'read-catalogue',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'A registered public key: whose it is and when it is valid.',
  },
  {
    name: 'listParticipants',
    method: 'GET',
    path: '/v1/participants',
    function: 'read-registry',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary:
      'Who takes part, now or at a time: counters with their licences, agencies, supervisors.',
  },
  {
    name: 'readParticipant',
    method: 'GET',
    path: '/v1/participants/{id}',
    function: 'read-registry',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'One participant, now or at a time.',
  },
  {
    name: 'listGrants',
    method: 'GET',
    path: '/v1/grants',
    function: 'read-registry',
    proof: 'access-token',
    roles: ['counter', 'agency', 'auditor', 'registrar', 'guild'],
    consumes: [],
    produces: ['application/json'],
    summary: 'What agencies decided about counters; agencies and counters see what is about them.',
  },
  {
    name: 'readUsage',
    method: 'GET',
    path: '/v1/usage',
    function: 'read-usage',
    proof: 'access-token',
    roles: ['counter', 'agency'],
    consumes: [],
    produces: ['application/json'],
    summary: 'How much of its quotas a counter used on a day; agencies read of their own services.',
  },
  {
    name: 'listAuditEntries',
    method: 'GET',
    path: '/v1/audit/entries',
    function: 'read-audit',
    proof: 'access-token',
    roles: ['auditor', 'registrar', 'guild', 'agency', 'counter'],
    consumes: [],
    produces: ['application/json', 'application/x-ndjson', 'text/csv'],
    summary: 'Inquiries of any time, filtered: to each what lies within its scope.',
  },
  {
    name: 'searchSubject',
    method: 'POST',
    path: '/v1/audit/subject-search',
    function: 'open-facts',
    proof: 'access-token',
    roles: ['auditor', 'registrar'],
    consumes: ['application/json'],
    produces: ['application/json'],
    summary: 'Inquiries about a person, or of an operator, under an order; it is on record.',
  },
  {
    name: 'openDisclosure',
    method: 'POST',
    path: '/v1/audit/disclosures',
    function: 'open-facts',
    proof: 'access-token',
    roles: ['auditor', 'registrar'],
    consumes: ['application/json'],
    produces: ['application/json'],
    summary: 'One fact of one inquiry, for a reason, with what shows that the counter signed it.',
  },
  {
    name: 'listDisputes',
    method: 'GET',
    path: '/v1/audit/disputes',
    function: 'read-subject',
    proof: 'access-token',
    roles: ['auditor', 'registrar', 'guild', 'agency', 'counter'],
    consumes: [],
    produces: ['application/json'],
    summary:
      'Inquiries that the persons they were about do not recognise: to each within its scope.',
  },
  {
    name: 'readOwnAccesses',
    method: 'GET',
    path: '/v1/subjects/me/accesses',
    function: 'read-subject',
    proof: 'oidc',
    roles: [],
    consumes: [],
    produces: ['application/json'],
    summary: 'Who asked about the person that the token names: when, from which office, and why.',
  },
  {
    name: 'disputeAccess',
    method: 'POST',
    path: '/v1/subjects/me/disputes',
    function: 'read-subject',
    proof: 'oidc',
    roles: [],
    consumes: ['application/json'],
    produces: ['application/json'],
    summary: 'The person does not recognise an inquiry that was about it; that goes into the log.',
  },
  {
    name: 'askForExport',
    method: 'POST',
    path: '/v1/audit/exports',
    function: 'export-audit',
    proof: 'access-token',
    roles: ['auditor', 'registrar', 'guild', 'agency', 'counter'],
    consumes: ['application/json'],
    produces: ['application/json'],
    summary: 'Have a range or a filter of the log made into one file that can be verified.',
  },
  {
    name: 'readExport',
    method: 'GET',
    path: '/v1/audit/exports/{id}',
    function: 'export-audit',
    proof: 'access-token',
    roles: ['auditor', 'registrar', 'guild', 'agency', 'counter'],
    consumes: [],
    produces: ['application/json'],
    summary: 'How an export stands, and links to its parts: for whoever asked for it.',
  },
  {
    name: 'readExportPart',
    method: 'GET',
    path: '/v1/audit/exports/{id}/parts/{part}',
    function: 'export-audit',
    proof: 'link',
    roles: memberRoles,
    consumes: [],
    produces: ['application/octet-stream'],
    summary:
      'A part of an export, for whoever has the link to it; all of them in order are the tar.',
  },
  {
    name: 'listOpenData',
    method: 'GET',
    path: '/v1/open-data',
    function: 'read-open-data',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'The days of which there are statistics for the public.',
  },
  {
    name: 'readOpenData',
    method: 'GET',
    path: '/v1/open-data/{day}',
    function: 'read-open-data',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json', 'text/csv'],
    summary:
      'Statistics of a day by service and hour, nothing of fewer than ten (`{day}.csv`: as CSV).',
  },
  {
    name: 'readCheckpoint',
    method: 'GET',
    path: '/log/{shard}/checkpoint',
    function: 'read-log',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['text/plain'],
    summary: 'What the log says about itself, signed and cosigned (C2SP tlog-checkpoint).',
  },
  {
    name: 'readTile',
    method: 'GET',
    path: '/log/{shard}/tile/{tile+}',
    function: 'read-log',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/octet-stream'],
    summary: 'Hashes of the log (C2SP tlog-tiles).',
  },
  {
    name: 'readEntries',
    method: 'GET',
    path: '/log/{shard}/tile/entries/{bundle+}',
    function: 'read-log',
    proof: 'access-token',
    roles: ['auditor'],
    consumes: [],
    produces: ['application/octet-stream'],
    summary:
      'Entries of the log (C2SP tlog-tiles): for auditors, or for everyone where it says so.',
  },
  {
    name: 'readPolicy',
    method: 'GET',
    path: '/.well-known/tlog-policy',
    function: 'read-log',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['text/plain'],
    summary: 'The policy that the operator suggests for this log (C2SP tlog-policy).',
  },
  {
    name: 'readKeys',
    method: 'GET',
    path: '/.well-known/jwks.json',
    function: 'read-well-known',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: "The exchange's public signing keys (RFC 7517).",
  },
  {
    name: 'readRequirements',
    method: 'GET',
    path: '/.well-known/estelam',
    function: 'read-well-known',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'What a caller must send: algorithms, types, lifetimes, limits, purposes.',
  },
  {
    name: 'readHealth',
    method: 'GET',
    path: '/healthz',
    function: 'read-well-known',
    proof: 'none',
    roles: memberRoles,
    consumes: [],
    produces: ['application/json'],
    summary: 'Whether the exchange can reach its store and sign.',
  },
] as const satisfies readonly Route[];

export type RouteName = (typeof routes)[number]['name'];
