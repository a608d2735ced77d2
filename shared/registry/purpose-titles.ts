import type { Title } from './participant.ts';

/**
 * Purposes in plain words, for the persons that inquiries are about. The registry knows purposes by
 * their codes only; one that is not here is shown by its code.
 */
const titles = {
  'address-change': { en: 'Change of address', fa: 'تغییر نشانی' },
  'benefit-claim': { en: 'Claim for a benefit', fa: 'درخواست حمایت یا مستمری' },
  'company-registration': { en: 'Registration of a company', fa: 'ثبت شرکت' },
  employment: { en: 'Employment', fa: 'استخدام' },
  'fine-payment': { en: 'Payment of a fine', fa: 'پرداخت جریمه' },
  'identity-card': { en: 'Identity card', fa: 'کارت ملی' },
  inheritance: { en: 'Inheritance', fa: 'انحصار وراثت' },
  passport: { en: 'Passport', fa: 'گذرنامه' },
  'pension-enrolment': { en: 'Enrolment for a pension', fa: 'برقراری بازنشستگی' },
  'sim-registration': { en: 'Registration of a SIM card', fa: 'ثبت سیم‌کارت' },
  tender: { en: 'Tender', fa: 'مناقصه و مزایده' },
  'university-enrolment': { en: 'Enrolment at a university', fa: 'ثبت‌نام دانشگاه' },
  'vehicle-transfer': { en: 'Transfer of a vehicle', fa: 'نقل و انتقال خودرو' },
} as const satisfies Readonly<Record<string, Title>>;

/** The words for a purpose; undefined for one that has none. */
export const purposeTitle = (code: string): Title | undefined =>
  new Map<string, Title>(Object.entries(titles)).get(code);
