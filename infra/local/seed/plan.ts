import type { Command } from '#shared/client/sign-command.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import type { Signer } from '#shared/message/key.ts';
import { type AgencyName, agencyId, agencyNames } from './agencies.ts';
import {
  registrarId,
  type SampleLicence,
  type SampleParticipant,
  sampleParticipants,
} from './participants.ts';
import { type ServiceTemplate, sampleServices } from './services.ts';
import type { Standing, StandingParticipant } from './standing.ts';

/** What an installation is to hold, besides the sample participants themselves. */
export type Wanted = {
  /** By participant id: everybody's key. */
  readonly keys: Readonly<Record<string, Signer>>;
  /** Where each agency listens, without a path. */
  readonly agencyUrls: Readonly<Record<AgencyName, string>>;
  /** The sample services when nothing is said. */
  readonly services?: readonly ServiceTemplate[];
  /** Milliseconds since 1970: when keys begin. */
  readonly now: number;
};

/** A command that is still missing. */
export type Missing = Omit<Command, 'id'> & {
  /** Whose key signs it. */
  readonly by: string;
  /** A new key that is to prove, as `with.proof`, that its owner `with.owner` holds it. */
  readonly newKey?: Signer;
};

/** Ten years with their leap days: as long as a key may last. */
const tenYears = 3652 * 86_400_000;

const jsonOf = (value: object): JsonObject => {
  const json = parseStrictJson(JSON.stringify(value));
  if (!isJsonObject(json)) throw new TypeError('The content of a command is an object.');
  return json;
};

export const keyIn = ({ keys }: Pick<Wanted, 'keys'>, id: string): Signer => {
  const key = keys[id];
  if (key === undefined) throw new Error(`The seed needs a key of ${id}.`);
  return key;
};

/** Where a service of a sample agency is asked. */
const endpointOf = (
  agencyUrls: Wanted['agencyUrls'],
  { agency, ref }: Pick<ServiceTemplate, 'agency' | 'ref'>,
): string => {
  const name = agencyNames.find((one) => agencyId(one) === agency);
  if (name === undefined) throw new Error(`${ref} belongs to no sample agency.`);
  return `${agencyUrls[name]}/inquiries`;
};

/** Where all services are asked when the agencies are there, by reference. */
export const endpointsAt = (
  agencyUrls: Wanted['agencyUrls'],
  services: readonly ServiceTemplate[] = sampleServices,
): ReadonlyMap<string, string> =>
  new Map(services.map((one) => [one.ref, endpointOf(agencyUrls, one)]));

const begin = ({ id, title, label }: SampleParticipant, { jwk }: Signer): Missing => ({
  by: id,
  do: 'registry.begin',
  on: 0,
  with: { id, title, jwk: { ...jwk }, label },
});

const register = ({ id, title }: SampleParticipant): Missing => ({
  by: registrarId,
  do: 'participant.register',
  on: 0,
  with: { id, title },
});

/** Every sample key is an officer's: with it, its owner can send commands as well. */
const addKey = ({ id, label }: SampleParticipant, newKey: Signer, now: number): Missing => ({
  by: registrarId,
  do: 'key.add',
  on: 0,
  with: {
    owner: id,
    jwk: { ...newKey.jwk },
    label,
    role: 'officer',
    notBefore: now,
    notAfter: now + tenYears,
  },
  newKey,
});

const termsOf = ({ status: _, ...terms }: SampleLicence) => terms;

/** `on`: the version of the counter that the licence goes to. */
const issue = (id: string, on: number, licence: SampleLicence, now: number): Missing => {
  const year = new Date(now).getUTCFullYear();
  const [validFrom, validUntil] = [Date.UTC(year - 1, 0, 1), Date.UTC(year + 5, 0, 1)];
  return {
    by: registrarId,
    do: 'licence.issue',
    on,
    with: { id, licence: { ...termsOf(licence), validFrom, validUntil } },
  };
};

const suspend = (id: string, on: number): Missing => ({
  by: registrarId,
  do: 'licence.suspend',
  on,
  with: { id, reason: 'a sample of a suspended licence' },
});

const aboutLicence = (
  { id, licence }: SampleParticipant,
  found: Partial<StandingParticipant>,
  version: number,
  now: number,
): readonly Missing[] => {
  if (licence === undefined) return [];
  const standing = found.licence;
  const isIssued = standing !== undefined;
  const issued = isIssued ? [] : [issue(id, version, licence, now)];
  // Somebody who lifted the suspension gave a reason, and it stays lifted.
  const isAsIssued =
    !isIssued || (standing.number === licence.number && standing.status === 'valid');
  const isSuspended = licence.status === 'suspended' && isAsIssued && found.isJudged !== true;
  return isSuspended ? [...issued, suspend(id, version + issued.length)] : issued;
};

const aboutParticipant = (
  one: SampleParticipant,
  wanted: Wanted,
  { participants, keys }: Standing,
): readonly Missing[] => {
  const { id } = one;
  const key = keyIn(wanted, id);
  const found = participants.get(id);
  // The registrar's key comes with the beginning, or nobody is there to add it.
  if (id === registrarId) return found === undefined ? [begin(one, key)] : [];
  if (found !== undefined && found.status !== 'active') return [];
  const registered = found === undefined ? [register(one)] : [];
  const keyed = keys.has(key.kid) ? [] : [addKey(one, key, wanted.now)];
  const version = (found?.version ?? 1) + keyed.length;
  return [...registered, ...keyed, ...aboutLicence(one, found ?? {}, version, wanted.now)];
};

/** Whether an agency takes part and its key is none that was revoked. */
const canSign = (id: string, wanted: Wanted, { participants, keys }: Standing): boolean =>
  (participants.get(id)?.status ?? 'active') === 'active' &&
  keys.get(keyIn(wanted, id).kid) !== 'revoked';

const aboutService = (
  template: ServiceTemplate,
  wanted: Wanted,
  standing: Standing,
): readonly Missing[] => {
  const { agency: by, ...rest } = template;
  if (!canSign(by, wanted, standing)) return [];
  const { ref } = rest;
  const endpoint = endpointOf(wanted.agencyUrls, template);
  const found = standing.services.get(ref);
  if (found === undefined) {
    return [{ by, do: 'service.publish', on: 0, with: { ...jsonOf(rest), endpoint } }];
  }
  if (!found.isAnswered || found.endpoint === endpoint) return [];
  return [{ by, do: 'service.move', on: found.version, with: { ref, endpoint } }];
};

/**
 * The commands, in their order, that a registry lacks to hold the sample installation. What commands
 * changed later stays as it is: nobody is registered again, reinstated or given a name back, no revoked
 * key is added anew, and a retired service stays retired.
 */
export const missingCommands = (wanted: Wanted, standing: Standing): readonly Missing[] => [
  ...sampleParticipants.flatMap((one) => aboutParticipant(one, wanted, standing)),
  ...(wanted.services ?? sampleServices).flatMap((one) => aboutService(one, wanted, standing)),
];
