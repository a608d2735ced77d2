/** Ids that are published as valid test values and are nobody's (domain.md). */
export const testNationalIds = [
  '0499370899',
  '0790419904',
  '1583250689',
  '0684159414',
  '0067749828',
  '0013542419',
  '0084575948',
  '0963695398',
  '4400276201',
  '2540201288',
  '7400076205',
  '7340416501',
] as const;

export const testLegalIds = ['10380284790', '14003778990', '10530283970', '10320894878'] as const;

/** No real code begins so: every one holds 0 or 2 nowhere in its first five digits. */
export const testPostalCode = '1234567890';

export const testPlate = { two: '12', letter: 'ب', three: '345', region: '67' } as const;

/** What the registers say of the first person, for examples and demonstrations. */
export const testPerson = {
  nationalId: '0499370899',
  firstName: 'مریم',
  lastName: 'یزدانی',
  fatherName: 'منوچهر',
  birthDate: '1985-03-21',
  mobile: '+989121234567',
} as const;

/** The serial of that person's school certificate. */
export const testCertificate = 'C-140312';
