/** Statements of days as messages, and as leaves of the log. */
import { recordLeafData } from '#shared/audit/leaf.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { kinds } from '#shared/message/kind.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { testSettings } from './exchange.ts';
import { buildMessage, inquiryIdAt, newJti, type Overrides, type TestKey } from './messages.ts';

export const dayLength = 86_400_000;

/** The date in Tehran so many days before an instant. */
export const dayBefore = (now: number, days = 1): string =>
  tehranDayOf(tehranDayOf(now).from + dayLength / 2 - days * dayLength).date;

export type Stated = {
  readonly day: string;
  readonly asked: readonly {
    readonly station: string;
    readonly first: number;
    readonly last: number;
    readonly n: number;
  }[];
  readonly answered?: { readonly first: number; readonly last: number; readonly n: number };
};

export type SentStatement = Overrides & {
  readonly key: TestKey;
  /** Milliseconds; the token begins then and lives a minute. */
  readonly now: number;
  readonly origin?: string;
};

/** One station that asked ten times on a day; what an agency answered when an agency says so. */
export const stated = (day: string, by = 'counter:72110345'): Stated =>
  by.startsWith('agency:')
    ? { day, asked: [], answered: { first: 1, last: 10, n: 10 } }
    : { day, asked: [{ station: 'till-3', first: 1, last: 10, n: 10 }] };

const claimsOf = (
  stm: Stated,
  { key, now, origin = testSettings.origin }: SentStatement,
): JsonObject => ({
  iss: key.owner,
  aud: `${origin}/v1/statements`,
  iat: Math.floor(now / 1000),
  exp: Math.floor(now / 1000) + 60,
  jti: newJti(),
  stm: {
    day: stm.day,
    asked: stm.asked.map((span) => ({ ...span })),
    ...(stm.answered !== undefined && { answered: { ...stm.answered } }),
  },
});

export const buildStatement = (stm: Stated, sent: SentStatement): Promise<string> =>
  buildMessage({ ...sent, kind: kinds.statement, base: claimsOf(stm, sent) });

/** A statement on record. */
export const statementLeaf = async (stm: Stated, sent: SentStatement): Promise<Uint8Array> =>
  recordLeafData(
    canonicalJson({
      v: 1,
      k: 'statement',
      id: inquiryIdAt(sent.now),
      t: sent.now,
      statement: await buildStatement(stm, sent),
    }),
  );
