import { Problem, type ProblemExtras, type ProblemName } from '../kernel/problem.ts';

/** One check: the refusal that it leads to, and what would be right, in both languages. */
export type Check = { readonly problem: ProblemName; readonly en: string; readonly fa: string };

/** The checks of the bytes, the header and the key, up to a signature that holds. */
const opening = {
  'media-type': {
    problem: 'unsupported-media-type',
    en: 'The body must be sent under a media type that the address takes.',
    fa: 'بدنه باید با نوع محتوایی فرستاده شود که این نشانی می‌پذیرد.',
  },
  'message-size': {
    problem: 'too-large',
    en: 'The message must not be larger than its kind may be.',
    fa: 'پیام نباید از اندازهٔ مجاز گونهٔ خود بزرگ‌تر باشد.',
  },
  ascii: {
    problem: 'malformed',
    en: 'The message must be ASCII, without NUL.',
    fa: 'پیام باید تنها نویسه‌های اسکی داشته باشد.',
  },
  'no-key-binding': {
    problem: 'disclosure-invalid',
    en: 'A key-binding token is not taken; the text must end with ~.',
    fa: 'توکن پیوند کلید پذیرفته نیست؛ متن باید با ~ پایان یابد.',
  },
  'closing-tilde': {
    problem: 'malformed',
    en: 'The text must end with ~ (RFC 9901 §4).',
    fa: 'متن باید با ~ پایان یابد.',
  },
  'jws-size': {
    problem: 'too-large',
    en: 'The signed part must not be larger than that of its kind may be.',
    fa: 'بخش امضاشده نباید از اندازهٔ مجاز گونهٔ خود بزرگ‌تر باشد.',
  },
  'three-segments': {
    problem: 'malformed',
    en: 'A JWS must have three segments (RFC 7515 §7.1).',
    fa: 'بخش امضاشده باید سه تکه داشته باشد.',
  },
  'header-base64url': {
    problem: 'malformed',
    en: 'The header must be canonical base64url, without padding.',
    fa: 'سرآیند باید base64url یکتا و بی‌دنباله باشد.',
  },
  'payload-base64url': {
    problem: 'malformed',
    en: 'The payload must be canonical base64url, without padding.',
    fa: 'محتوا باید base64url یکتا و بی‌دنباله باشد.',
  },
  'signature-base64url': {
    problem: 'malformed',
    en: 'The signature must be canonical base64url, without padding.',
    fa: 'امضا باید base64url یکتا و بی‌دنباله باشد.',
  },
  'header-json': {
    problem: 'malformed',
    en: 'The header must be a strict JSON object: UTF-8, no member twice, integers only.',
    fa: 'سرآیند باید شیء JSON سخت‌گیرانه باشد.',
  },
  'header-members': {
    problem: 'header-not-allowed',
    en: 'The header must hold exactly alg, kid and typ.',
    fa: 'سرآیند باید درست alg، kid و typ را داشته باشد.',
  },
  typ: {
    problem: 'wrong-typ',
    en: 'The typ must be the one that the address takes, byte for byte.',
    fa: 'typ باید بایت به بایت همان باشد که این نشانی می‌پذیرد.',
  },
  'kid-form': {
    problem: 'malformed',
    en: 'The kid must be an RFC 7638 thumbprint of 43 base64url characters.',
    fa: 'kid باید اثر انگشت ۴۳ نویسه‌ای کلید باشد.',
  },
  'alg-known': {
    problem: 'algorithm-not-allowed',
    en: 'The alg must be ES256 or Ed25519.',
    fa: 'alg باید ES256 یا Ed25519 باشد.',
  },
  'key-registered': {
    problem: 'unknown-key',
    en: 'A key must be registered under the kid.',
    fa: 'باید کلیدی با این kid ثبت شده باشد.',
  },
  'key-alg': {
    problem: 'algorithm-not-allowed',
    en: 'The alg must be that of the registered key.',
    fa: 'alg باید همان الگوریتم کلید ثبت‌شده باشد.',
  },
  'key-active': {
    problem: 'key-not-active',
    en: 'The key must be active: neither revoked, expired nor not yet valid.',
    fa: 'کلید باید فعال باشد: نه باطل، نه منقضی و نه زودتر از آغاز اعتبار.',
  },
  'sender-role': {
    problem: 'wrong-role',
    en: 'The owner of the key must have a role that may send this kind of message.',
    fa: 'صاحب کلید باید نقشی داشته باشد که فرستادن این گونهٔ پیام را مجاز می‌کند.',
  },
  'signature-length': {
    problem: 'signature-invalid',
    en: 'The signature must have 64 bytes: r and s, or R and S, side by side.',
    fa: 'امضا باید ۶۴ بایت باشد.',
  },
  signature: {
    problem: 'signature-invalid',
    en: 'The signature must hold for this key and this text.',
    fa: 'امضا باید برای این کلید و این متن درست باشد.',
  },
  'claims-json': {
    problem: 'malformed',
    en: 'The claims must be strict JSON: UTF-8, no member twice, integers only, 16 levels at most.',
    fa: 'محتوا باید JSON سخت‌گیرانه باشد.',
  },
  'claims-object': {
    problem: 'malformed',
    en: 'The claims must be a JSON object.',
    fa: 'محتوا باید شیء JSON باشد.',
  },
} as const satisfies Readonly<Record<string, Check>>;

/** The checks of the digests and of what opens them (protocol.md §4). */
const disclosing = {
  'sd-alg': {
    problem: 'disclosure-invalid',
    en: 'The _sd_alg must be sha-256 or absent.',
    fa: '_sd_alg باید sha-256 باشد یا نباشد.',
  },
  'digest-list': {
    problem: 'disclosure-invalid',
    en: 'The _sd must be an array of at most 64 digests.',
    fa: '_sd باید آرایه‌ای از حداکثر ۶۴ چکیده باشد.',
  },
  'digest-form': {
    problem: 'disclosure-invalid',
    en: 'A digest in _sd must be 43 characters of canonical base64url.',
    fa: 'هر چکیده در _sd باید ۴۳ نویسهٔ base64url یکتا باشد.',
  },
  'digest-order': {
    problem: 'disclosure-invalid',
    en: 'The digests in _sd must be sorted, each once.',
    fa: 'چکیده‌های _sd باید مرتب و بی‌تکرار باشند.',
  },
  'digest-place': {
    problem: 'disclosure-invalid',
    en: 'Digests must stand only in the _sd at the top.',
    fa: 'چکیده‌ها تنها باید در _sd در بالاترین سطح باشند.',
  },
  'disclosure-count': {
    problem: 'disclosure-invalid',
    en: 'At most 64 disclosures are taken.',
    fa: 'حداکثر ۶۴ افشا پذیرفته می‌شود.',
  },
  'disclosure-base64url': {
    problem: 'malformed',
    en: 'A disclosure must be canonical base64url, without padding, and not empty.',
    fa: 'هر افشا باید base64url یکتا و بی‌دنباله باشد.',
  },
  'disclosure-json': {
    problem: 'malformed',
    en: 'A disclosure must be a strict JSON array: UTF-8, no member twice, integers only.',
    fa: 'هر افشا باید آرایهٔ JSON سخت‌گیرانه باشد.',
  },
  'disclosure-elements': {
    problem: 'disclosure-invalid',
    en: 'A disclosure must be [salt, name, value]; array elements are not disclosed.',
    fa: 'هر افشا باید سه جزء داشته باشد: نمک، نام و مقدار.',
  },
  'disclosure-salt': {
    problem: 'disclosure-invalid',
    en: 'A salt must be 22 to 86 base64url characters.',
    fa: 'نمک باید ۲۲ تا ۸۶ نویسهٔ base64url باشد.',
  },
  'disclosure-name': {
    problem: 'disclosure-invalid',
    en: 'A disclosed name must be a plain word that is not reserved.',
    fa: 'نام افشا باید واژه‌ای ساده و غیر رزروشده باشد.',
  },
  'disclosure-value': {
    problem: 'disclosure-invalid',
    en: 'A disclosed value must hold no digests.',
    fa: 'مقدار افشا نباید چکیده در خود داشته باشد.',
  },
  'disclosure-digest': {
    problem: 'disclosure-invalid',
    en: 'A disclosure must match a digest of its own in _sd.',
    fa: 'هر افشا باید با چکیده‌ای از آنِ خود در _sd برابر باشد.',
  },
  'disclosure-once': {
    problem: 'disclosure-invalid',
    en: 'A disclosed name must stand once, and not in the clear as well.',
    fa: 'هر نام باید یک بار افشا شود و آشکارا نیامده باشد.',
  },
  'digests-opened': {
    problem: 'disclosure-invalid',
    en: 'Every digest of a request must be opened.',
    fa: 'همهٔ چکیده‌های درخواست باید گشوده شوند.',
  },
  'disclosed-names': {
    problem: 'disclosure-invalid',
    en: 'Exactly the names of this kind of message must be disclosed.',
    fa: 'باید درست نام‌های این گونهٔ پیام افشا شوند.',
  },
} as const satisfies Readonly<Record<string, Check>>;

/** The checks of the form that the claims and the facts have. */
const forming = {
  'claims-members': {
    problem: 'invalid-claims',
    en: 'The claims must hold the members of this kind of message, and no other.',
    fa: 'محتوا باید عضوهای این گونهٔ پیام را داشته باشد و نه بیشتر.',
  },
  'claim-iss': {
    problem: 'invalid-claims',
    en: 'The iss must be a participant id: a role, a colon and a name.',
    fa: 'iss باید شناسهٔ یک عضو باشد.',
  },
  'claim-aud': {
    problem: 'invalid-claims',
    en: 'The aud must be one text of 1 to 512 characters.',
    fa: 'aud باید یک متن ۱ تا ۵۱۲ نویسه‌ای باشد.',
  },
  'claim-iat': {
    problem: 'invalid-claims',
    en: 'The iat must be whole seconds since 1970.',
    fa: 'iat باید ثانیهٔ کامل از ۱۹۷۰ باشد.',
  },
  'claim-exp': {
    problem: 'invalid-claims',
    en: 'The exp must be whole seconds since 1970.',
    fa: 'exp باید ثانیهٔ کامل از ۱۹۷۰ باشد.',
  },
  'claim-jti': {
    problem: 'invalid-claims',
    en: 'The jti must be 16 to 64 base64url characters.',
    fa: 'jti باید ۱۶ تا ۶۴ نویسهٔ base64url باشد.',
  },
  'claim-nbf': {
    problem: 'invalid-claims',
    en: 'The nbf must be whole seconds since 1970, or absent.',
    fa: 'nbf باید ثانیهٔ کامل از ۱۹۷۰ باشد یا نباشد.',
  },
  'inq-members': {
    problem: 'invalid-claims',
    en: 'The inq must be an object of its own members, and no other.',
    fa: 'inq باید شیئی با عضوهای خود باشد و نه بیشتر.',
  },
  'inq-id': {
    problem: 'invalid-claims',
    en: 'The id must be a UUIDv7 in lower case (RFC 9562 §5.7).',
    fa: 'id باید UUIDv7 با حروف کوچک باشد.',
  },
  'inq-seq': {
    problem: 'invalid-claims',
    en: 'The seq must be a whole number from 1.',
    fa: 'seq باید عدد صحیح از ۱ باشد.',
  },
  'inq-service': {
    problem: 'invalid-claims',
    en: 'The service must be agency/name@version.',
    fa: 'service باید به شکل agency/name@version باشد.',
  },
  'inq-purpose': {
    problem: 'invalid-claims',
    en: 'The purpose must be a code word of at most 64 characters and eight digits.',
    fa: 'purpose باید کدواژه‌ای با حداکثر ۶۴ نویسه و هشت رقم باشد.',
  },
  'inq-basis': {
    problem: 'invalid-claims',
    en: 'The basis must be a code word of at most 64 characters and eight digits.',
    fa: 'basis باید کدواژه‌ای با حداکثر ۶۴ نویسه و هشت رقم باشد.',
  },
  'inq-station': {
    problem: 'invalid-claims',
    en: 'The station must be a code word of at most 64 characters and eight digits.',
    fa: 'station باید کدواژه‌ای با حداکثر ۶۴ نویسه و هشت رقم باشد.',
  },
  'inq-presence': {
    problem: 'invalid-claims',
    en: 'The presence must be in-person, proxy or none.',
    fa: 'presence باید in-person، proxy یا none باشد.',
  },
  'inq-for': {
    problem: 'invalid-claims',
    en: 'The for must be the id of a counter, or absent.',
    fa: 'for باید شناسهٔ یک دفتر باشد یا نباشد.',
  },
  'fact-subject': {
    problem: 'invalid-claims',
    en: 'The subject must have a known type and a value of the right form, check digit and all.',
    fa: 'subject باید نوعی شناخته و مقداری درست، با رقم کنترل، داشته باشد.',
  },
  'fact-params': {
    problem: 'invalid-claims',
    en: 'The params must be an object with plain names.',
    fa: 'params باید شیئی با نام‌های ساده باشد.',
  },
  'fact-case': {
    problem: 'invalid-claims',
    en: 'The case must be a text of 1 to 128 characters.',
    fa: 'case باید متنی ۱ تا ۱۲۸ نویسه‌ای باشد.',
  },
  'fact-operator': {
    problem: 'invalid-claims',
    en: 'The operator must be a text of 1 to 128 characters.',
    fa: 'operator باید متنی ۱ تا ۱۲۸ نویسه‌ای باشد.',
  },
} as const satisfies Readonly<Record<string, Check>>;

/** The checks of what the claims say, each on its own. */
const claiming = {
  'issuer-owns-key': {
    problem: 'issuer-key-mismatch',
    en: 'The iss must be the participant that owns the key.',
    fa: 'iss باید عضوی باشد که صاحب کلید است.',
  },
  audience: {
    problem: 'wrong-audience',
    en: 'The aud must be exactly the address that the message is for.',
    fa: 'aud باید درست نشانی گیرندهٔ پیام باشد.',
  },
  'exp-after-iat': {
    problem: 'invalid-claims',
    en: 'The exp must be later than the iat.',
    fa: 'exp باید پس از iat باشد.',
  },
  lifetime: {
    problem: 'lifetime-too-long',
    en: 'From iat to exp there must not be more seconds than the kind of message allows.',
    fa: 'فاصلهٔ iat تا exp نباید از حد این گونهٔ پیام بیشتر باشد.',
  },
  'not-expired': {
    problem: 'expired',
    en: 'The exp must not have passed by more than 10 s on the clock of the exchange.',
    fa: 'نباید بیش از ۱۰ ثانیه از exp گذشته باشد.',
  },
  'iat-reached': {
    problem: 'not-yet-valid',
    en: 'The iat must not lie more than 60 s in the future.',
    fa: 'iat نباید بیش از ۶۰ ثانیه در آینده باشد.',
  },
  'nbf-reached': {
    problem: 'not-yet-valid',
    en: 'The nbf must not lie more than 60 s in the future.',
    fa: 'nbf نباید بیش از ۶۰ ثانیه در آینده باشد.',
  },
} as const satisfies Readonly<Record<string, Check>>;

/**
 * Every check of a message under its stable code, in the order in which they are made (protocol.md
 * §5): a message with several faults is refused for the first of them.
 */
export const messageChecks = { ...opening, ...disclosing, ...forming, ...claiming } as const;

export type MessageCheck = keyof typeof messageChecks;
export type ClaimCheck = keyof typeof claiming;

const isCheck =
  <Code extends string>(table: Readonly<Record<Code, Check>>) =>
  (code: string): code is Code =>
    Object.hasOwn(table, code);

const codesOf = <Code extends string>(table: Readonly<Record<Code, Check>>): readonly Code[] =>
  Object.keys(table).filter(isCheck(table));

export const isMessageCheck = isCheck(messageChecks);

/** The codes of each part of the table, in their order. */
export const messageCodes = {
  opening: codesOf(opening),
  disclosing: codesOf(disclosing),
  forming: codesOf(forming),
  claiming: codesOf(claiming),
} as const;

/** The refusal of a check. `detail`: where more can be said than the table does. */
export const refusalOf = (
  check: MessageCheck,
  detail: string = messageChecks[check].en,
  extras: ProblemExtras = {},
  options?: ErrorOptions,
): Problem => new Problem(messageChecks[check].problem, detail, { ...extras, check }, options);

/** Gives the refusals of work that knows nothing of checks the code of the one it is part of. */
export const asCheck = <Result>(check: MessageCheck, work: () => Result): Result => {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    throw new Problem(error.name, error.detail, { ...error.extras, check }, { cause: error.cause });
  }
};
