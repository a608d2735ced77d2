import * as z from 'zod';
import { Instant } from '../kernel/clock.ts';
import { Code, Level, ParticipantId, ServiceRef } from '../message/claims.ts';
import { subjectTypes } from '../persian/subject.ts';
import { ObjectSchema } from './json-schema.ts';
import { Title } from './participant.ts';
import { ServiceQuota } from './quota.ts';
import { stamp } from './stamp.ts';

const loopback = new Set(['127.0.0.1', 'localhost', '[::1]']);

/**
 * Addresses that answer only to the machine itself, also inside IPv6 (RFC 4291 §2.5.5.2, RFC 6052):
 * a metadata service must never be asked.
 */
const linkLocal = /^(?:169\.254\.|\[(?:fe[89ab].:|fd00:ec2:|::ffff:a9fe:|64:ff9b::a9fe:))/i;

/** Where an agency is asked: https, or http on this machine; never with credentials in it. */
export const isAgencyEndpoint = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '' || url.hash !== '') return false;
  if (linkLocal.test(url.hostname)) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname));
};

/** One kind of inquiry that an agency answers, at one version. */
export const Service = z.strictObject({
  kind: z.literal('service'),
  ref: ServiceRef,
  agency: ParticipantId,
  title: Title,
  group: Code,
  status: z.enum(['active', 'retired']),
  subjectType: z.enum(subjectTypes),
  level: Level,
  /** The result fields that are passed on; the rest of an answer is withheld. */
  fields: z.array(z.string().min(1).max(64)).max(64),
  purposes: z.array(Code).min(1).max(64),
  /** What `params` must look like. */
  input: ObjectSchema,
  /** What the disclosures of an answer, put together, must look like. */
  output: ObjectSchema,
  endpoint: z.string().refine(isAgencyEndpoint),
  /** Milliseconds from the call to the last byte of the answer. */
  timeout: z.int().min(100).max(20_000),
  /** Whether the answer's disclosures are kept for ten minutes, so that a retry can have them. */
  hold: z.boolean(),
  /** The tariff that applies, by reference. */
  tariff: Code.optional(),
  /** Legal bases that it accepts; when it names none, any that is not confidential. */
  bases: z.array(Code).min(1).max(64).optional(),
  /** From when on a newer version should be used, until when this one is meant to be kept, and why. */
  deprecated: z
    .strictObject({ from: Instant, until: Instant.optional(), reason: z.string() })
    .optional(),
  /** From when on it is not answered any more, and why. */
  retired: z.strictObject({ from: Instant, reason: z.string() }).optional(),
  /** How often it may be asked, where no grant says otherwise. */
  quota: ServiceQuota.optional(),
  ...stamp,
});
export type Service = z.infer<typeof Service>;

/** Whether it is answered at a time: it stays `active` on record when its retirement takes effect. */
export const isAnswered = (
  { status, retired }: Pick<Service, 'status' | 'retired'>,
  now: number,
): boolean => status === 'active' && (retired === undefined || now < retired.from);
