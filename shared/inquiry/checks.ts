import { Problem, type ProblemExtras } from '../kernel/problem.ts';
import { type Check, type MessageCheck, messageChecks, messageCodes } from '../message/checks.ts';
import { type DenyingRule, isRule, type Rule, rules } from '../registry/decide.ts';
import { type MeterName, meterKinds, meterPeriods } from '../registry/meters.ts';

/** Whether an inquiry can begin now, or stands already; a retry of one that stands goes on. */
const standing = {
  'inquiry-fresh': {
    problem: 'stale-inquiry',
    en: 'The id of a new inquiry must be made within 10 s of serverTime.',
    fa: 'شناسهٔ استعلام تازه باید حداکثر ۱۰ ثانیه با ساعت سامانه فاصله داشته باشد.',
  },
  'log-sequenced': {
    problem: 'log-behind',
    en: 'The log must not be too far behind, or no new inquiry is taken.',
    fa: 'دفتر نباید بیش از حد عقب باشد.',
  },
  'log-witnessed': {
    problem: 'witness-quorum-lost',
    en: 'The log must have been seen by its witnesses, or no new inquiry is taken.',
    fa: 'گواهان باید دفتر را دیده باشند.',
  },
  'token-unused': {
    problem: 'replayed',
    en: 'The token must not have been used; to ask again, sign a fresh one with a new jti.',
    fa: 'این توکن نباید پیش‌تر به کار رفته باشد.',
  },
  'id-unused': {
    problem: 'reference-conflict',
    en: 'The id must be new, or the message must repeat inq and _sd of the inquiry that has it.',
    fa: 'شناسه باید تازه باشد یا پیام همان استعلام را تکرار کند.',
  },
  'first-answered': {
    problem: 'rate-limited',
    en: 'A retry must wait until the first message of the inquiry was answered.',
    fa: 'تکرار باید تا پاسخ نخستین پیام صبر کند.',
  },
} as const satisfies Readonly<Record<string, Check>>;

/** What the agency makes of an inquiry that was sent on. */
const answering = {
  'agency-reached': {
    problem: 'agency-unavailable',
    en: 'The agency must be reached, and its source must answer.',
    fa: 'دستگاه و منبع آن باید در دسترس باشند.',
  },
  'agency-in-time': {
    problem: 'agency-timeout',
    en: 'The agency must answer within the time of the service, and the answer must be recorded.',
    fa: 'دستگاه باید در مهلت سرویس پاسخ دهد.',
  },
  'agency-answer': {
    problem: 'agency-response-invalid',
    en: "The agency's answer must hold: its signature, binding, claims and disclosures.",
    fa: 'پاسخ دستگاه باید درست و دارای امضای معتبر باشد.',
  },
} as const satisfies Readonly<Record<string, Check>>;

export type PolicyCheck = `policy-${DenyingRule}`;
export type QuotaCheck = `quota-${MeterName}`;
type StandingCheck = keyof typeof standing;
type AnsweringCheck = keyof typeof answering;
export type InquiryCheck = StandingCheck | PolicyCheck | QuotaCheck | AnsweringCheck;
export type CheckCode = MessageCheck | InquiryCheck;

/** The check that judges by a rule of decide.ts. */
export const policyCheck = (rule: DenyingRule): PolicyCheck => `policy-${rule}`;

/** The check that counts on a meter of meters.ts. */
export const quotaCheck = (meter: MeterName): QuotaCheck => `quota-${meter}`;

/** Whether it is a rule that an inquiry can break. */
export const isDenying = (rule: Rule): rule is DenyingRule =>
  rule !== 'open-service' && rule !== 'granted';

/** The rules in Persian; in English they stand in decide.ts. */
const policyInPersian: Readonly<Record<DenyingRule, string>> = {
  'counter-named': 'صنف یا شرکت نرم‌افزاری باید دفتری را که برایش می‌پرسد نام ببرد.',
  'delegate-active': 'کسی که برای دفتر می‌پرسد باید عضو فعال باشد.',
  'delegation-missing': 'دفتر باید به این عضو نمایندگی داده باشد.',
  'delegation-revoked': 'نمایندگی نباید باطل شده باشد.',
  'delegation-expired': 'نمایندگی نباید پایان یافته باشد.',
  'delegation-not-yet-valid': 'نمایندگی باید آغاز شده باشد.',
  'delegation-scope': 'نمایندگی باید این سرویس را در بر گیرد.',
  'participant-active': 'دفتر باید عضو فعال باشد.',
  'licence-valid': 'پروانهٔ دفتر باید معتبر باشد.',
  'service-exists': 'سرویس باید باشد و کنار گذاشته نشده باشد.',
  'agency-active': 'دستگاه صاحب سرویس باید عضو فعال باشد.',
  'stopped-by-agency': 'دستگاه نباید این سرویس را برای دفتر بسته باشد.',
  'basis-confidential': 'سرویس باید این مبنای قانونی محرمانه را نام برده باشد.',
  'grant-suspended': 'مجوز دفتر نباید تعلیق شده باشد.',
  'grant-expired': 'مجوز دفتر نباید پایان یافته باشد.',
  'grant-not-yet-valid': 'مجوز دفتر باید آغاز شده باشد.',
  'grant-requested': 'دستگاه باید دربارهٔ مجوز تصمیم گرفته باشد.',
  'grant-revoked': 'مجوز دفتر نباید باطل شده باشد.',
  'grant-missing': 'دفتر باید برای این سرویس مجوز داشته باشد.',
  'purpose-allowed': 'سرویس باید این هدف را بپذیرد.',
  'purpose-granted': 'مجوز دفتر باید این هدف را در بر گیرد.',
  'purpose-limited': 'دستگاه نباید این هدف را محدود کرده باشد.',
  'basis-accepted': 'سرویس باید این مبنای قانونی را بپذیرد.',
  'subject-type': 'سرویس باید دربارهٔ این نوع موضوع باشد.',
  'input-valid': 'params باید با طرح ورودی سرویس سازگار باشد.',
};

const quotaTexts = {
  'service-counter': ['of the service for each counter', 'سهمیهٔ سرویس برای هر دفتر'],
  'service-all': ['of the service for all counters together', 'سهمیهٔ سرویس برای همهٔ دفترها'],
  grant: ['of the grant', 'سهمیهٔ مجوز'],
  'limit-own': ['that limits this counter for the service', 'سهمیهٔ محدودکنندهٔ این دفتر'],
  'limit-own-group': [
    'that limits this counter for a group of services',
    'سهمیهٔ محدودکنندهٔ این دفتر برای یک گروه سرویس',
  ],
  'limit-everyone': ['that limits each counter for the service', 'سهمیهٔ محدودکنندهٔ هر دفتر'],
  'limit-everyone-group': [
    'that limits each counter for a group of services',
    'سهمیهٔ محدودکنندهٔ هر دفتر برای یک گروه سرویس',
  ],
} as const satisfies Readonly<Record<(typeof meterKinds)[number], readonly [string, string]>>;

type Row = readonly [CheckCode, Check];

const rowsOf = <Code extends CheckCode>(
  table: Readonly<Record<Code, Check>>,
  codes: readonly Code[],
): readonly Row[] => codes.map((code) => [code, table[code]]);

const isStanding = (code: string): code is StandingCheck => Object.hasOwn(standing, code);
const isAnswering = (code: string): code is AnsweringCheck => Object.hasOwn(answering, code);

const policyRows = Object.keys(rules)
  .filter(isRule)
  .filter(isDenying)
  .map((rule): Row => {
    const check = { problem: 'policy-denied', en: rules[rule], fa: policyInPersian[rule] } as const;
    return [policyCheck(rule), check];
  });

const quotaRows = meterKinds.flatMap((kind) =>
  meterPeriods.map((per): Row => {
    const [en, fa] = quotaTexts[kind];
    const check = {
      problem: 'rate-limited',
      en: `Of the quota ${en} something must be left for this ${per}.`,
      fa: `${fa} در این ${per === 'day' ? 'روز' : 'ثانیه'} نباید تمام شده باشد.`,
    } as const;
    return [quotaCheck(`${kind}-${per}`), check];
  }),
);

/** The parts of the table, in the order in which their checks are made. */
export const checkParts = {
  'The message': rowsOf(messageChecks, messageCodes.opening),
  'Digests and disclosures': rowsOf(messageChecks, messageCodes.disclosing),
  'The form of claims and facts': rowsOf(messageChecks, messageCodes.forming),
  'What the claims say': rowsOf(messageChecks, messageCodes.claiming),
  'Whether it is new': rowsOf(standing, Object.keys(standing).filter(isStanding)),
  Policy: policyRows,
  Quotas: quotaRows,
  'The agency': rowsOf(answering, Object.keys(answering).filter(isAnswering)),
} as const satisfies Readonly<Record<string, readonly Row[]>>;

/**
 * Every check of an inquiry under its stable code, in the order in which a message is refused for
 * them: whoever knows the first that failed knows that all before it passed.
 */
export const checks: ReadonlyMap<CheckCode, Check> = new Map(Object.values(checkParts).flat());

const codes: readonly string[] = [...checks.keys()];

export const isCheckCode = (code: string): code is CheckCode => codes.includes(code);

/** The refusal of a check that is not one of the message itself. */
export const inquiryRefusal = (
  check: StandingCheck | AnsweringCheck,
  detail?: string,
  extras: ProblemExtras = {},
): Problem => {
  const { problem, en } = { ...standing, ...answering }[check];
  return new Problem(problem, detail ?? en, { ...extras, check });
};
