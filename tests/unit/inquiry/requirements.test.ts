import { describe, expect, it } from 'vitest';
import { Outcome } from '#events/outcome.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { checkHealth } from '#shared/inquiry/health.ts';
import { requirements } from '#shared/inquiry/requirements.ts';
import { Problem, problems } from '#shared/kernel/problem.ts';
import { kinds } from '#shared/message/kind.ts';
import { makeExchange, receiptOf, testKeys } from '#tests/support/exchange.ts';
import { identityService, serviceWith } from '#tests/support/registry.ts';

describe('requirements', () => {
  it('says what the protocol says', async () => {
    const { exchange } = await makeExchange();
    expect(await requirements(exchange)).toMatchObject({
      id: 'exchange:estelam',
      origin: 'https://exchange.example',
      inquiries: 'https://exchange.example/v1/inquiries',
      commands: 'https://exchange.example/v1/commands',
      statements: 'https://exchange.example/v1/statements',
      ['jwks_uri']: 'https://exchange.example/.well-known/jwks.json',
      algorithms: ['ES256', 'Ed25519'],
      messages: {
        request: { typ: 'inq-request+sd-jwt', ['max_jws']: 4096, ['max_lifetime']: 300 },
        response: { typ: 'inq-response+sd-jwt', ['max_jws']: 8192, ['max_lifetime']: 300 },
        access: { typ: 'inq-access+jwt', ['max_lifetime']: 60 },
        receipt: { typ: 'inq-receipt+jwt', ['max_lifetime']: 'evidence' },
      },
      limits: {
        body: 65_536,
        digests: 64,
        ['freshness_ms']: 10_000,
        ['command_freshness_ms']: 300_000,
        ['clock_ahead']: 60,
        ['clock_behind']: 10,
        hold: 600,
      },
      presences: ['in-person', 'proxy', 'none'],
      mmd: 120,
      logs: ['exchange.example/log/0'],
    });
  });

  it('lists every kind of message, every outcome and every problem with its status', async () => {
    const { exchange } = await makeExchange();
    const names = Object.keys(problems);
    expect(await requirements(exchange)).toMatchObject({
      messages: Object.fromEntries(Object.entries(kinds).map(([name, { typ }]) => [name, { typ }])),
      outcomes: Outcome.options,
      problems: Object.fromEntries(
        Object.entries(problems).map(([name, { status }]) => [name, status]),
      ),
    });
    expect(names).toContain('agency-response-invalid');
  });

  it('lists the purposes of all services, each once and in order', async () => {
    const registry = [
      serviceWith({ purposes: ['passport-issue', 'banking-service'] }),
      serviceWith({ ref: 'civil-registry/identity@2', purposes: ['banking-service', 'adoption'] }),
    ];
    const { exchange } = await makeExchange({ registry });
    expect(await requirements(exchange)).toMatchObject({
      purposes: ['adoption', 'banking-service', 'passport-issue'],
    });
  });

  it('says what persons learn later, and nothing of tokens where persons cannot ask', async () => {
    const confidentialBases = { 'court.7': { days: 30, class: 'criminal-investigation' } };
    const { exchange } = await makeExchange({ settings: { confidentialBases } });
    const told = await requirements(exchange);
    expect(told).toMatchObject({ ['confidential_bases']: confidentialBases });
    expect(told).not.toHaveProperty('persons');
  });

  it('says where persons ask, and by whose token', async () => {
    const persons = { issuer: 'https://id.example', audience: 'https://exchange.example' };
    const { exchange } = await makeExchange({ settings: { persons } });
    expect(await requirements(exchange)).toMatchObject({
      persons: {
        accesses: 'https://exchange.example/v1/subjects/me/accesses',
        disputes: 'https://exchange.example/v1/subjects/me/disputes',
        ...persons,
      },
    });
  });

  it('says which log a receipt names', async () => {
    const { exchange, request, submit } = await makeExchange();
    const { receipt } = await submit(await request());
    const { log } = receiptOf(receipt);
    expect(await requirements(exchange)).toMatchObject({ logs: [log] });
  });

  it('says what is promised of the log, and whose keys to look up', async () => {
    const logEntries = 'public';
    const logLimits = { sequencing: 60, witness: 0 };
    const settings = { mergeDelay: 300, logEntries, logLimits } as const;
    const { exchange, log, request, submit } = await makeExchange({ settings });
    const { logs, witnesses } = log.policy;
    expect(await requirements(exchange)).toMatchObject({
      mmd: 300,
      log: {
        shards: logs.map(({ key }) => ({
          origin: 'exchange.example/log/0',
          url: 'https://exchange.example/log/0',
          vkey: formatVerifierKey(key),
        })),
        witnesses: witnesses.map(({ name, key, url }) => ({
          name,
          vkey: formatVerifierKey(key),
          url,
        })),
        quorum: 'both',
        policy: 'https://exchange.example/.well-known/tlog-policy',
        entries: 'public',
        limits: logLimits,
      },
    });
    const { receipt } = await submit(await request());
    expect(receiptOf(receipt).mmd).toBe(300);
  });

  it('has a log for each shard', async () => {
    const { layout } = (await makeExchange()).exchange.settings;
    const { exchange } = await makeExchange({ settings: { layout: { ...layout, shards: 3 } } });
    expect(await requirements(exchange)).toMatchObject({
      logs: [0, 1, 2].map((shard) => `exchange.example/log/${shard}`),
    });
  });

  it('tells no address of an agency', async () => {
    const { exchange } = await makeExchange();
    expect(JSON.stringify(await requirements(exchange))).not.toContain(identityService.endpoint);
  });
});

describe('checkHealth', () => {
  it('tells the version of the registry when it can be read and the exchange can sign', async () => {
    const { exchange } = await makeExchange({ registry: [identityService] });
    expect(await checkHealth(exchange)).toMatchObject({ status: 'ok', registry: 1 });
  });

  it('fails with what fails', async () => {
    const { restart, registry } = await makeExchange();
    registry.faults.breakCall('version', 'not-persisted');
    await expect(checkHealth(restart().exchange)).rejects.toMatchObject({
      name: 'store-unavailable',
    });
    const failing = () => Promise.reject(new Problem('signer-unavailable', 'No key.'));
    await expect(checkHealth(restart({ signer: failing }).exchange)).rejects.toMatchObject({
      name: 'signer-unavailable',
    });
    const { exchange: key } = await testKeys();
    const well = restart({ signer: () => Promise.resolve(key.signer) });
    expect(await checkHealth(well.exchange)).toMatchObject({ status: 'ok' });
  });
});
