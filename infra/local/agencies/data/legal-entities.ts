import { parseLegalId } from '#shared/persian/legal-id.ts';
import { type Chance, chanceFrom } from './chance.ts';
import { lastNames, places, streets } from './names.ts';
import { testLegalIds } from './test-ids.ts';

/** A made-up company. */
export type LegalEntity = {
  readonly legalId: string;
  readonly name: string;
  readonly status: 'active' | 'dissolved' | 'liquidating';
  readonly address: string;
  readonly registrationNumber: string;
};

const trades = ['بازرگانی', 'صنایع غذایی', 'حمل و نقل', 'فناوری اطلاعات', 'ساختمانی'] as const;
const forms = ['شرکت سهامی خاص', 'شرکت با مسئولیت محدود', 'شرکت تعاونی'] as const;
const standings = ['active', 'active', 'active', 'active', 'dissolved', 'liquidating'] as const;

const checkDigits = Array.from({ length: 10 }, (_, digit) => String(digit));

const legalIdFrom = (ten: string): string | undefined =>
  checkDigits.map((digit) => ten + digit).find((id) => parseLegalId(id).ok);

const makeIds = (chance: Chance): readonly string[] => {
  const ids = new Set<string>(testLegalIds);
  while (ids.size < 200) {
    const id = legalIdFrom(`1${chance.digits(9)}`);
    if (id !== undefined) ids.add(id);
  }
  return [...ids];
};

const makeEntities = (): readonly LegalEntity[] => {
  const chance = chanceFrom('legal entities');
  return makeIds(chance).map((legalId, i) => {
    const { province, city } = chance.pick(places);
    return {
      legalId,
      name: `${chance.pick(forms)} ${chance.pick(trades)} ${chance.pick(lastNames)}`,
      status: i === 0 ? 'active' : chance.pick(standings),
      address: `${province}، ${city}، خیابان ${chance.pick(streets)}، پلاک ${1 + chance.upTo(200)}`,
      registrationNumber: String(10_000 + chance.upTo(90_000)),
    };
  });
};

/** All companies, those with published test ids first. */
export const legalEntities: readonly LegalEntity[] = makeEntities();
