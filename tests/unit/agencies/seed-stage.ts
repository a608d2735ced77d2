/** A registry over memory twins behind a transport, as the seed reaches one over HTTP. */
import { randomBytes } from 'node:crypto';
import { registrarId, sampleParticipants } from '#infra/local/seed/participants.ts';
import { endpointsAt, type Wanted } from '#infra/local/seed/plan.ts';
import { type Seeding, type SeedSite, seedRegistry } from '#infra/local/seed/seed-registry.ts';
import { problemDocument } from '#shared/api/problem-document.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import type { Reply, Transport } from '#shared/client/transport.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { listCatalogue } from '#shared/registry/catalogue.ts';
import { cachedDirectory } from '#shared/registry/directory.ts';
import type { EntryKind, RegistryEntry } from '#shared/registry/entry.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { readPublicKey } from '#shared/registry/public-key.ts';
import { directoryAsOf, readParticipant } from '#shared/registry/read-registry.ts';
import { runCommand } from '#shared/registry/run-command.ts';
import { buildCommand, type Said } from '#tests/support/commands.ts';
import { testSettings } from '#tests/support/exchange.ts';
import { makeKey, type TestKey, testNow } from '#tests/support/messages.ts';
import { replyOf } from '../client/exchange-transport.ts';

const made = await Promise.all(
  sampleParticipants.map(
    async ({ id, algorithm }): Promise<[string, TestKey]> => [id, await makeKey(algorithm, id)],
  ),
);

/** Everybody's key, by participant. */
export const testKeys: Readonly<Record<string, TestKey>> = Object.fromEntries(made);

export const keyOf = (id: string): TestKey => {
  const key = testKeys[id];
  if (key === undefined) throw new Error(`${id} has no key.`);
  return key;
};

const signers = Object.fromEntries(made.map(([id, { signer }]) => [id, signer]));

export const urlsAt = (port: number): Wanted['agencyUrls'] => {
  const url = `http://127.0.0.1:${port}`;
  return {
    'civil-registry': url,
    telecom: url,
    post: url,
    education: url,
    'social-security': url,
    pension: url,
    police: url,
    companies: url,
  };
};

/** What the sample installation wants whose agencies are all at one port. */
export const wantedAt = (port: number, change: Partial<Wanted> = {}): Wanted => ({
  keys: signers,
  agencyUrls: urlsAt(port),
  now: testNow,
  ...change,
});

const told = (problem: Problem): Reply =>
  replyOf(
    problem.status,
    problemDocument(problem, {
      language: 'en',
      requestId: 'r',
      now: testNow,
      status: problem.status,
    }),
  );

/** What happens to a command on its way, by its number from 1: it arrives, or the way is broken. */
export type Way = 'open' | 'lost-before' | 'lost-behind';

export type SeedStage = {
  readonly store: ReturnType<typeof memoryRegistryStore>['store'];
  /** What runs over the exchange's own caches, as a reader has it that names no time. */
  readonly directory: ReturnType<typeof cachedDirectory>;
  /** How many commands were sent. */
  readonly commands: () => number;
  /** Called before each command with its number. */
  readonly onCommand: (hook: (nth: number) => Promise<Way>) => void;
  readonly seed: (wanted: Wanted, seeding?: Seeding) => Promise<number>;
  /** Seeds with all agencies at a port, which the registry is known to say. */
  readonly seedKnown: (port: number) => Promise<number>;
  /** A command of somebody, taken past the transport. */
  readonly send: (id: string, said: Said) => Promise<unknown>;
  readonly entries: () => Promise<readonly RegistryEntry[]>;
};

const kinds: readonly EntryKind[] = ['participant', 'key', 'service', 'access', 'delegation'];

export const seedStage = ({
  standing = [],
  root = keyOf(registrarId),
}: {
  readonly standing?: readonly RegistryEntry[];
  readonly root?: TestKey;
} = {}): SeedStage => {
  const { store } = memoryRegistryStore(standing);
  const now = () => testNow;
  const directory = cachedDirectory(store, now);
  const run = runCommand({
    store,
    journal: memoryJournalStore().store,
    layout: testSettings.layout,
    origin: testSettings.origin,
    root: { id: root.owner, jwk: root.jwk },
    now,
    random: randomBytes,
  });
  let commands = 0;
  let hook = (_: number): Promise<Way> => Promise.resolve('open');

  const command = async (body: string): Promise<Reply> => {
    commands += 1;
    const way = await hook(commands);
    if (way === 'lost-before') throw new Error('The way is broken.');
    const result = await run(body);
    if (way === 'lost-behind') throw new Error('The way is broken.');
    return replyOf(201, result);
  };

  const read = async (url: URL): Promise<Reply> => {
    const [, , what = '', which = ''] = url.pathname.split('/').map(decodeURIComponent);
    const at = url.searchParams.get('at');
    const source = at === null ? directory : directoryAsOf(store, Date.parse(at));
    switch (what) {
      case 'participants':
        return replyOf(200, await readParticipant(store, which, undefined));
      case 'keys':
        return replyOf(200, await readPublicKey(source, which));
      case 'services':
        return replyOf(200, await listCatalogue(source));
      default:
        throw new Error('Nobody reads this.');
    }
  };

  const fetch: Transport = async (url, { method, body = '' }) => {
    try {
      return await (method === 'POST' ? command(body) : read(new URL(url)));
    } catch (error) {
      if (error instanceof Problem) return told(error);
      throw error;
    }
  };

  const site: SeedSite = {
    baseUrl: 'http://127.0.0.1:1',
    origin: testSettings.origin,
    fetch,
    wait: () => Promise.resolve(),
    now,
    random: randomBytes,
  };
  const seed: SeedStage['seed'] = (wanted, seeding) => seedRegistry(wanted, site, seeding);
  return {
    store,
    directory,
    commands: () => commands,
    onCommand: (next) => {
      hook = next;
    },
    seed,
    seedKnown: (port) => seed(wantedAt(port), { endpoints: endpointsAt(urlsAt(port)) }),
    send: async (id, said) => run(await buildCommand(said, { key: keyOf(id), now: testNow })),
    entries: async () => {
      const pages = kinds.map((kind) => store.list(kind, { after: '', limit: 1000 }));
      return (await Promise.all(pages)).flatMap((page) => page.entries);
    },
  };
};

/** How many commands make an empty registry the sample installation. */
export const wholeSeed =
  // Everybody and a key each, the registrar with its key by the beginning; licences, one suspended.
  2 * sampleParticipants.length - 1 + 3 + 1 + 9;
