import * as z from 'zod';
import { ParticipantId } from '../message/claims.ts';
import { UntrustedReply } from './untrusted-reply.ts';

/** One service at one version, as the catalogue shows it; members this client does not read stay. */
export const CatalogueEntry = z.looseObject({
  ref: z.string(),
  agency: ParticipantId,
  title: z.object({ fa: z.string(), en: z.string() }),
});
export type CatalogueEntry = z.infer<typeof CatalogueEntry>;

const Catalogue = z.looseObject({ services: z.array(CatalogueEntry) });
const ServiceVersions = z.looseObject({ versions: z.array(CatalogueEntry) });
const Requirements = z.looseObject({ id: ParticipantId });

/** What the exchange asks of its callers; `id` is the participant that signs its receipts. */
export type Requirements = z.infer<typeof Requirements>;

const read = <Value>(schema: z.ZodType<Value>, json: unknown, what: string): Value => {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new UntrustedReply('shape', `This is not ${what}.`);
};

export const readCatalogue = (json: unknown): readonly CatalogueEntry[] =>
  read(Catalogue, json, 'the catalogue of services').services;

export const readVersions = (json: unknown): readonly CatalogueEntry[] =>
  read(ServiceVersions, json, "a service's versions").versions;

export const readRequirements = (json: unknown): Requirements =>
  read(Requirements, json, "the exchange's requirements");
