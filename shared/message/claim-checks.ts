import { type Clock, numericDate } from '../kernel/clock.ts';
import type { Problem } from '../kernel/problem.ts';
import { type ClaimCheck, messageCodes, refusalOf } from './checks.ts';
import type { MessageKind } from './kind.ts';

/** The claims that every kind of message has. */
export type Common = {
  readonly iss: string;
  readonly aud: string;
  readonly iat: number;
  readonly exp?: number | undefined;
  readonly nbf?: number | undefined;
};

/** What claims are judged against. */
export type ClaimContext = {
  readonly kind: Pick<MessageKind, 'maxLifetime'>;
  /** Who owns the key that the message was signed with. */
  readonly owner: string;
  /** The exact `aud`. */
  readonly audience: string;
  readonly now: ReturnType<Clock>;
};

/** Seconds by which clocks may differ (protocol.md §3). */
export const clockSkew = { ahead: 60, behind: 10 } as const;

type Broken = Problem | undefined;

const latest = (now: number): number => numericDate(now) + clockSkew.ahead;

/** The table: each check looks at the claims alone, so that all of them can be told of one message. */
const judges: Readonly<Record<ClaimCheck, (claims: Common, context: ClaimContext) => Broken>> = {
  'issuer-owns-key': ({ iss }, { owner }) =>
    iss === owner ? undefined : refusalOf('issuer-owns-key'),
  audience: ({ aud }, { audience }) =>
    aud === audience ? undefined : refusalOf('audience', `The aud must be exactly ${audience}.`),
  'exp-after-iat': ({ iat, exp }, { kind }) =>
    kind.maxLifetime === 'evidence' || exp === undefined || exp > iat
      ? undefined
      : refusalOf('exp-after-iat', 'The message ends before it begins.', {
          errors: [{ pointer: '/exp', detail: 'must be later than iat' }],
        }),
  lifetime: ({ iat, exp }, { kind: { maxLifetime } }) =>
    maxLifetime === 'evidence' || exp === undefined || exp - iat <= maxLifetime
      ? undefined
      : refusalOf('lifetime', `From iat to exp at most ${maxLifetime} seconds.`),
  'not-expired': ({ exp }, { kind, now }) =>
    kind.maxLifetime === 'evidence' ||
    exp === undefined ||
    numericDate(now) <= exp + clockSkew.behind
      ? undefined
      : refusalOf('not-expired'),
  'iat-reached': ({ iat }, { now }) => (iat <= latest(now) ? undefined : refusalOf('iat-reached')),
  'nbf-reached': ({ nbf = 0 }, { now }) =>
    nbf <= latest(now) ? undefined : refusalOf('nbf-reached'),
};

/** What each check of the table says to these claims, in its order: undefined where it holds. */
export const judgeClaims = (
  claims: Common,
  context: ClaimContext,
): readonly { readonly check: ClaimCheck; readonly broken: Broken }[] =>
  messageCodes.claiming.map((check) => ({ check, broken: judges[check](claims, context) }));

/** Throws the problem of the first check that these claims do not pass. */
export const checkClaims = (claims: Common, context: ClaimContext): void => {
  for (const check of messageCodes.claiming) {
    const broken = judges[check](claims, context);
    if (broken !== undefined) throw broken;
  }
};
