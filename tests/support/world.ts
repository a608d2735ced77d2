/**
 * A whole exchange to test from outside: agencies in this process, and the exchange either as a
 * process of its own over a store that can be broken, or deployed to an (emulated) AWS.
 */
import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { AwsJsonCall } from '#functions/runtime/aws-json.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoJournalStore } from '#functions/runtime/dynamo/journal-store.ts';
import { loadSecretKeys } from '#functions/runtime/keys/secret.ts';
import { type Agency, startAgency } from '#infra/local/agencies/start-agency.ts';
import { type AgencyName, agencyId, agencyNames } from '#infra/local/seed/agencies.ts';
import { registrarId } from '#infra/local/seed/participants.ts';
import { commandSender, seedRegistry } from '#infra/local/seed/seed-registry.ts';
import { sampleServices } from '#infra/local/seed/services.ts';
import type { Layout } from '#shared/audit/address.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import { type ExchangeClient, exchangeClient } from '#shared/client/exchange-client.ts';
import { loadedDirectory } from '#shared/client/published-keys.ts';
import type { Transport } from '#shared/client/transport.ts';
import { exchangeId } from '#shared/inquiry/exchange.ts';
import { type AgencyTap, startAgencyTap } from './agency-tap.ts';
import type { TestKey } from './messages.ts';
import type { Base } from './world/base.ts';
import { attachDeployed, deployedRoot, deployedUrl } from './world/deployed.ts';
import { type BadKeys, makeWorldKeys, registerBadKeys } from './world/keys.ts';
import { startLocal } from './world/local.ts';

/** The agency that has a tap before it. */
export const tappedAgency = 'companies';

export type World = Omit<Base, 'stop'> & {
  readonly keyOf: (participant: string) => TestKey;
  readonly badKeys: BadKeys;
  readonly client: (participant: string) => ExchangeClient;
  readonly agency: (name: AgencyName) => Agency;
  readonly tap: AgencyTap;
  /** The exchange's own journal, read past the exchange and past the proxy. */
  readonly journal: JournalStore;
  /** Any operation of the store, past the proxy. */
  readonly store: AwsJsonCall;
  readonly layout: Layout;
  readonly close: () => Promise<void>;
};

/**
 * Milliseconds that some agencies are given here: little, so that a test need not wait long for one
 * that hangs; and much for the one with the tap, which can hold its calls.
 */
const times = new Map([
  ['agency:telecom', 2000],
  ['agency:pension', 2000],
  [agencyId(tappedAgency), 20_000],
]);

const services = sampleServices.map((service) => ({
  ...service,
  timeout: times.get(service.agency) ?? service.timeout,
}));

const must = <Value>(value: Value | undefined, what: string): Value => {
  if (value === undefined) throw new Error(`There is no ${what} in this world.`);
  return value;
};

/** Starts, seeds and connects everything; `close` stops all of it. */
export const startWorld = async ({
  transport = globalThis.fetch,
}: {
  /** What the clients of this world send their requests with. */
  readonly transport?: Transport;
} = {}): Promise<World> => {
  await using started = new AsyncDisposableStack();
  const deployed = deployedUrl();
  const keys = await makeWorldKeys(deployed === undefined ? undefined : await deployedRoot());
  const keyOf = (id: string): TestKey => must(keys.sample.get(id), id);
  const { stop, ...base } =
    deployed === undefined
      ? await startLocal({ id: registrarId, jwk: keyOf(registrarId).jwk })
      : await attachDeployed(deployed);
  started.defer(stop);
  const { env, url, origin } = base;
  const store = dynamoClient(env);
  const secret = await loadSecretKeys(env);
  const client = (participant: string): ExchangeClient =>
    exchangeClient({
      baseUrl: url,
      origin,
      participant,
      signer: keyOf(participant).signer,
      fetch: transport,
      wait: (milliseconds) => wait(milliseconds),
      now: Date.now,
      random: (length) => randomBytes(length),
    });
  const exchange = {
    id: exchangeId,
    origin,
    keyOf: loadedDirectory(() => client(registrarId).keys(), Date.now),
  };
  const agencies = new Map(
    await Promise.all(
      agencyNames.map(async (name) => {
        const id = agencyId(name);
        const agency = await startAgency({ id, signer: keyOf(id).signer, exchange });
        started.defer(agency.close);
        return [name, agency] as const;
      }),
    ),
  );
  const agency = (name: AgencyName): Agency => must(agencies.get(name), name);
  const tap = await startAgencyTap(agency(tappedAgency).url);
  started.defer(tap.close);
  const urlOf = (name: AgencyName) => (name === tappedAgency ? tap.url : agency(name).url);
  const agencyUrls = {
    'civil-registry': urlOf('civil-registry'),
    telecom: urlOf('telecom'),
    post: urlOf('post'),
    education: urlOf('education'),
    'social-security': urlOf('social-security'),
    pension: urlOf('pension'),
    police: urlOf('police'),
    companies: urlOf('companies'),
  };
  const open = Object.fromEntries([...keys.sample].map(([id, { signer }]) => [id, signer]));
  const site = {
    baseUrl: url,
    origin,
    fetch: transport,
    wait: (milliseconds: number) => wait(milliseconds),
    now: Date.now,
    random: randomBytes,
  };
  await seedRegistry({ keys: open, agencyUrls, services, now: Date.now() }, site);
  await registerBadKeys(keys.bad, commandSender(site, open));
  const owned = started.move();
  return {
    ...base,
    keyOf,
    badKeys: keys.bad,
    client,
    agency,
    tap,
    journal: dynamoJournalStore(store, env.JOURNAL_TABLE),
    store,
    layout: { slotKey: secret.slot, slots: env.JOURNAL_SLOTS, shards: env.JOURNAL_SHARDS },
    close: () => owned.disposeAsync(),
  };
};
