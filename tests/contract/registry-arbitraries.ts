/** Entries of the registry as the schemas allow them, of every kind and with every optional part. */
import fc from 'fast-check';
import { newId } from '#shared/kernel/id.ts';
import { lastInstant } from '#shared/kernel/instant-text.ts';
import { roles } from '#shared/kernel/participant-id.ts';
import { Code, ParticipantId, ServiceRef } from '#shared/message/claims.ts';
import { subjectTypes } from '#shared/persian/subject.ts';
import { Access } from '#shared/registry/access.ts';
import { Delegation } from '#shared/registry/delegation.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import { Participant } from '#shared/registry/participant.ts';
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

const keyRole = fc.constantFrom('station', 'server', 'officer');
const level = fc.constantFrom('verify', 'match', 'read');
const count = fc.integer({ min: 1, max: 100_000 });
const reason = fc.stringMatching(/^[a-zآ-ی][a-zآ-ی ]{1,20}[a-zآ-ی]$/);

/** The number of a change; an entry from before there were changes has none. */
const n = fc.integer({ min: 1, max: 1_000_000 });

const quota = fc.oneof(
  fc.record({ perSecond: count, perDay: count }, { requiredKeys: ['perSecond'] }),
  fc.record({ perDay: count }),
);

const inquiryId = fc
  .tuple(
    fc.integer({ min: 0, max: lastInstant - 1 }),
    fc.uint8Array({ minLength: 10, maxLength: 10 }),
  )
  .map(([milliseconds, random]) => newId(milliseconds, () => random));

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

/** As it may stand on record, whosever it is. */
const scope = fc.oneof(
  fc.record({ kind: fc.constant('all') }),
  fc.record({ kind: fc.constant('province'), value: fc.constantFrom('تهران', 'خراسان رضوی') }),
  fc.record({ kind: fc.constant('agency'), value: name.map((own) => `agency:${own}`) }),
  fc.record({ kind: fc.constant('counter'), value: name.map((own) => `counter:${own}`) }),
);

export const participantEntry = fc
  .record(
    {
      kind: fc.constant('participant'),
      id: participantId,
      title,
      status: fc.constantFrom('active', 'suspended', 'left'),
      licence,
      scopes: fc.array(scope, { maxLength: 4 }),
      keys: count,
      reason,
      version: fc.constant(1),
      n,
    },
    { requiredKeys: ['kind', 'id', 'title', 'status', 'version'] },
  )
  .map((entry): RegistryEntry => Participant.parse(entry));

const jwk = fc.oneof(
  fc.record({ kty: fc.constant('EC'), crv: fc.constant('P-256'), x: digest, y: digest }),
  fc.record({ kty: fc.constant('OKP'), crv: fc.constant('Ed25519'), x: digest }),
);

export const keyEntry = fc
  .record(
    {
      kind: fc.constant('key'),
      kid: digest,
      jwk,
      owner: participantId,
      label: words,
      status: fc.constantFrom('active', 'revoked'),
      notBefore: time,
      notAfter: time,
      role: keyRole,
      revoked: fc.record({ reason, from: time }),
      version: fc.constant(1),
      n,
    },
    {
      requiredKeys: [
        'kind',
        'kid',
        'jwk',
        'owner',
        'label',
        'status',
        'notBefore',
        'notAfter',
        'version',
      ],
    },
  )
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
      level,
      fields: fc.array(words, { maxLength: 5 }),
      purposes: fc.array(code, { minLength: 1, maxLength: 5 }),
      input: schema,
      output: schema,
      endpoint: fc.webUrl({ validSchemes: ['https'] }),
      timeout: fc.integer({ min: 100, max: 20_000 }),
      hold: fc.boolean(),
      tariff: code,
      bases: fc.array(code, { minLength: 1, maxLength: 3 }),
      deprecated: fc.record(
        { from: time, until: time, reason },
        { requiredKeys: ['from', 'reason'] },
      ),
      retired: fc.record({ from: time, reason }),
      quota: fc.record({ counter: quota, all: quota }, { requiredKeys: [] }),
      version: fc.constant(1),
      n,
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

const terms = {
  purposes: fc.array(code, { minLength: 1, maxLength: 3 }),
  level,
  fields: fc.array(words, { maxLength: 3 }),
  quota,
};

const target = fc.oneof(
  name,
  name.map((group) => `group:${group}`),
);

const grant = fc.record(
  {
    id: inquiryId,
    target,
    status: fc.constantFrom('requested', 'active', 'suspended', 'revoked'),
    ...terms,
    from: time,
    until: time,
    justification: reason,
    reason,
  },
  { requiredKeys: ['id', 'target', 'status', 'from', 'until'] },
);

const limit = fc.record(
  { target, stopped: fc.boolean(), ...terms, reason },
  { requiredKeys: ['target', 'stopped', 'reason'] },
);

const narrowing = fc.record({ target, justification: reason, from: time });

export const accessEntry = fc
  .record(
    {
      kind: fc.constant('access'),
      agency: participantId,
      holder: fc.oneof(participantId, fc.constant('*')),
      grants: fc.array(grant, { maxLength: 3 }),
      limits: fc.array(limit, { maxLength: 3 }),
      narrowed: fc.array(narrowing, { maxLength: 3 }),
      version: fc.constant(1),
      n,
    },
    { requiredKeys: ['kind', 'agency', 'holder', 'grants', 'limits', 'narrowed', 'version'] },
  )
  .map((entry): RegistryEntry => Access.parse(entry));

export const delegationEntry = fc
  .record(
    {
      kind: fc.constant('delegation'),
      counter: participantId,
      delegate: participantId,
      status: fc.constantFrom('active', 'revoked'),
      services: fc.array(
        fc.tuple(name, name).map((both) => both.join('/')),
        { maxLength: 3 },
      ),
      from: time,
      until: time,
      reason,
      version: fc.constant(1),
      n,
    },
    {
      requiredKeys: [
        'kind',
        'counter',
        'delegate',
        'status',
        'services',
        'from',
        'until',
        'version',
      ],
    },
  )
  .map((entry): RegistryEntry => Delegation.parse(entry));

export const registryEntry = fc.oneof(
  participantEntry,
  keyEntry,
  serviceEntry,
  accessEntry,
  delegationEntry,
);
