import type { Licence } from '#shared/registry/licence.ts';
import type { Title } from '#shared/registry/participant.ts';
import { agencyId, agencyNames, sampleAgencies } from './agencies.ts';

export type SampleLicence = Omit<Licence, 'validFrom' | 'validUntil'>;

export type SampleParticipant = {
  readonly id: string;
  readonly title: Title;
  readonly algorithm: 'ES256' | 'Ed25519';
  /** Who or what signs with the key. */
  readonly label: string;
  readonly licence?: SampleLicence;
};

/** Who begins the registry, and sends the commands about all others. */
export const registrarId = 'registrar:cra';

const issuer = 'سازمان تنظیم مقررات و ارتباطات رادیویی';

const offices: readonly SampleParticipant[] = [
  {
    id: registrarId,
    title: { fa: 'سازمان تنظیم مقررات', en: 'Regulatory authority' },
    algorithm: 'ES256',
    label: 'registry desk',
  },
  {
    id: 'guild:pishkhan',
    title: { fa: 'کانون دفاتر پیشخوان', en: 'Guild of counters' },
    algorithm: 'ES256',
    label: 'supervision',
  },
  {
    id: 'auditor:inspection',
    title: { fa: 'سازمان بازرسی', en: 'Inspection organisation' },
    algorithm: 'ES256',
    label: 'audit desk',
  },
  {
    id: 'vendor:rayan',
    title: { fa: 'شرکت رایان‌پیشخوان', en: 'Rayan Software' },
    algorithm: 'Ed25519',
    label: 'service desk',
  },
];

const counters: readonly SampleParticipant[] = [
  {
    id: 'counter:72110345',
    title: { fa: 'دفتر پیشخوان ۷۲۱۱۰۳۴۵', en: 'Counter 72110345' },
    algorithm: 'ES256',
    label: 'till-3',
    licence: { number: 'P-72110345', issuer, province: 'تهران', city: 'تهران', status: 'valid' },
  },
  {
    id: 'counter:72110346',
    title: { fa: 'دفتر پیشخوان ۷۲۱۱۰۳۴۶', en: 'Counter 72110346' },
    algorithm: 'Ed25519',
    label: 'till-1',
    licence: { number: 'P-72110346', issuer, province: 'فارس', city: 'شیراز', status: 'valid' },
  },
  {
    id: 'counter:72199001',
    title: { fa: 'دفتر پیشخوان ۷۲۱۹۹۰۰۱', en: 'Counter 72199001' },
    algorithm: 'ES256',
    label: 'till-1',
    licence: { number: 'P-72199001', issuer, province: 'گیلان', city: 'رشت', status: 'suspended' },
  },
];

/** Everybody who takes part in the sample installation. */
export const sampleParticipants: readonly SampleParticipant[] = [
  ...offices,
  ...counters,
  ...agencyNames.map(
    (name): SampleParticipant => ({
      id: agencyId(name),
      title: sampleAgencies[name],
      algorithm: 'ES256',
      label: 'answers',
    }),
  ),
];
