import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { handler as rotateKey } from '#functions/rotate-key/handler.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoRegistryStore } from '#functions/runtime/dynamo/registry-store.ts';
import { loadExchange } from '#functions/runtime/exchange.ts';
import { loadRotation } from '#functions/runtime/keys/rotating.ts';
import { clocked } from '#functions/runtime/log/invoked.ts';
import { loadCommandParts } from '#functions/runtime/registry.ts';
import { loadSettling } from '#functions/runtime/settling.ts';
import { handler as settleRegistry } from '#functions/settle-registry/handler.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { runCommand } from '#shared/registry/run-command.ts';
import { dyingCall } from '#tests/contract/dying-call.ts';
import { buildCommand } from '#tests/support/commands.ts';
import { makeKey } from '#tests/support/messages.ts';
import { type LogSite, startLogSite } from './log-site.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';
const day = 86_400_000;

let store: Store | undefined;

beforeAll(async () => {
  if (!missing) store = await startStore({});
});

afterAll(async () => {
  await store?.close();
});

afterEach(() => {
  vi.unstubAllEnvs();
});

const newSite = (): Promise<LogSite> => startLogSite(store?.endpoint ?? '', { time: Date.now() });

/** What begins a registry, as a process sends it that dies at its nth write, or at none. */
const begin = async (site: LogSite, lastWrite = Number.POSITIVE_INFINITY) => {
  const key = await makeKey('ES256', 'registrar:cra');
  const env = { ...site.env, REGISTRY_ROOT: { id: key.owner, jwk: key.jwk } };
  const call = dyingCall(dynamoClient(env), lastWrite, 'unacknowledged');
  const parts = {
    ...(await loadCommandParts(env)),
    store: dynamoRegistryStore(call, env.REGISTRY_TABLE),
  };
  const title = { fa: 'سازمان', en: 'Office' };
  const content = { id: key.owner, title, jwk: { ...key.jwk }, label: 'registry desk' };
  const said = { do: 'registry.begin', on: 0, with: content };
  const audience = `${env.ESTELAM_ORIGIN}/v1/commands`;
  return runCommand(parts)(await buildCommand(said, { key, now: Date.now(), audience }));
};

const registryOf = ({ env }: LogSite) => dynamoRegistryStore(dynamoClient(env), env.REGISTRY_TABLE);

describe('settle-registry', () => {
  it('finishes what a process did not, and tells of it once', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    // It dies when the change is decided.
    await expect(begin(site, 1)).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(await registryOf(site).version()).toBe(0);
    const settle = clocked(loadSettling, site.start());
    expect(await settle({})).toEqual({ finished: 1, version: 1 });
    expect((await registryOf(site).findParticipant('registrar:cra'))?.id).toBe('registrar:cra');
    expect(await settle({})).toEqual({ finished: 0, version: 1 });
    expect(site.told.metrics).toEqual([['ChangesFinished', 1, {}]]);
    expect(site.told.events).toEqual([['changes-finished', { finished: 1, version: 1 }]]);
  });

  it('says nothing while everything is finished', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const settle = clocked(loadSettling, site.start());
    expect(await settle({})).toEqual({ finished: 0, version: 0 });
    await begin(site);
    expect(await settle({ seconds: 45 })).toEqual({ finished: 0, version: 1 });
    expect(site.told).toEqual({ metrics: [], events: [], failures: [] });
  });

  it('fails when the store is away, so that its alarm knows, and goes on at the next tick', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    const lost = { ...site.env, DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' };
    const settle = clocked(loadSettling, site.start({ env: lost }));
    await expect(settle({})).rejects.toMatchObject({ name: 'store-unavailable' });
    expect(site.told.failures).toHaveLength(1);
  });

  it('runs as Lambda runs it', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    for (const [name, value] of Object.entries(site.variables)) vi.stubEnv(name, value);
    vi.stubEnv('LOG_LEVEL', 'SILENT');
    expect(await settleRegistry({})).toEqual({ finished: 0, version: 0 });
    expect(await rotateKey({})).toEqual({ announced: false });
  });
});

describe('rotate-key', () => {
  it('rotates when the time has come, and the exchange publishes both keys', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const before = await (await loadExchange(site.env)).signer();
    const early = clocked(loadRotation, site.start());
    expect(await early({})).toEqual({ announced: false });
    site.pass(90 * day + 60_000);
    const rotate = clocked(loadRotation, site.start());
    expect(await rotate({})).toMatchObject({ announced: true });
    expect(await rotate({})).toEqual({ announced: false });
    expect(site.told.failures).toEqual([]);
    expect(site.told.events).toEqual([
      ['key-announced', expect.objectContaining({ urgent: false })],
    ]);
    const ages = site.told.metrics.map(([name, value]) => [name, Math.floor(value / 86_400)]);
    expect(ages).toEqual([
      ['SigningKeyAge', 0],
      ['SigningKeyAge', 90],
      ['SigningKeyAge', 90],
    ]);
    const exchange = await loadExchange(site.env);
    expect((await exchange.signer()).kid).toBe(before.kid);
    const published = await exchange.publishedKeys();
    expect(published.map(({ status }) => status)).toEqual(['current', 'next']);
  });

  it('replaces the key at once when it is told to', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await (await loadExchange(site.env)).signer();
    const rotate = clocked(loadRotation, site.start());
    const answer = await rotate({ now: true });
    expect(answer).toMatchObject({ announced: true });
    expect(await rotate({ now: true })).toEqual({ announced: false });
    await expect(rotate({ now: 'yes' })).rejects.toThrow('now');
    const [current, next] = await (await loadExchange(site.env)).publishedKeys();
    expect(next?.status).toBe('next');
    expect((next?.announced.from ?? 0) - site.now()).toBeLessThanOrEqual(120_000);
    expect(current?.kid).not.toBe(next?.kid);
  });

  it('shortens the time of a key by its setting', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await (await loadExchange(site.env)).signer();
    const env = { ...site.env, SIGNING_KEY_DAYS: 2, SIGNING_KEY_AHEAD_HOURS: 12 };
    site.pass(2 * day);
    const rotate = clocked(loadRotation, site.start({ env }));
    const answer = await rotate({});
    expect(answer).toMatchObject({ announced: true });
    const from = new Date(site.now() + 12 * 3_600_000 + 600_000).toISOString();
    expect('from' in answer ? answer.from : '').toBe(from);
  });
});
