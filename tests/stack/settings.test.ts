import { describe, expect, it } from 'vitest';
import { readSettings } from '#infra/config.ts';
import { readWitnessSettings } from '#infra/witness-config.ts';
import { newApp } from './synthesise.ts';

const read = (context: Readonly<Record<string, unknown>>) => readSettings(newApp(context));

describe('the settings of a deployment', () => {
  it('have defaults for all but the warm throughput', () => {
    expect(read({})).toEqual({
      environment: 'dev',
      origin: 'https://exchange.example',
      journalSlots: 16,
      journalShards: 1,
      holdSeconds: 600,
      mergeDelaySeconds: 120,
      sequencingLimitSeconds: 3_600,
      witnessLimitSeconds: 14_400,
      signingKeyDays: 90,
      signingKeyAheadHours: 24,
      witnessPolicy: 'quorum none',
      logEntries: 'auditors',
      oidcSubjectClaim: 'national_id',
      oidcSubjectType: 'ir-national-id',
      oidcAlgorithms: 'RS256 PS256 ES256 EdDSA',
      confidentialBases: '{}',
      objectRetentionDays: 3_650,
      retentionDays: 730,
      logRetentionDays: 90,
      throttlingRate: 1_000,
      throttlingBurst: 2_000,
      logLevel: 'INFO',
    });
  });

  it('have a witness policy in lines, or in one line with semicolons', () => {
    const lines = ['# who', '', 'witness w w.example+00000000+AAAA https://w.example', 'quorum w'];
    const policy = lines.join('\n');
    expect(read({ witnessPolicy: policy }).witnessPolicy).toBe(policy);
    expect(read({ witnessPolicy: lines.join(' ; ') }).witnessPolicy).toBe(policy);
  });

  it('have a key that begins the registry where one is given', () => {
    const registryRoot = '{"id":"registrar:cra","jwk":{"kty":"OKP","crv":"Ed25519","x":"x"}}';
    expect(read({ registryRoot }).registryRoot).toBe(registryRoot);
  });

  it('have a provider that knows persons where one is given', () => {
    const persons = { oidcIssuer: 'https://id.example/realms/iran', oidcAudience: 'estelam' };
    expect(read(persons)).toMatchObject(persons);
  });

  it('are numbers even when the command line gives text', () => {
    expect(read({ journalSlots: '64', journalShards: '4' })).toMatchObject({
      journalSlots: 64,
      journalShards: 4,
    });
  });

  it.each([
    ['origin', 'http://exchange.example'],
    ['origin', 'https://exchange.example/'],
    ['origin', 'https://exchange.example/v1'],
    ['environment', 'Production'],
    ['journalSlots', '0'],
    ['journalShards', '17'],
    ['mergeDelaySeconds', '59'],
    ['sequencingLimitSeconds', '0'],
    ['witnessLimitSeconds', '-1'],
    ['signingKeyDays', '1'],
    ['signingKeyAheadHours', '0'],
    ['logEntries', 'nobody'],
    ['oidcIssuer', 'http://id.example'],
    ['oidcJwksUri', 'id.example/keys'],
    ['oidcSubjectClaim', 'national id'],
    ['oidcSubjectType', 'passport'],
    ['oidcAlgorithms', 'ES256 HS256'],
    ['oidcAlgorithms', 'none'],
    ['confidentialBases', 'court.7'],
    ['objectRetentionDays', '0'],
    ['objectRetentionDays', '36501'],
    ['witnessPolicy', ''],
    ['witnessPolicy', 'witness w w.example+00000000+AAAA https://w.example'],
    ['witnessPolicy', 'quorum none;quorum none'],
    ['witnessPolicy', 'log exchange.example/log/0+00000000+AAAA;quorum none'],
    ['witnessPolicy', `# ${'x'.repeat(1_500)};quorum none`],
    ['holdSeconds', 'ten'],
    ['logRetentionDays', '45'],
    ['registryRoot', ''],
    ['registryRoot', 'key.jwk'],
    ['registryRoot', '{"id":"registrar:cra","jwk":{"kty":"OKP","d":"x"}}'],
    ['logLevel', 'verbose'],
  ])('refuse %s=%s, and say so', (key, value) => {
    expect(() => read({ [key]: value })).toThrow(key);
  });
});

describe('the time of a signing key', () => {
  it('is at least twice the time that it is announced before', () => {
    const least = { signingKeyDays: '2', signingKeyAheadHours: '24' };
    expect(read(least)).toMatchObject({ signingKeyDays: 2, signingKeyAheadHours: 24 });
    expect(() => read({ ...least, signingKeyAheadHours: '25' })).toThrow('signingKeyAheadHours');
  });
});

describe('the settings of a witness', () => {
  const right = {
    witnessName: 'witness.example/w1',
    witnessLogs: 'exchange.example/log/0+bca5b86b+AWqoF/FTBF3BSdSZxNPoNm7ABnNorawEvkmUPUOQDl4U',
  };

  it('are its name and its logs; the rest has defaults', () => {
    expect(readWitnessSettings(newApp(right))).toEqual({
      ...right,
      environment: 'dev',
      logRetentionDays: 90,
      throttlingRate: 20,
      throttlingBurst: 40,
      logLevel: 'INFO',
    });
  });

  it.each([
    ['witnessName', undefined],
    ['witnessName', 'https://witness.example/w1'],
    ['witnessName', 'witness'],
    ['witnessName', 'witness.example/w+1'],
    ['witnessLogs', undefined],
    ['witnessLogs', ' '],
    ['witnessLogs', 'exchange.example/log/0'],
    ['witnessLogs', `${right.witnessLogs} exchange.example/log/1+0000+AAAA`],
    ['throttlingRate', '0'],
  ])('refuse %s=%s, and say so', (key, value) => {
    expect(() => readWitnessSettings(newApp({ ...right, [key]: value }))).toThrow(key);
  });
});
