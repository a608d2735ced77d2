import { expect } from 'vitest';
import { type ProblemName, problems } from '#shared/kernel/problem.ts';
import type { Heard } from './wire.ts';

export type Language = 'en' | 'fa';

/** The statuses of protocol.md §7 and docs/decisions/0005, written down once more: the code is judged by them. */
export const statusOf = {
  malformed: 400,
  'header-not-allowed': 400,
  'wrong-typ': 400,
  'algorithm-not-allowed': 400,
  'unknown-key': 400,
  'key-not-active': 400,
  'signature-invalid': 400,
  'disclosure-invalid': 400,
  'issuer-key-mismatch': 400,
  'wrong-audience': 400,
  expired: 400,
  'not-yet-valid': 400,
  'lifetime-too-long': 400,
  'stale-inquiry': 400,
  'invalid-query': 400,
  unauthenticated: 401,
  'wrong-role': 403,
  'out-of-scope': 403,
  'policy-denied': 403,
  'not-found': 404,
  'proof-pending': 404,
  replayed: 409,
  'reference-conflict': 409,
  'stale-version': 409,
  'command-refused': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  'invalid-claims': 422,
  'rate-limited': 429,
  'agency-response-invalid': 502,
  'agency-unavailable': 503,
  'store-unavailable': 503,
  'log-behind': 503,
  'witness-quorum-lost': 503,
  'index-unavailable': 503,
  'invalid-body': 422,
  'legal-hold': 409,
  'link-invalid': 403,
  'signer-unavailable': 503,
  'identity-provider-unavailable': 503,
  'agency-timeout': 504,
} as const satisfies Record<ProblemName, number>;

type Expected = {
  /** The table's status when nothing is said; reads answer a bad token with 401. */
  readonly status?: number;
  readonly language?: Language;
};

/** The name of a refusal, or what else was answered. */
export const nameOf = ({ status, said }: Heard): string => {
  const type = said('type');
  return type === '' ? `HTTP ${status}` : type.slice(type.lastIndexOf('/') + 1);
};

/** That this is a refusal of that name: a whole problem document in the right language. */
export const expectRefused = (
  heard: Heard,
  name: ProblemName,
  { status = statusOf[name], language = 'en' }: Expected = {},
): void => {
  expect({ name: nameOf(heard), status: heard.status }).toEqual({ name, status });
  expect(heard.json).toMatchObject({
    type: `https://docs.estelam.example/problems/${name}`,
    title: problems[name][language],
    status,
    instance: heard.header('x-request-id'),
  });
  expect(heard.said('detail')).toMatch(/^[A-Z].*\.$/);
  expect(heard.said('serverTime')).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(heard.header('content-type')).toBe('application/problem+json');
  expect(heard.header('content-language')).toBe(language);
  if (name === 'rate-limited') expectLimit(heard);
};

/** That whoever is told to wait learns for how long, and which limit was reached. */
const expectLimit = (heard: Heard): void => {
  const [, limit, seconds] =
    /^"([a-z-]+)";r=0;t=([0-9]+)$/.exec(heard.header('ratelimit') ?? '') ?? [];
  expect(heard.header('retry-after')).toBe(seconds);
  expect(heard.header('ratelimit-policy')).toMatch(new RegExp(`^"${limit}";q=[0-9]+;w=[0-9]+$`));
};
