import type { Clock } from '#shared/kernel/clock.ts';
import type { Signer } from '#shared/message/key.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import type { Participant } from '#shared/registry/participant.ts';
import type { RegisteredKey } from '#shared/registry/registered-key.ts';
import type { Service } from '#shared/registry/service.ts';
import { type AgencyName, agencyId, agencyNames } from './agencies.ts';
import { type SampleParticipant, sampleParticipants } from './participants.ts';
import { type ServiceTemplate, sampleServices } from './services.ts';

/** A participant's public key. */
export type OpenKey = Pick<Signer, 'kid' | 'jwk'>;

export type SeedOptions = {
  /** By participant id: the public halves of everybody's keys. */
  readonly keys: Readonly<Record<string, OpenKey>>;
  /** Where each agency listens, without a path. */
  readonly agencyUrls: Readonly<Record<AgencyName, string>>;
  /** Milliseconds; validities run for whole years around it, so that they change once a year. */
  readonly now: ReturnType<Clock>;
};

type Validity = { readonly from: number; readonly until: number };

const validityAround = (now: number): Validity => {
  const year = new Date(now).getUTCFullYear();
  return { from: Date.UTC(year - 1, 0, 1), until: Date.UTC(year + 5, 0, 1) };
};

const toParticipant = (
  { id, title, licence }: SampleParticipant,
  { from, until }: Validity,
): Participant => ({
  kind: 'participant',
  id,
  title,
  status: 'active',
  ...(licence !== undefined && { licence: { ...licence, validFrom: from, validUntil: until } }),
  version: 1,
});

const toKey = (
  { id, label }: SampleParticipant,
  { keys }: SeedOptions,
  { from, until }: Validity,
): RegisteredKey => {
  const key = keys[id];
  if (key === undefined) throw new Error(`The seed needs a key of ${id}.`);
  return {
    kind: 'key',
    kid: key.kid,
    jwk: key.jwk,
    owner: id,
    label,
    status: 'active',
    notBefore: from,
    notAfter: until,
    version: 1,
  };
};

const toService = (template: ServiceTemplate, { agencyUrls }: SeedOptions): Service => {
  const name = agencyNames.find((one) => agencyId(one) === template.agency);
  if (name === undefined) throw new Error(`${template.ref} belongs to no sample agency.`);
  const endpoint = `${agencyUrls[name]}/inquiries`;
  return { kind: 'service', ...template, status: 'active', endpoint, version: 1 };
};

/** The registry of the sample installation: who takes part, their keys, what may be asked. */
export const seedEntries = (options: SeedOptions): readonly RegistryEntry[] => {
  const validity = validityAround(options.now);
  return [
    ...sampleParticipants.map((one) => toParticipant(one, validity)),
    ...sampleParticipants.map((one) => toKey(one, options, validity)),
    ...sampleServices.map((one) => toService(one, options)),
  ];
};
