import type { Outcome } from '#events/outcome.ts';
import type { presences } from '../../message/claims.ts';
import type { Title } from '../../registry/participant.ts';

/**
 * What came of an inquiry, to the person it was about. Where nothing was told to the counter it says
 * so: "the source is down" must never read as "no match" (protocol.md §3).
 */
export const outcomeWords = {
  MATCH: {
    en: 'What the office stated about you agrees with the records.',
    fa: 'آنچه دفتر دربارهٔ شما گفته بود با سوابق یکی است.',
  },
  NO_MATCH: {
    en: 'What the office stated about you does not agree with the records.',
    fa: 'آنچه دفتر دربارهٔ شما گفته بود با سوابق یکی نیست.',
  },
  FOUND: {
    en: 'The agency has a record of you and answered.',
    fa: 'دستگاه از شما سابقه دارد و پاسخ داده است.',
  },
  NOT_FOUND: {
    en: 'The agency answered that it has no record of you.',
    fa: 'دستگاه پاسخ داده است که از شما سابقه‌ای ندارد.',
  },
  INDETERMINATE: {
    en: 'The agency answered that its records do not decide it.',
    fa: 'دستگاه پاسخ داده است که سوابقش برای تشخیص کافی نیست.',
  },
  REFUSED: {
    en: 'The agency refused to answer.',
    fa: 'دستگاه از پاسخ خودداری کرده است.',
  },
  DENIED: {
    en: 'The exchange did not allow it; the agency was not asked. Nothing about you was told.',
    fa: 'سامانه اجازه نداد و از دستگاه پرسیده نشد. چیزی دربارهٔ شما گفته نشد.',
  },
  PENDING: {
    en: 'The agency will answer later.',
    fa: 'دستگاه بعداً پاسخ می‌دهد.',
  },
  SOURCE_UNAVAILABLE: {
    en: 'The agency could not be reached. Nothing about you was told.',
    fa: 'دستگاه در دسترس نبود. چیزی دربارهٔ شما گفته نشد.',
  },
  TIMEOUT: {
    en: 'The agency did not answer in time. Nothing about you was told.',
    fa: 'دستگاه به‌موقع پاسخ نداد. چیزی دربارهٔ شما گفته نشد.',
  },
  INVALID_ANSWER: {
    en: "The agency's answer could not be trusted and was thrown away. Nothing about you was told.",
    fa: 'پاسخ دستگاه قابل اعتماد نبود و کنار گذاشته شد. چیزی دربارهٔ شما گفته نشد.',
  },
  ABORTED: {
    en: 'It was broken off before there was an answer. Nothing about you was told.',
    fa: 'پیش از رسیدن پاسخ ناتمام ماند. چیزی دربارهٔ شما گفته نشد.',
  },
} as const satisfies Readonly<Record<Outcome, Title>>;

/** Whether an inquiry was about the person, or named it in what was asked about another. */
export const roleWords = {
  subject: { en: 'You were asked about.', fa: 'استعلام دربارهٔ شما بود.' },
  named: {
    en: 'Something else was asked about, and your number was given with it. What is said below is about that.',
    fa: 'استعلام دربارهٔ چیز دیگری بود و شمارهٔ شما همراه آن داده شده بود. آنچه در زیر آمده دربارهٔ همان است.',
  },
} as const satisfies Readonly<Record<string, Title>>;

/** What stands in the place of an outcome that is another's, where there is one line to say it in. */
export const namedUsageWords = {
  en: 'Something else was asked about, and your number was given with it.',
  fa: 'استعلام دربارهٔ چیز دیگری بود و شمارهٔ شما همراه آن داده شده بود.',
} as const satisfies Title;

/** How the person is said to have been there. */
export const presenceWords = {
  'in-person': { en: 'You were there, the office says.', fa: 'به گفتهٔ دفتر، خودتان حاضر بودید.' },
  proxy: {
    en: 'Somebody was there for you, the office says.',
    fa: 'به گفتهٔ دفتر، نمایندهٔ شما حاضر بود.',
  },
  none: { en: 'You were not there, the office says.', fa: 'به گفتهٔ دفتر، شما حاضر نبودید.' },
} as const satisfies Readonly<Record<(typeof presences)[number], Title>>;

/** What a listing does not show. */
export const coverageWords = {
  known: {
    en: 'Inquiries of this time that are known to be about you, or to name you, are shown, but for what was erased since. Newer ones follow within minutes.',
    fa: 'استعلام‌های این بازه که دانسته است دربارهٔ شماست یا از شما نام برده است نشان داده می‌شود، جز آنچه از آن پس پاک شده است. تازه‌ترها تا چند دقیقه بعد می‌آید.',
  },
  delayed: {
    en: 'Inquiries on some legal bases are shown only after some days, and may be missing here.',
    fa: 'استعلام‌هایی که بر برخی مبانی قانونی است پس از چند روز نشان داده می‌شود و شاید اینجا نباشد.',
  },
} as const satisfies Readonly<Record<string, Title>>;
