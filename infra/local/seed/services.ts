import { ServiceRef } from '#shared/message/claims.ts';
import type { Service } from '#shared/registry/service.ts';
import { agencyId } from './agencies.ts';
import { count, day, formatted, objectOf, oneOf, word, yesNo } from './schema.ts';

/** A service without what only a running installation knows. */
export type ServiceTemplate = Omit<Service, 'kind' | 'endpoint' | 'status' | 'version'>;

const lifeStatus = oneOf('alive', 'deceased');
const tariff = 'tariff-1405-a';
const everyday = { timeout: 4000, hold: true, tariff } as const;

/**
 * The nine services of domain.md. Each output declares one field more than `fields` passes on, so
 * that what the exchange withholds can be shown.
 */
export const sampleServices: readonly ServiceTemplate[] = [
  {
    ref: ServiceRef.parse('civil-registry/identity@1'),
    agency: agencyId('civil-registry'),
    title: { fa: 'تطبیق مشخصات هویتی', en: 'Identity' },
    group: 'identity',
    subjectType: 'ir-national-id',
    level: 'match',
    fields: ['birthDateMatches', 'firstNameMatches', 'lastNameMatches', 'fatherNameMatches'],
    purposes: ['pension-enrolment', 'identity-card', 'passport', 'benefit-claim'],
    input: objectOf(
      { birthDate: formatted('ir-birth-date'), firstName: word, lastName: word, fatherName: word },
      ['birthDate'],
    ),
    output: objectOf({
      birthDateMatches: yesNo,
      firstNameMatches: yesNo,
      lastNameMatches: yesNo,
      fatherNameMatches: yesNo,
      firstName: word,
      lastName: word,
      fatherName: word,
      lifeStatus,
    }),
    ...everyday,
  },
  {
    ref: ServiceRef.parse('civil-registry/life-status@1'),
    agency: agencyId('civil-registry'),
    title: { fa: 'وضعیت حیات', en: 'Life status' },
    group: 'identity',
    subjectType: 'ir-national-id',
    level: 'read',
    fields: ['lifeStatus', 'dateOfDeath'],
    purposes: ['pension-enrolment', 'benefit-claim', 'inheritance'],
    input: objectOf({}),
    output: objectOf({ lifeStatus, dateOfDeath: day, placeOfDeath: word }),
    ...everyday,
  },
  {
    ref: ServiceRef.parse('telecom/mobile-ownership@1'),
    agency: agencyId('telecom'),
    title: { fa: 'مالکیت شمارهٔ همراه (شاهکار)', en: 'Mobile number ownership' },
    group: 'communications',
    subjectType: 'ir-national-id',
    level: 'verify',
    fields: [],
    purposes: ['sim-registration', 'benefit-claim', 'pension-enrolment'],
    input: objectOf({ mobile: formatted('ir-mobile') }, ['mobile']),
    output: objectOf({ operator: word }),
    ...everyday,
  },
  {
    ref: ServiceRef.parse('post/postal-address@1'),
    agency: agencyId('post'),
    title: { fa: 'نشانی از روی کد پستی', en: 'Address of a postal code' },
    group: 'address',
    subjectType: 'ir-postal-code',
    level: 'read',
    fields: ['province', 'city', 'street', 'plate'],
    purposes: ['address-change', 'identity-card', 'passport'],
    input: objectOf({}),
    output: objectOf({ province: word, city: word, street: word, plate: word, building: word }),
    ...everyday,
  },
  {
    ref: ServiceRef.parse('education/certificate@1'),
    agency: agencyId('education'),
    title: { fa: 'تأییدیهٔ تحصیلی', en: 'School certificate' },
    group: 'education',
    subjectType: 'ir-national-id',
    level: 'read',
    fields: ['valid', 'level', 'field', 'date'],
    purposes: ['employment', 'university-enrolment'],
    input: objectOf({ serial: word }, ['serial']),
    output: objectOf({
      valid: yesNo,
      level: oneOf('diploma', 'associate', 'bachelor', 'master'),
      field: word,
      date: day,
      average: word,
    }),
    ...everyday,
    timeout: 10_000,
  },
  {
    ref: ServiceRef.parse('social-security/coverage@1'),
    agency: agencyId('social-security'),
    title: { fa: 'پوشش بیمه‌ای', en: 'Insurance coverage' },
    group: 'social-insurance',
    subjectType: 'ir-national-id',
    level: 'read',
    fields: ['insuredMonths', 'entitlement'],
    purposes: ['pension-enrolment', 'benefit-claim', 'employment'],
    input: objectOf({}),
    output: objectOf({
      insuredMonths: count,
      entitlement: oneOf('full', 'partial', 'none'),
      employer: word,
    }),
    ...everyday,
  },
  {
    ref: ServiceRef.parse('pension/status@1'),
    agency: agencyId('pension'),
    title: { fa: 'وضعیت بازنشستگی', en: 'Pension status' },
    group: 'social-insurance',
    subjectType: 'ir-national-id',
    level: 'read',
    fields: ['status', 'group'],
    purposes: ['pension-enrolment', 'benefit-claim'],
    input: objectOf({}),
    output: objectOf({
      status: oneOf('active', 'retired', 'survivor'),
      group: oneOf('state', 'military', 'steel', 'bank'),
      monthlyRials: count,
    }),
    ...everyday,
    hold: false,
  },
  {
    ref: ServiceRef.parse('police/vehicle@1'),
    agency: agencyId('police'),
    title: { fa: 'وضعیت خودرو و خلافی', en: 'Vehicle status and fines' },
    group: 'traffic',
    subjectType: 'ir-plate',
    level: 'read',
    fields: ['status', 'finesCount', 'finesRials'],
    purposes: ['vehicle-transfer', 'fine-payment'],
    input: objectOf({ ownerNationalId: formatted('ir-national-id') }, ['ownerNationalId']),
    output: objectOf({
      status: oneOf('in-order', 'impounded', 'stolen'),
      finesCount: count,
      finesRials: count,
      ownerName: word,
    }),
    ...everyday,
  },
  {
    ref: ServiceRef.parse('companies/legal-entity@1'),
    agency: agencyId('companies'),
    title: { fa: 'مشخصات شخص حقوقی', en: 'Legal entity' },
    group: 'business',
    subjectType: 'ir-legal-id',
    level: 'read',
    fields: ['name', 'status', 'address'],
    purposes: ['company-registration', 'tender', 'employment'],
    input: objectOf({}),
    output: objectOf({
      name: word,
      status: oneOf('active', 'dissolved', 'liquidating'),
      address: word,
      registrationNumber: word,
    }),
    ...everyday,
  },
];
