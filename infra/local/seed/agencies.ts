/** The sample agencies: participant `agency:<name>`. */
export const sampleAgencies = {
  'civil-registry': {
    fa: 'سازمان ثبت احوال کشور',
    en: 'Civil Registration Organisation',
  },
  telecom: {
    fa: 'سازمان تنظیم مقررات و ارتباطات رادیویی',
    en: 'Communications Regulatory Authority',
  },
  post: { fa: 'شرکت ملی پست', en: 'National Post Company' },
  education: { fa: 'وزارت آموزش و پرورش', en: 'Ministry of Education' },
  'social-security': { fa: 'سازمان تأمین اجتماعی', en: 'Social Security Organisation' },
  pension: { fa: 'صندوق بازنشستگی کشوری', en: 'Civil Servants Pension Fund' },
  police: { fa: 'پلیس راهور', en: 'Traffic Police' },
  companies: { fa: 'ادارهٔ ثبت شرکت‌ها', en: 'Companies Registration Office' },
} as const;

export type AgencyName = keyof typeof sampleAgencies;

export const isAgencyName = (text: string): text is AgencyName =>
  Object.hasOwn(sampleAgencies, text);

export const agencyNames: readonly AgencyName[] = Object.keys(sampleAgencies).filter(isAgencyName);

export const agencyId = (name: AgencyName): `agency:${AgencyName}` => `agency:${name}`;
