import type { LimitState } from './limit-state.ts';

type Title = { readonly status: number; readonly en: string; readonly fa: string };

/** The closed list of refusals: protocol.md §7, and the rows that reads add to it. */
export const problems = {
  malformed: { status: 400, en: 'The message is malformed', fa: 'پیام ساختار درستی ندارد' },
  'header-not-allowed': {
    status: 400,
    en: 'The header must hold alg, kid and typ and nothing else',
    fa: 'سرآیند باید تنها alg، kid و typ داشته باشد',
  },
  'wrong-typ': {
    status: 400,
    en: 'This address takes another kind of message',
    fa: 'این نشانی گونهٔ دیگری از پیام می‌پذیرد',
  },
  'algorithm-not-allowed': {
    status: 400,
    en: 'The signature algorithm is not allowed',
    fa: 'الگوریتم امضا مجاز نیست',
  },
  'unknown-key': { status: 400, en: 'The key is not registered', fa: 'کلید ثبت نشده است' },
  'key-not-active': { status: 400, en: 'The key is not active', fa: 'کلید فعال نیست' },
  'signature-invalid': { status: 400, en: 'The signature does not hold', fa: 'امضا معتبر نیست' },
  'disclosure-invalid': {
    status: 400,
    en: 'The disclosures break the profile',
    fa: 'افشاها با قاعده سازگار نیستند',
  },
  'issuer-key-mismatch': {
    status: 400,
    en: 'The issuer does not own the key',
    fa: 'صادرکننده صاحب کلید نیست',
  },
  'wrong-audience': {
    status: 400,
    en: 'The message is addressed to somebody else',
    fa: 'پیام برای گیرندهٔ دیگری است',
  },
  expired: { status: 400, en: 'The message has expired', fa: 'مهلت پیام گذشته است' },
  'not-yet-valid': {
    status: 400,
    en: 'The message is not valid yet',
    fa: 'پیام هنوز معتبر نشده است',
  },
  'lifetime-too-long': {
    status: 400,
    en: 'The message lives too long',
    fa: 'مدت اعتبار پیام بیش از حد است',
  },
  'stale-inquiry': {
    status: 400,
    en: "The inquiry's id was not made just now",
    fa: 'شناسهٔ استعلام تازه نیست',
  },
  'invalid-query': {
    status: 400,
    en: 'The query parameters are not right',
    fa: 'پارامترهای پرس‌وجو درست نیستند',
  },
  'invalid-body': {
    status: 422,
    en: 'The body is not right',
    fa: 'محتوای درخواست درست نیست',
  },
  unauthenticated: {
    status: 401,
    en: 'An access token is needed',
    fa: 'توکن دسترسی لازم است',
  },
  'wrong-role': {
    status: 403,
    en: 'This participant may not do this',
    fa: 'این عضو اجازهٔ این کار را ندارد',
  },
  'out-of-scope': {
    status: 403,
    en: 'This lies outside what the participant may read',
    fa: 'این بیرون از حوزهٔ دسترسی این عضو است',
  },
  'link-invalid': {
    status: 403,
    en: 'The link is not right, or its time is over',
    fa: 'پیوند درست نیست یا مهلت آن گذشته است',
  },
  'policy-denied': { status: 403, en: 'The inquiry was denied', fa: 'استعلام مجاز نیست' },
  'not-found': { status: 404, en: 'There is nothing here', fa: 'چیزی اینجا نیست' },
  'proof-pending': {
    status: 404,
    en: 'The inquiry is not in the published log yet',
    fa: 'استعلام هنوز در دفتر منتشرشده نیامده است',
  },
  replayed: {
    status: 409,
    en: 'This very message has been used before',
    fa: 'این پیام پیش‌تر به کار رفته است',
  },
  'reference-conflict': {
    status: 409,
    en: 'Another inquiry stands under this id',
    fa: 'استعلام دیگری با این شناسه ثبت است',
  },
  'stale-version': {
    status: 409,
    en: 'The entry has another version by now',
    fa: 'نسخهٔ این مورد دیگر همان نیست',
  },
  'command-refused': {
    status: 409,
    en: 'The registry does not allow this change as it stands',
    fa: 'وضعیت کنونی ثبت این تغییر را نمی‌پذیرد',
  },
  'legal-hold': {
    status: 409,
    en: 'A legal hold keeps this from being erased',
    fa: 'دستور نگهداری از پاک شدن این جلوگیری می‌کند',
  },
  'too-large': { status: 413, en: 'The message is too large', fa: 'پیام بیش از اندازه بزرگ است' },
  'unsupported-media-type': {
    status: 415,
    en: 'This address takes another media type',
    fa: 'این نشانی نوع دیگری از محتوا می‌پذیرد',
  },
  'invalid-claims': {
    status: 422,
    en: 'The claims are not right',
    fa: 'محتوای پیام درست نیست',
  },
  'rate-limited': { status: 429, en: 'Too many requests', fa: 'درخواست‌ها بیش از حد است' },
  'agency-response-invalid': {
    status: 502,
    en: "The agency's answer could not be trusted",
    fa: 'پاسخ دستگاه قابل اعتماد نبود',
  },
  'agency-unavailable': {
    status: 503,
    en: 'The agency cannot be reached; this says nothing about the subject',
    fa: 'دستگاه در دسترس نیست؛ این دربارهٔ موضوع استعلام چیزی نمی‌گوید',
  },
  'store-unavailable': {
    status: 503,
    en: 'The journal cannot be written',
    fa: 'ثبت در دفتر ممکن نیست',
  },
  'index-unavailable': {
    status: 503,
    en: 'The index of entries is being made again',
    fa: 'فهرست استعلام‌ها در حال بازسازی است',
  },
  'log-behind': {
    status: 503,
    en: 'The log is too far behind; new inquiries are not taken',
    fa: 'دفتر بیش از حد عقب است؛ استعلام تازه پذیرفته نمی‌شود',
  },
  'witness-quorum-lost': {
    status: 503,
    en: 'The log has been without its witnesses for too long; new inquiries are not taken',
    fa: 'دفتر مدتی طولانی بی‌گواه مانده است؛ استعلام تازه پذیرفته نمی‌شود',
  },
  'signer-unavailable': {
    status: 503,
    en: 'The exchange cannot sign',
    fa: 'سامانه نمی‌تواند امضا کند',
  },
  'identity-provider-unavailable': {
    status: 503,
    en: 'The provider that knows persons cannot be reached',
    fa: 'سامانهٔ احراز هویت در دسترس نیست',
  },
  'agency-timeout': {
    status: 504,
    en: 'The agency did not answer in time; this says nothing about the subject',
    fa: 'دستگاه به‌موقع پاسخ نداد؛ این دربارهٔ موضوع استعلام چیزی نمی‌گوید',
  },
} as const satisfies Readonly<Record<string, Title>>;

export type ProblemName = keyof typeof problems;

/** Where in the message, as a JSON Pointer (RFC 6901), and what would be right. */
export type ProblemPointer = { readonly pointer: string; readonly detail: string };

export type ProblemExtras = {
  readonly errors?: readonly ProblemPointer[];
  /** Which check failed: a code of shared/message/checks.ts or shared/inquiry/checks.ts. */
  readonly check?: string;
  /** Who signed the message, once its signature held. Never told. */
  readonly by?: string;
  /** Seconds after which a caller may try again. */
  readonly retryAfter?: number;
  /** How limits stand, among them the one that was reached. */
  readonly limits?: readonly LimitState[];
  /** Under which name it is counted for an alarm; its own where nothing is said. Never told. */
  readonly alarm?: string;
  /** The version that stands, where another was expected. */
  readonly current?: number;
  /** The signed receipt, whenever the inquiry stands in the journal with its outcome. */
  readonly receipt?: string;
};

/** An expected refusal. Its text is safe to show and never holds a part of the input. */
export class Problem extends Error {
  override readonly name: ProblemName;
  readonly detail: string;
  readonly extras: ProblemExtras;

  constructor(
    name: ProblemName,
    detail: string,
    extras: ProblemExtras = {},
    options?: ErrorOptions,
  ) {
    super(`${name}: ${detail}`, options);
    this.name = name;
    this.detail = detail;
    this.extras = extras;
  }

  get status(): number {
    return problems[this.name].status;
  }
}
