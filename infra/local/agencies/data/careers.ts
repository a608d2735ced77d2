import { chanceFrom } from './chance.ts';
import { dayIn, type Person, people } from './people.ts';
import { testCertificate, testPerson } from './test-ids.ts';

/** What schools, the social insurance and the pension fund know of a made-up person. */
export type Career = {
  readonly person: Person;
  readonly certificate: {
    readonly serial: string;
    readonly valid: boolean;
    readonly level: 'diploma' | 'associate' | 'bachelor' | 'master';
    readonly field: string;
    readonly date: string;
    /** A decimal, and so a text. */
    readonly average: string;
  };
  readonly coverage: {
    readonly insuredMonths: number;
    readonly entitlement: 'full' | 'partial' | 'none';
    readonly employer: string;
  };
  readonly pension: {
    readonly status: 'active' | 'retired' | 'survivor';
    readonly group: 'state' | 'military' | 'steel' | 'bank';
    readonly monthlyRials: number;
  };
};

const levels = ['diploma', 'associate', 'bachelor', 'master'] as const;
const fields = ['ریاضی و فیزیک', 'علوم تجربی', 'ادبیات و علوم انسانی', 'هنر'] as const;
const employers = ['کارگاه نمونهٔ یک', 'کارگاه نمونهٔ دو', 'کارگاه نمونهٔ سه'] as const;
const pensionStates = ['active', 'retired', 'survivor'] as const;
const pensionGroups = ['state', 'military', 'steel', 'bank'] as const;

const entitlementFor = (months: number): Career['coverage']['entitlement'] => {
  if (months >= 240) return 'full';
  return months >= 12 ? 'partial' : 'none';
};

const makeCareers = (): readonly Career[] => {
  const chance = chanceFrom('careers');
  return people.map((person) => {
    const first = person.nationalId === testPerson.nationalId;
    const insuredMonths = first ? 187 : chance.upTo(380);
    return {
      person,
      certificate: {
        serial: first ? testCertificate : `C-${chance.digits(6)}`,
        valid: first || chance.upTo(10) > 0,
        level: chance.pick(levels),
        field: chance.pick(fields),
        date: dayIn(chance, 2006, 18),
        average: `${12 + chance.upTo(8)}.${chance.digits(2)}`,
      },
      coverage: {
        insuredMonths,
        entitlement: entitlementFor(insuredMonths),
        employer: chance.pick(employers),
      },
      pension: {
        status: chance.pick(pensionStates),
        group: chance.pick(pensionGroups),
        monthlyRials: 100_000_000 + chance.upTo(200) * 1_000_000,
      },
    };
  });
};

/** One career for each person, in the order of {@link people}. */
export const careers: readonly Career[] = makeCareers();
