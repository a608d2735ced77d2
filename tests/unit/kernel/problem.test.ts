import { describe, expect, it } from 'vitest';
import { Problem, problems } from '#shared/kernel/problem.ts';

/** protocol.md §7, and the rows that reads add. */
const statuses = {
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
  'wrong-role': 403,
  'out-of-scope': 403,
  'policy-denied': 403,
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
  'agency-timeout': 504,
  'store-unavailable': 503,
  'log-behind': 503,
  'witness-quorum-lost': 503,
  'signer-unavailable': 503,
  'identity-provider-unavailable': 503,
  'invalid-query': 400,
  unauthenticated: 401,
  'not-found': 404,
  'invalid-body': 422,
  'link-invalid': 403,
  'legal-hold': 409,
  'index-unavailable': 503,
};

describe('the table of problems', () => {
  it('has the rows and statuses of the protocol and no other', () => {
    const table = Object.entries(problems).map(([name, { status }]) => [name, status]);

    expect(Object.fromEntries(table)).toEqual(statuses);
  });

  it.each(Object.entries(problems))('%s has a title in both languages', (_, { en, fa }) => {
    expect(en).toMatch(/^[A-Z][\x20-\x7e]+[^.]$/);
    expect(fa).toMatch(/^[\u0600-\u06ff\u200c A-Za-z،؛]+$/);
    // Yeh and kaf of the Arabic keyboard look right and do not match.
    expect(fa).not.toMatch(/[\u064a\u0643]/);
  });

  it('has no title twice', () => {
    const titles = Object.values(problems).flatMap(({ en, fa }) => [en, fa]);

    expect(new Set(titles).size).toBe(titles.length);
  });
});

describe('a problem', () => {
  it('has the status of its row', () => {
    expect(new Problem('too-large', 'x').status).toBe(413);
  });

  it('keeps its name, its detail, what else was said and its cause', () => {
    const cause = new Error('why');
    const problem = new Problem('rate-limited', 'x', { retryAfter: 3 }, { cause });

    expect(problem).toMatchObject({
      name: 'rate-limited',
      detail: 'x',
      extras: { retryAfter: 3 },
      cause,
      message: 'rate-limited: x',
    });
  });
});
