import { describe, expect, it } from 'vitest';
import { readEnv } from '#functions/runtime/env.ts';

const needed = {
  ESTELAM_ORIGIN: 'https://exchange.example',
  JOURNAL_TABLE: 'journal',
  REGISTRY_TABLE: 'registry',
  ESTELAM_SECRET_FILE: '/run/secrets/estelam',
} as const;

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
      AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'key',
      AWS_SESSION_TOKEN: 'token',
      LOG_LEVEL: 'SILENT',
    };
    const numbers = { JOURNAL_SHARDS: '64', JOURNAL_SLOTS: '1024', HOLD_SECONDS: '0' };
    expect(readEnv({ ...given, ...numbers, PATH: '/usr/bin' })).toEqual({
      ...given,
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
    ['HOLD_SECONDS', ''],
    ['HOLD_SECONDS', '6e2'],
    ['HOLD_SECONDS', '3601'],
    ['HOLD_SECONDS', '-1'],
    ['DYNAMODB_ENDPOINT', 'secret-endpoint'],
    ['AWS_ENDPOINT_URL', 'secret-endpoint'],
    ['ESTELAM_SECRET_FILE', ''],
    ['LOG_LEVEL', 'secret-level'],
  ])('names %s when it is %j, and does not repeat what it held', (name, value) => {
    const message = messageOf({ ...needed, [name]: value });
    expect(message).toContain(`The environment is not right: ${name}: `);
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
