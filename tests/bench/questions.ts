import { addresses } from '#infra/local/agencies/data/addresses.ts';
import { legalEntities } from '#infra/local/agencies/data/legal-entities.ts';
import { testCertificate, testPerson, testPlate } from '#infra/local/agencies/data/test-ids.ts';
import type { Question } from '#shared/client/sign-request.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import type { SubjectInput } from '#shared/persian/subject-input.ts';

/** The counter that asks, in every bench. */
export const asker = 'counter:72110345';

const { nationalId, birthDate, firstName, lastName, fatherName, mobile } = testPerson;
const person: SubjectInput = { type: 'ir-national-id', value: nationalId };

const about = (
  service: string,
  purpose: string,
  subject: SubjectInput,
  params: JsonObject,
): Question => ({
  service,
  purpose,
  basis: 'civil-code-1.12',
  station: 'till-3',
  presence: 'in-person',
  seq: 1842,
  subject,
  params,
  case: '1405/1842',
  operator: 'operator-7',
});

/** A typical inquiry of one service holds its facts: the first addresses and companies are on record. */
const postalCode = addresses[0]?.postalCode ?? '';
const legalId = legalEntities[0]?.legalId ?? '';

/** The question whose CPU time is measured: every param given, an answer of four facts, held. */
export const identity = about('civil-registry/identity@1', 'pension-enrolment', person, {
  birthDate,
  firstName,
  lastName,
  fatherName,
});

/** Yes or no and no facts, so that nothing is held. */
export const ownership = about('telecom/mobile-ownership@1', 'benefit-claim', person, { mobile });

/** One typical question for each of the nine services. */
export const questions: readonly Question[] = [
  identity,
  about('civil-registry/life-status@1', 'pension-enrolment', person, {}),
  ownership,
  about(
    'post/postal-address@1',
    'address-change',
    { type: 'ir-postal-code', value: postalCode },
    {},
  ),
  about('education/certificate@1', 'employment', person, { serial: testCertificate }),
  about('social-security/coverage@1', 'pension-enrolment', person, {}),
  about('pension/status@1', 'pension-enrolment', person, {}),
  about(
    'police/vehicle@1',
    'vehicle-transfer',
    { type: 'ir-plate', value: testPlate },
    {
      ownerNationalId: nationalId,
    },
  ),
  about('companies/legal-entity@1', 'tender', { type: 'ir-legal-id', value: legalId }, {}),
];
