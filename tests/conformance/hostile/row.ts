import type { ProblemName } from '#shared/kernel/problem.ts';
import { buildRequest, type Overrides, type TestKey } from '#tests/support/messages.ts';

/** What a hostile token is built against: an exchange's keys, its clock and its address. */
export type HostileContext = {
  /** An ES256 key of a counter, active. */
  readonly key: TestKey;
  /** An Ed25519 key of a counter, active. */
  readonly edKey: TestKey;
  /** A counter's key that was revoked. */
  readonly revoked: TestKey;
  /** An agency's key, active: it may not ask. */
  readonly agency: TestKey;
  /** A key that nobody registered. */
  readonly unregistered: TestKey;
  /** Milliseconds since 1970, by the exchange's clock; read it when the token is built. */
  readonly now: number;
  /** The `aud` of requests. */
  readonly audience: string;
};

/** Text, or the bytes of a body that is not UTF-8 or must keep its byte order mark. */
export type Token = string | { readonly body: Uint8Array };

export type HostileToken = {
  readonly name: string;
  readonly build: (context: HostileContext) => Promise<Token>;
  readonly problem: ProblemName;
  /** The HTTP status of protocol.md §7, written down here once more: the table is judged by it. */
  readonly status: number;
};

const statusOf = {
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
  'wrong-role': 403,
  'too-large': 413,
  'invalid-claims': 422,
} as const satisfies Partial<Record<ProblemName, number>>;

export type Refusal = keyof typeof statusOf;

/** A row whose token is made by hand. */
export const made = (
  problem: Refusal,
  name: string,
  build: HostileToken['build'],
): HostileToken => ({ name, build, problem, status: statusOf[problem] });

/** An honest request of the context's ES256 counter with something bent. */
export const bentRequest = (
  { key, now, audience }: HostileContext,
  overrides: Overrides = {},
): Promise<string> => buildRequest({ key, now, audience, ...overrides });

/** A row that is an honest request but for these overrides. */
export const bent = (problem: Refusal, name: string, overrides: Overrides): HostileToken =>
  made(problem, name, (context) => bentRequest(context, overrides));
