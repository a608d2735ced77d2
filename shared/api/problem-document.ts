import { toRfc3339 } from '../kernel/instant-text.ts';
import { type Problem, problems } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { wantedRanges } from './accept.ts';

export type Language = 'en' | 'fa';

/** Where each name of the error table is explained. */
export const problemBase = 'https://docs.estelam.example/problems/';

const isLanguage = (tag: string): tag is Language => tag === 'en' || tag === 'fa';

/** The one of `fa` and `en` that an Accept-Language field wants more (RFC 9110 §12.5.4); else `en`. */
export const languageOf = (acceptLanguage: string): Language =>
  wantedRanges(acceptLanguage)
    .map((range) => range.split('-', 1)[0] ?? '')
    .find(isLanguage) ?? 'en';

type Context = {
  readonly language: Language;
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Replaces the table's status: reads answer a bad token with 401. */
  readonly status: number;
};

/** The `application/problem+json` document of a refusal (RFC 9457, protocol.md §7). */
export const problemDocument = (
  { name, detail, extras }: Problem,
  { language, requestId, now, status }: Context,
): JsonObject => ({
  type: `${problemBase}${name}`,
  title: problems[name][language],
  status,
  detail,
  instance: requestId,
  serverTime: toRfc3339(now),
  ...(extras.check !== undefined && { check: extras.check }),
  ...(extras.errors !== undefined && { errors: [...extras.errors] }),
  ...(extras.current !== undefined && { current: extras.current }),
  ...(extras.receipt !== undefined && { receipt: extras.receipt }),
});
