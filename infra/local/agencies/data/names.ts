/** Frequent Persian names. People are put together by chance; nobody is meant. */
// biome-ignore format: as lists
export const firstNames = [
  'زهرا', 'مریم', 'فاطمه', 'سارا', 'نرگس', 'لیلا', 'پریسا', 'مینا', 'شیرین', 'آزاده', 'نسرین', 'الهام',
  'محمد', 'علی', 'حسین', 'رضا', 'مهدی', 'امیر', 'حسن', 'سعید', 'بهرام', 'کاوه', 'آرش', 'داریوش',
] as const;

// biome-ignore format: as lists
export const fatherNames = [
  'محمد', 'علی', 'حسین', 'رضا', 'مهدی', 'حسن', 'احمد', 'محمود', 'عباس', 'اکبر', 'منوچهر', 'فریدون',
] as const;

// biome-ignore format: as lists
export const lastNames = [
  'محمدی', 'احمدی', 'حسینی', 'رضایی', 'کریمی', 'مرادی', 'جعفری', 'رحیمی', 'صادقی', 'موسوی', 'قاسمی',
  'نوری', 'یزدانی', 'شریفی', 'کاظمی', 'باقری', 'هاشمی', 'سلیمانی', 'اکبری', 'نجفی', 'امینی', 'طاهری',
] as const;

// biome-ignore format: as lists
export const streets = [
  'آزادی', 'انقلاب', 'ولیعصر', 'شریعتی', 'مطهری', 'بهشتی', 'سعدی', 'حافظ', 'فردوسی', 'امام خمینی',
] as const;

/** Provinces with a city of each. */
export const places = [
  { province: 'تهران', city: 'تهران' },
  { province: 'اصفهان', city: 'کاشان' },
  { province: 'فارس', city: 'شیراز' },
  { province: 'خراسان رضوی', city: 'نیشابور' },
  { province: 'آذربایجان شرقی', city: 'تبریز' },
  { province: 'گیلان', city: 'رشت' },
  { province: 'مازندران', city: 'ساری' },
  { province: 'خوزستان', city: 'اهواز' },
  { province: 'کرمان', city: 'رفسنجان' },
  { province: 'یزد', city: 'میبد' },
  { province: 'کردستان', city: 'سنندج' },
  { province: 'هرمزگان', city: 'بندرعباس' },
] as const;
