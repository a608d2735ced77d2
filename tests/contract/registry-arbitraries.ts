/** Entries of the registry as the schemas allow them, of every kind and with every optional part. */
import fc from 'fast-check';
import { roles } from '#shared/kernel/participant-id.ts';
import { Code, ParticipantId, ServiceRef } from '#shared/message/claims.ts';
import { subjectTypes } from '#shared/persian/subject.ts';
import { Participant } from '#shared/registry/participant.ts';
import type { RegistryEntry } from '#shared/registry/ports.ts';
import { RegisteredKey } from '#shared/registry/registered-key.ts';
import { Service } from '#shared/registry/service.ts';

const name = fc.stringMatching(/^[a-z][a-z0-9-]{1,20}$/);
const words = fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' });
const title = fc.record({ fa: words, en: words });
const time = fc.integer({ min: 0, max: 4_000_000_000_000 });
const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((bytes) => Buffer.from(bytes).toString('base64url'));
const code = fc
  .stringMatching(/^[a-z][a-z0-9]{0,3}(-[a-z]{1,6}[0-9]{0,2}){0,2}$/)
  .map((text) => Code.parse(text));

export const participantId = fc
  .tuple(fc.constantFrom(...roles), name)
  .map(([role, own]) => ParticipantId.parse(`${role}:${own}`));

export const serviceRef = fc
  .tuple(name, name, fc.integer({ min: 1, max: 9999 }))
  .map(([agency, own, version]) => ServiceRef.parse(`${agency}/${own}@${version}`));

const licence = fc.record({
  number: words,
  issuer: words,
  province: words,
  city: words,
  status: fc.constantFrom('valid', 'suspended', 'revoked'),
  validFrom: time,
  validUntil: time,
});

export const participantEntry = fc
  .record(
    {
      kind: fc.constant('participant'),
      id: participantId,
      title,
      status: fc.constantFrom('active', 'suspended', 'left'),
      licence,
      version: fc.constant(1),
    },
    { requiredKeys: ['kind', 'id', 'title', 'status', 'version'] },
  )
  .map((entry): RegistryEntry => Participant.parse(entry));

const jwk = fc.oneof(
  fc.record({ kty: fc.constant('EC'), crv: fc.constant('P-256'), x: digest, y: digest }),
  fc.record({ kty: fc.constant('OKP'), crv: fc.constant('Ed25519'), x: digest }),
);

export const keyEntry = fc
  .record({
    kind: fc.constant('key'),
    kid: digest,
    jwk,
    owner: participantId,
    label: words,
    status: fc.constantFrom('active', 'revoked'),
    notBefore: time,
    notAfter: time,
    version: fc.constant(1),
  })
  .map((entry): RegistryEntry => RegisteredKey.parse(entry));

const schema = fc
  .dictionary(name, fc.record({ type: fc.constantFrom('string', 'integer'), title: words }), {
    maxKeys: 5,
    noNullPrototype: true,
  })
  .map((properties) => ({
    type: 'object',
    properties,
    required: Object.keys(properties).slice(0, 2),
    additionalProperties: false,
  }));

export const serviceEntry = fc
  .record(
    {
      kind: fc.constant('service'),
      ref: serviceRef,
      agency: participantId,
      title,
      group: code,
      status: fc.constantFrom('active', 'retired'),
      subjectType: fc.constantFrom(...subjectTypes),
      level: fc.constantFrom('verify', 'match', 'read'),
      fields: fc.array(words, { maxLength: 5 }),
      purposes: fc.array(code, { minLength: 1, maxLength: 5 }),
      input: schema,
      output: schema,
      endpoint: fc.webUrl({ validSchemes: ['https'] }),
      timeout: fc.integer({ min: 100, max: 20_000 }),
      hold: fc.boolean(),
      tariff: code,
      version: fc.constant(1),
    },
    {
      requiredKeys: [
        'kind',
        'ref',
        'agency',
        'title',
        'group',
        'status',
        'subjectType',
        'level',
        'fields',
        'purposes',
        'input',
        'output',
        'endpoint',
        'timeout',
        'hold',
        'version',
      ],
    },
  )
  .map((entry): RegistryEntry => Service.parse(entry));

export const registryEntry = fc.oneof(participantEntry, keyEntry, serviceEntry);
