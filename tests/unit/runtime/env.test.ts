import { describe, expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';

const needed = {
  ESTELAM_ORIGIN: 'https://exchange.example',
  JOURNAL_TABLE: 'journal',
  REGISTRY_TABLE: 'registry',
  ESTELAM_SECRET_FILE: '/run/secrets/estelam',
} as const;

const jwk = { kty: 'OKP', crv: 'Ed25519', x: 'A'.repeat(43) } as const;

const rootWith = (change: object): string =>
  JSON.stringify({ id: 'registrar:secret-id', jwk, ...change });

const messageOf = (variables: Readonly<Record<string, string | undefined>>): string => {
  try {
    readEnv(variables);
    return 'It was accepted.';
  } catch (error) {
    return error instanceof Error ? error.message : 'no error';
  }
};

describe('readEnv', () => {
  it('needs an origin, two tables and a secret, and knows the rest', () => {
    expect(readEnv(needed)).toEqual({
      ...needed,
      JOURNAL_SHARDS: 1,
      JOURNAL_SLOTS: 16,
      HOLD_SECONDS: 600,
      LOG_WITNESS_POLICY: 'quorum none',
      LOG_ENTRIES: 'auditors',
      MERGE_DELAY_SECONDS: 120,
      SEQUENCING_LIMIT_SECONDS: 3600,
      WITNESS_LIMIT_SECONDS: 14_400,
      SIGNING_KEY_DAYS: 90,
      SIGNING_KEY_AHEAD_HOURS: 24,
      RETENTION_DAYS: 730,
      OIDC_SUBJECT_CLAIM: 'national_id',
      OIDC_SUBJECT_TYPE: 'ir-national-id',
      OIDC_ALGORITHMS: ['RS256', 'PS256', 'ES256', 'EdDSA'],
      CONFIDENTIAL_BASES: {},
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'local',
      AWS_SECRET_ACCESS_KEY: 'local',
      LOG_LEVEL: 'INFO',
    });
  });

  it('takes every setting from its variable, numbers as numbers, and nothing else', () => {
    const given = {
      ...needed,
      ESTELAM_SECRET_ARN: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:estelam',
      AWS_REGION: 'me-central-1',
      DYNAMODB_ENDPOINT: 'http://127.0.0.1:8000',
      OBJECTS_BUCKET: 'estelam-log',
      OBJECTS_DIRECTORY: '/srv/log',
      STAGING_BUCKET: 'estelam-staging',
      STAGING_DIRECTORY: '/srv/staging',
      OBJECTS_ENDPOINT: 'http://127.0.0.1:9000',
      LOG_TABLE: 'log',
      SIGNER_TABLE: 'signer',
      INDEX_TABLE: 'index',
      TRANSIENT_TABLE: 'transient',
      LOG_WITNESS_POLICY: 'witness w vkey\nquorum w',
      SIGNER_FUNCTION: 'estelam-sign-checkpoint',
      PUBLISHER_FUNCTION: 'arn:aws:lambda:eu-central-1:123456789012:function:publish-log',
      LOG_ENTRIES: 'public',
      OIDC_ISSUER: 'https://id.example/realms/iran',
      OIDC_AUDIENCE: 'estelam',
      OIDC_JWKS_URI: 'https://id.example/keys',
      OIDC_SUBJECT_CLAIM: 'https://id.example/national-id',
      OIDC_SUBJECT_TYPE: 'ir-legal-id',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_SESSION_TOKEN: 'token',
      LOG_LEVEL: 'SILENT',
    };
    const numbers = {
      JOURNAL_SHARDS: '64',
      JOURNAL_SLOTS: '1024',
      HOLD_SECONDS: '0',
      MERGE_DELAY_SECONDS: '60',
      SEQUENCING_LIMIT_SECONDS: '1',
      WITNESS_LIMIT_SECONDS: '0',
      SIGNING_KEY_DAYS: '30',
      SIGNING_KEY_AHEAD_HOURS: '48',
      RETENTION_DAYS: '365',
    };
    const lists = {
      LOG_KEYS: ' a.pem\n b.pem\n',
      LOG_VKEYS: 'a+01+AA==',
      OIDC_ALGORITHMS: 'ES256 Ed25519',
    };
    const bases = { 'criminal-procedure-code.150': { days: 30, class: 'criminal-investigation' } };
    const root = { id: 'registrar:cra', jwk };
    const whole = { ...given, ...numbers, ...lists, REGISTRY_ROOT: JSON.stringify(root) };
    const delays = { CONFIDENTIAL_BASES: JSON.stringify(bases) };
    expect(readEnv({ ...whole, ...delays, PATH: '/usr/bin' })).toEqual({
      ...given,
      REGISTRY_ROOT: root,
      MERGE_DELAY_SECONDS: 60,
      SEQUENCING_LIMIT_SECONDS: 1,
      WITNESS_LIMIT_SECONDS: 0,
      SIGNING_KEY_DAYS: 30,
      SIGNING_KEY_AHEAD_HOURS: 48,
      RETENTION_DAYS: 365,
      LOG_KEYS: ['a.pem', 'b.pem'],
      LOG_VKEYS: ['a+01+AA=='],
      OIDC_ALGORITHMS: ['ES256', 'Ed25519'],
      CONFIDENTIAL_BASES: bases,
      JOURNAL_SHARDS: 64,
      JOURNAL_SLOTS: 1024,
      HOLD_SECONDS: 0,
    });
  });

  it.each(['ESTELAM_ORIGIN', 'JOURNAL_TABLE', 'REGISTRY_TABLE'])(
    'names %s when it is missing',
    (name) => {
      expect(messageOf({ ...needed, [name]: undefined })).toContain(`${name}: `);
    },
  );

  it('wants a key to sign for twice as long at least as it is announced before', () => {
    const two = { ...needed, SIGNING_KEY_DAYS: '2' };
    expect(readEnv({ ...two, SIGNING_KEY_AHEAD_HOURS: '24' }).SIGNING_KEY_DAYS).toBe(2);
    expect(messageOf({ ...two, SIGNING_KEY_AHEAD_HOURS: '25' })).toContain(
      'SIGNING_KEY_AHEAD_HOURS must be half of SIGNING_KEY_DAYS',
    );
  });

  it('asks for a file or a secret of Secrets Manager, and is content with either', () => {
    const rest = { ...needed, ESTELAM_SECRET_FILE: undefined };
    expect(messageOf(rest)).toContain('ESTELAM_SECRET_FILE or ESTELAM_SECRET_ARN must be set');
    expect(readEnv({ ...rest, ESTELAM_SECRET_ARN: 'arn' }).ESTELAM_SECRET_ARN).toBe('arn');
  });

  it.each([
    ['ESTELAM_ORIGIN', 'ftp://secret-host.example'],
    ['ESTELAM_ORIGIN', 'https://secret-host.example/'],
    ['ESTELAM_ORIGIN', 'secret-host'],
    ['JOURNAL_SHARDS', '65'],
    ['JOURNAL_SHARDS', '0'],
    ['JOURNAL_SHARDS', '1.5'],
    ['JOURNAL_SHARDS', 'secret-number'],
    ['JOURNAL_SLOTS', '1025'],
    ['JOURNAL_SLOTS', ''],
    ['SIGNING_KEY_DAYS', '1'],
    ['SIGNING_KEY_AHEAD_HOURS', '0'],
    ['HOLD_SECONDS', ''],
    ['HOLD_SECONDS', '6e2'],
    ['HOLD_SECONDS', '3601'],
    ['HOLD_SECONDS', '-1'],
    ['DYNAMODB_ENDPOINT', 'secret-endpoint'],
    ['OIDC_ISSUER', 'http://secret-host.example'],
    ['OIDC_ISSUER', 'https://user:secret-word@id.example'],
    ['OIDC_JWKS_URI', 'secret-path'],
    ['OIDC_SUBJECT_CLAIM', 'secret claim'],
    ['OIDC_SUBJECT_TYPE', 'secret-type'],
    ['OIDC_ALGORITHMS', 'ES256 HS256'],
    ['OIDC_ALGORITHMS', 'none'],
    ['CONFIDENTIAL_BASES', 'secret-basis'],
    ['CONFIDENTIAL_BASES', '{"civil-code-1":{"days":0,"class":"x"}}'],
    ['CONFIDENTIAL_BASES', '{"civil-code-1":{"days":30}}'],
    ['AWS_ENDPOINT_URL', 'secret-endpoint'],
    ['ESTELAM_SECRET_FILE', ''],
    ['LOG_LEVEL', 'secret-level'],
    ['LOG_TABLE', ''],
    ['LOG_KEYS', ' \n'],
    ['LOG_VKEYS', ''],
    ['SIGNER_FUNCTION', 'secret function'],
    ['LOG_ENTRIES', 'secret-readers'],
    ['MERGE_DELAY_SECONDS', '59'],
    ['SEQUENCING_LIMIT_SECONDS', '0'],
    ['WITNESS_LIMIT_SECONDS', 'secret-time'],
    ['REGISTRY_ROOT', ''],
    ['REGISTRY_ROOT', 'secret-key'],
    ['REGISTRY_ROOT', '"secret-key"'],
    ['REGISTRY_ROOT', rootWith({ id: 'counter:secret-id' })],
    ['REGISTRY_ROOT', rootWith({ jwk: { ...jwk, d: 'secret-key' } })],
    ['REGISTRY_ROOT', rootWith({ more: 'secret-key' })],
  ])('names %s when it is %j, and does not repeat what it held', (name, value) => {
    const message = messageOf({ ...needed, [name]: value });
    expect(message).toMatch(new RegExp(`^The environment is not right: ${name}[.:]`));
    expect(message).not.toContain('secret-');
  });

  it('names everything that is wrong at once', () => {
    const message = messageOf({
      ...needed,
      JOURNAL_TABLE: '',
      LOG_LEVEL: 'LOUD',
      HOLD_SECONDS: 'x',
    });
    expect(message).toMatch(/JOURNAL_TABLE: .*HOLD_SECONDS: .*LOG_LEVEL: /);
  });
});
