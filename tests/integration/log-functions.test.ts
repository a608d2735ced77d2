import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import * as z from 'zod';
import { handler as indexLog } from '#functions/index-log/handler.ts';
import { handler as publishLog } from '#functions/publish-log/handler.ts';
import { dynamoClient } from '#functions/runtime/dynamo/client.ts';
import { dynamoLogHead } from '#functions/runtime/dynamo/log-head.ts';
import { dynamoLogIndex } from '#functions/runtime/dynamo/log-index.ts';
import { dynamoSubjectIndex } from '#functions/runtime/dynamo/subject-index.ts';
import { loadExchange } from '#functions/runtime/exchange.ts';
import { loadEntryFeeding } from '#functions/runtime/log/entry-feeding.ts';
import { loadIndexing } from '#functions/runtime/log/indexing.ts';
import { invoked } from '#functions/runtime/log/invoked.ts';
import { loadPolicy } from '#functions/runtime/log/log-policy.ts';
import { publishOrWitness } from '#functions/runtime/log/publish-invoked.ts';
import { scheduled } from '#functions/runtime/log/scheduled.ts';
import {
  loadSequencing,
  openSequencerPorts,
  sequencing,
} from '#functions/runtime/log/sequencing.ts';
import { loadSigning } from '#functions/runtime/log/sign-invoked.ts';
import { formatPublishEvent, formatSignEvent } from '#functions/runtime/log/wire.ts';
import { loadCommandParts } from '#functions/runtime/registry.ts';
import { handler as sequenceLog } from '#functions/sequence-log/handler.ts';
import { handler as signCheckpoint } from '#functions/sign-checkpoint/handler.ts';
import { findStoreBinary, type Store, startStore } from '#infra/local/store.ts';
import { addressOf, bucketOf } from '#shared/audit/address.ts';
import { openSegment } from '#shared/audit/index/segment.ts';
import { segmentKey } from '#shared/audit/index/segment-source.ts';
import { factsIn } from '#shared/audit/index/without-tags.ts';
import { packRecord } from '#shared/audit/pack.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import { openCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { emptyRoot } from '#shared/audit/tlog/hash.ts';
import { isQuorum, keysOf } from '#shared/audit/tlog/policy.ts';
import { sha256, utf8 } from '#shared/kernel/bytes.ts';
import { type InquiryId, newId } from '#shared/kernel/id.ts';
import { subjectTag } from '#shared/oversight/tags.ts';
import { runCommand } from '#shared/registry/run-command.ts';
import { buildCommand, commandIdAt, type Said } from '#tests/support/commands.ts';
import { makeKey, requestFactsExample } from '#tests/support/messages.ts';
import { plainTexts } from '#tests/support/plain-log.ts';
import { checkpointOver } from '#tests/support/test-log.ts';
import { listen, textOf } from './http-listener.ts';
import { type LogSite, startLogSite } from './log-site.ts';

const missing = findStoreBinary() === undefined;
const reason = 'the embedded store has no binary for this machine: install @dynoxide';

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

const newSite = (how: Parameters<typeof startLogSite>[1] = {}): Promise<LogSite> =>
  startLogSite(store?.endpoint ?? '', how);

/** Milliseconds after which what was asked just now can be sealed. */
const sealed = 25_000;

/** One step of each: the log as far as it can come, cosigned and indexed. */
const runAll = async (site: LogSite): Promise<void> => {
  const start = site.start();
  await scheduled(loadSequencing, start)({ seconds: 0 });
  await publishOrWitness(start)({ seconds: 0 });
  await scheduled(loadIndexing, start)({ seconds: 0 });
};

const raise = (): never => {
  throw new Error('There is no such inquiry.');
};

/** Those leaves of the log that are about inquiries, as texts. */
const inquiriesIn = async ({ leaves }: LogSite, shard = 0): Promise<readonly string[]> =>
  (await leaves(shard))
    .map((data) => Buffer.from(data).toString('utf8'))
    .filter((text) => text.includes('"k":"i"'));

const textsOf = (leaves: ReadonlyMap<InquiryId, Uint8Array>): readonly string[] =>
  [...leaves.values()].map((data) => Buffer.from(data).toString('utf8')).toSorted();

/** The leaves that the index finds for these ids, as texts. */
const foundBy = async (site: LogSite, ids: Iterable<InquiryId>): Promise<readonly string[]> => {
  const index = dynamoLogIndex(dynamoClient(site.env), site.env.INDEX_TABLE ?? '');
  const shards = Array.from({ length: site.env.JOURNAL_SHARDS }, (_, shard) => site.leaves(shard));
  const logs = await Promise.all(shards);
  const find = async (id: InquiryId): Promise<string> => {
    const address = addressOf(id, site.layout);
    const { ranges } = await index.find(address);
    const leaves = ranges.flatMap(
      ({ start, count }) => logs[address.shard]?.slice(start, start + count) ?? [],
    );
    const texts = leaves.map((data) => Buffer.from(data).toString('utf8'));
    return texts.find((text) => text.includes(`"id":"${id}"`)) ?? 'not found';
  };
  return (await Promise.all([...ids].map(find))).toSorted();
};

const checkpointOf = async ({ objects }: LogSite, key = 'log/0/checkpoint'): Promise<string> =>
  Buffer.from((await objects.get(key)) ?? []).toString('utf8');

describe('the handlers of the log', () => {
  it('take an inquiry from the journal into a log that is signed, cosigned and indexed', async ({
    skip,
  }) => {
    skip(missing, reason);
    // The very handlers that Lambda calls, by this machine's clock: inquiries of a minute ago.
    await using site = await newSite({ time: Date.now() - 60_000 });
    const asked = await site.ask(12);
    // Witnesses say when they saw a tree.
    site.pass(60_000);
    for (const [name, value] of Object.entries(site.variables)) vi.stubEnv(name, value);
    expect(await sequenceLog({ seconds: 0 })).toEqual({});
    expect(await publishLog({ seconds: 0 }, { getRemainingTimeInMillis: () => 5000 })).toEqual({});
    expect(await indexLog({ seconds: 0 })).toEqual({});

    expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(asked));
    expect(await foundBy(site, asked.keys())).toEqual(textsOf(asked));
    const policy = await loadPolicy(site.env);
    for (const key of ['log/0/checkpoint', 'cosigned/0/checkpoint']) {
      const opened = openCheckpoint((await site.objects.get(key)) ?? utf8(''), keysOf(policy));
      const by = opened?.cosignedBy.map((one) => one.key) ?? [];
      expect([key, by.length, isQuorum(policy, by)]).toEqual([key, 2, true]);
    }
    const strange = { shard: 0, oldSize: 13, size: 14, root: emptyRoot, proof: [] };
    expect(await signCheckpoint(formatSignEvent(strange))).toEqual({ kind: 'refused' });
  });

  it('go on where they stood, in new processes, and find every entry', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const all = new Map<InquiryId, Uint8Array>();
    for (const count of [3, 0, 40, 1]) {
      for (const [id, leaf] of await site.ask(count)) all.set(id, leaf);
      site.pass(sealed);
      await runAll(site);
      expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(all));
    }
    expect(await foundBy(site, all.keys())).toEqual(textsOf(all));
    expect(site.told.failures).toEqual([]);
  });

  it('feed what auditors search: facts, tags and the rows of a subject', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(7);
    site.pass(sealed);
    await runAll(site);
    const parts = await loadEntryFeeding(site.env);
    const bytes = (await parts.derived.get(segmentKey(0, 0))) ?? utf8('');
    const facts = factsIn(openSegment(bytes));
    const { subject } = requestFactsExample;
    const year = new Date(site.now()).getUTCFullYear();
    const tag = subjectTag(parts.settings.subjectKey, year, subject);
    const index = dynamoSubjectIndex(dynamoClient(site.env), site.env.SUBJECT_TABLE ?? '');
    const { rows } = await index.list(tag, { before: site.now(), limit: 100 });
    expect(facts.map(({ subjectTag: of }) => of)).toEqual(facts.map(() => tag));
    expect(rows.map(({ id }) => id).toSorted()).toEqual(facts.map(({ id }) => id).toSorted());
    expect(rows).toHaveLength(7);
    expect((await parts.marks.read(0)).size).toBe(8);
  });

  it('tell of disclosures that they cannot open, and of an index that was spoilt', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(2);
    site.pass(sealed);
    await runAll(site);
    const { derived } = await loadEntryFeeding(site.env);
    const key = segmentKey(0, 0);
    await derived.replace(key, await derived.get(key), utf8('spoilt'));
    const id = newId(site.now(), (length) => new Uint8Array(length));
    const { intent, outcome } = plainTexts(id, { n: 9, t: site.now() });
    const row = { record: packRecord(intent), vault: Uint8Array.of(1) };
    await site.journal.putIntent(addressOf(id, site.layout), row);
    await site.journal.putOutcome(addressOf(id, site.layout), { record: packRecord(outcome) });
    site.pass(sealed);
    await runAll(site);
    await runAll(site);
    const names = site.told.metrics.map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(['IndexUnopened', 'IndexDiffers']));
    expect(site.told.events.map(([name]) => name)).toEqual(
      expect.arrayContaining(['index-unopened', 'index-broken']),
    );
    expect(site.told.failures).toEqual([]);
  });

  it('change nothing while nothing happens', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(3);
    site.pass(sealed);
    await runAll(site);
    const before = [await checkpointOf(site), await checkpointOf(site, 'cosigned/0/checkpoint')];
    const asked = site.witnesses.map(({ requests }) => requests.length);
    const start = site.start();
    await scheduled(loadSequencing, start)({ seconds: 55 });
    await publishOrWitness(start)({ seconds: 55 });
    await scheduled(loadIndexing, start)({ seconds: 55 });
    const after = [await checkpointOf(site), await checkpointOf(site, 'cosigned/0/checkpoint')];
    expect(after).toEqual(before);
    expect(site.witnesses.map(({ requests }) => requests.length)).toEqual(asked);
    expect(site.told.failures).toEqual([]);
  });

  it('take what comes while they run, second by second', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const asked: (readonly [InquiryId, Uint8Array])[] = [];
    const wait = async (milliseconds: number): Promise<void> => {
      if (asked.length < 5) asked.push(...(await site.ask(1)));
      site.pass(milliseconds);
    };
    await scheduled(loadSequencing, site.start({ wait }))({ seconds: 55 });
    expect(asked).toHaveLength(5);
    expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(new Map(asked)));
  });

  it('sequence at once what several sequencers take together, each entry once', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    const all = new Map<InquiryId, Uint8Array>();
    const rivals = [1, 2, 3].map(() => scheduled(loadSequencing, site.start()));
    for (let round = 0; round < 3; round += 1) {
      for (const [id, leaf] of await site.ask(20)) all.set(id, leaf);
      site.pass(sealed);
      await Promise.all(rivals.map((rival) => rival({ seconds: 3 })));
      expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(all));
    }
    expect(site.told.failures).toEqual([]);
  });

  it('keep the logs of two shards', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite({ shards: 2 });
    const asked = [await site.ask(6, 0), await site.ask(7, 1)];
    site.pass(sealed);
    await runAll(site);
    for (const [shard, own = new Map()] of asked.entries()) {
      expect((await inquiriesIn(site, shard)).toSorted()).toEqual(textsOf(own));
      expect(await foundBy(site, own.keys())).toEqual(textsOf(own));
    }
  });
});

class Killed extends Error {
  override readonly name = 'Killed';
}

/** Lets a method be called so often, and then dies: before it has an effect, or after. */
const dying = <Arguments extends readonly unknown[], Result>(
  method: (...given: Arguments) => Promise<Result>,
  nth: number,
  when: 'before' | 'after',
): ((...given: Arguments) => Promise<Result>) => {
  let calls = 0;
  return async (...given) => {
    calls += 1;
    if (calls >= nth && when === 'before') throw new Killed();
    const result = await method(...given);
    if (calls >= nth) throw new Killed();
    return result;
  };
};

type Death = (ports: SequencerPorts, when: 'before' | 'after') => SequencerPorts;

const deaths: Readonly<Record<string, Death>> = {
  'staging a batch': (ports, when) => {
    const putIfAbsent = dying(ports.staging.putIfAbsent, 1, when);
    return { ...ports, staging: { ...ports.staging, putIfAbsent } };
  },
  'committing the head': (ports, when) => {
    const compareAndSwap = dying(ports.heads.compareAndSwap, 1, when);
    return { ...ports, heads: { ...ports.heads, compareAndSwap } };
  },
  signing: (ports, when) => ({ ...ports, signer: dying(ports.signer, 1, when) }),
  'the second file': (ports, when) => {
    const putIfAbsent = dying(ports.objects.putIfAbsent, 2, when);
    return { ...ports, objects: { ...ports.objects, putIfAbsent } };
  },
  publishing: (ports, when) => {
    const publish = dying(ports.publisher.publish, 1, when);
    return { ...ports, publisher: { ...ports.publisher, publish } };
  },
};

describe('a sequencer that is killed', () => {
  const cases = Object.keys(deaths).flatMap((point) =>
    (['before', 'after'] as const).map((when) => [when, point] as const),
  );

  it.for(cases)(
    '%s %s leaves a log that the next one completes',
    async ([when, point], { skip }) => {
      skip(missing, reason);
      await using site = await newSite();
      const all = new Map<InquiryId, Uint8Array>(await site.ask(4));
      site.pass(sealed);
      await runAll(site);
      for (const [id, leaf] of await site.ask(260)) all.set(id, leaf);
      site.pass(sealed);
      const die = deaths[point];
      const killed = scheduled(async (given) => {
        const ports = openSequencerPorts(given);
        return sequencing(given, die === undefined ? ports : die(ports, when));
      }, site.start());
      await killed({ seconds: 0 });
      expect(site.told.failures).toEqual([expect.any(Killed)]);
      // What is published holds at every moment.
      await site.leaves();
      for (const [id, leaf] of await site.ask(2)) all.set(id, leaf);
      site.pass(sealed);
      await runAll(site);
      expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(all));
      expect(site.told.failures).toHaveLength(1);
      expect(await foundBy(site, all.keys())).toEqual(textsOf(all));
    },
  );
});

describe('what a step fails with', () => {
  it('stops one log and tells it each time, while the other goes on', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite({ shards: 2 });
    const damaged = await site.ask(1, 0);
    const sound = await site.ask(3, 1);
    // An outcome without its intent.
    const [id = raise()] = damaged.keys();
    const elsewhere = { ...addressOf(id, site.layout), id: [...sound.keys()][0] ?? raise() };
    await site.journal.putOutcome(elsewhere, { record: utf8('x') });
    site.pass(sealed);
    await scheduled(loadSequencing, site.start())({ seconds: 55 });
    expect(site.told.failures).toEqual([
      expect.objectContaining({ name: 'LogStopped', reason: 'journal-damaged', shard: 0 }),
      expect.objectContaining({ name: 'LogStopped', reason: 'journal-damaged', shard: 0 }),
    ]);
    expect((await inquiriesIn(site, 1)).toSorted()).toEqual(textsOf(sound));
  });

  it('is tried again when it may pass: a signer that is away for a while', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const asked = await site.ask(3);
    site.pass(sealed);
    // No SIGNER_FUNCTION answers there.
    const away = { ...site.env, SIGNER_FUNCTION: 'sign', AWS_ENDPOINT_URL: 'http://127.0.0.1:1' };
    await scheduled(loadSequencing, site.start({ env: away }))({ seconds: 10 });
    expect(site.told.failures.length).toBeGreaterThan(1);
    for (const failure of site.told.failures) {
      expect(failure).toMatchObject({ name: 'signer-unavailable' });
    }
    expect(await site.leaves()).toEqual([]);
    await runAll(site);
    expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(asked));
  });

  it('is told and thrown when no work could begin', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const env = { ...site.env, LOG_TABLE: undefined };
    const running = scheduled(loadSequencing, site.start({ env }))({ seconds: 0 });
    await expect(running).rejects.toThrow('LOG_TABLE must be set');
    expect(site.told.failures).toHaveLength(1);
  });

  it.for([null, 7, 'x', { seconds: -1 }, { seconds: 'x' }, { seconds: 1e9 }])(
    'is thrown for the event %j',
    async (event, { skip }) => {
      skip(missing, reason);
      await using site = await newSite();
      const running = scheduled(loadSequencing, site.start())(event);
      await expect(running).rejects.toThrow(/Invalid input|Too small|Too big/);
    },
  );

  it('ends five seconds before the time that Lambda gives, or when it is told to', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    const context = { getRemainingTimeInMillis: () => 20_000 };
    const lengths: number[] = [];
    for (const event of [{}, { seconds: 3 }, { seconds: 100 }, { source: 'aws.events' }]) {
      const began = site.now();
      await scheduled(loadSequencing, site.start())(event, context);
      lengths.push(site.now() - began);
    }
    const began = site.now();
    await scheduled(loadSequencing, site.start())({});
    // The last step begins a second before the end.
    expect([...lengths, site.now() - began]).toEqual([14_000, 2000, 14_000, 14_000, 54_000]);
  });
});

describe('what the functions tell of the log', () => {
  it('is how large it is, how far behind, and how old its cosignatures are', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(5);
    site.pass(sealed);
    await runAll(site);
    site.told.metrics.length = 0;
    site.pass(100_000);
    await runAll(site);
    const shard = { shard: '0' };
    const head = await dynamoLogHead(dynamoClient(site.env), site.env.LOG_TABLE ?? '').read(0);
    expect(head?.size).toBe(6);
    expect(site.told.metrics.filter(([name]) => name !== 'IndexLag')).toEqual([
      ['LogSize', 6, shard],
      // The bucket before the log's end, and the hundred seconds.
      ['SequencingLag', 115, shard],
      ['WitnessAge', 100, shard],
    ]);
    // The two indexes are fed side by side: either may be the first.
    const isLag = ([name]: readonly unknown[]): boolean => name === 'IndexLag';
    const lags = site.told.metrics.filter(isLag);
    expect(lags.map(([, lag, of]) => `${of?.['index']} ${lag}`).toSorted()).toEqual([
      'entries 0',
      'places 0',
    ]);
  });

  it('is each witness that gives no cosignature, once a change and once an invocation', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(1);
    site.pass(sealed);
    await scheduled(loadSequencing, site.start())({ seconds: 0 });
    const [broken] = site.witnesses;
    await broken?.[Symbol.asyncDispose]();
    const witness = publishOrWitness(site.start());
    await witness({ seconds: 55 });
    await witness({ seconds: 55 });
    const failures = site.told.metrics.filter(([name]) => name === 'WitnessFailures');
    const told = ['WitnessFailures', 1, { witness: 'w0', result: 'no-answer' }];
    expect(failures).toEqual([told, told]);
    expect(site.told.events.filter(([name]) => name === 'witness')).toEqual([
      ['witness', { shard: 0, witness: 'w0', result: 'no-answer', status: 0 }],
      ['witness', { shard: 0, witness: 'w1', result: 'cosigned', status: 0 }],
    ]);
    // One of two is no quorum: nothing is cosigned enough.
    expect(await checkpointOf(site, 'cosigned/0/checkpoint')).toBe('');
  });

  it('is what came late', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await site.ask(1);
    site.pass(sealed);
    await runAll(site);
    site.pass(-sealed);
    const late = await site.ask(1);
    site.pass(sealed + 21 * 60_000);
    await runAll(site);
    expect(site.told.metrics).toContainEqual(['LateEntries', 1, { shard: '0' }]);
    const [id = raise()] = late.keys();
    const index = dynamoLogIndex(dynamoClient(site.env), site.env.INDEX_TABLE ?? '');
    const places = await index.find(addressOf(id, site.layout));
    expect(places.late.map((one) => one.id)).toEqual([id]);
    const leaf = (await site.leaves())[places.late[0]?.index ?? -1] ?? [];
    expect(Buffer.from(leaf).equals(late.get(id) ?? raise())).toBe(true);
  });
});

/** A Lambda service that runs the functions of the log in this process. */
const lambdaService = (site: LogSite) => {
  const sign = invoked(loadSigning, site.start());
  const publish = publishOrWitness(site.start());
  return listen((request, response) => {
    const serve = async (): Promise<void> => {
      const name = request.url?.split('/')[3];
      const event: unknown = JSON.parse(await textOf(request));
      try {
        response.end(JSON.stringify(await (name === 'sign' ? sign : publish)(event)));
      } catch {
        response.writeHead(200, { 'x-amz-function-error': 'Unhandled' }).end('{}');
      }
    };
    serve().catch(() => response.destroy());
  });
};

describe('the functions apart from each other', () => {
  it('make the same log over Invoke', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    await using service = await lambdaService(site);
    const env = {
      ...site.env,
      // The sequencer has no key of its own.
      LOG_KEYS: undefined,
      SIGNER_TABLE: undefined,
      SIGNER_FUNCTION: 'sign',
      PUBLISHER_FUNCTION: 'publish',
      AWS_ENDPOINT_URL: service.url,
    };
    const all = new Map<InquiryId, Uint8Array>();
    const sequence = scheduled(loadSequencing, site.start({ env }));
    for (const count of [3, 300]) {
      for (const [id, leaf] of await site.ask(count)) all.set(id, leaf);
      site.pass(sealed);
      await sequence({ seconds: 0 });
    }
    expect((await inquiriesIn(site)).toSorted()).toEqual(textsOf(all));
    expect(service.requests.map(({ url }) => url?.split('/')[3])).toEqual([
      'sign',
      'publish',
      'sign',
      'publish',
    ]);
    expect(site.told.failures).toEqual([]);
  });

  it('publish nothing that the key of the log did not sign', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const forged = await checkpointOver('exchange.example/log/0', { leaves: ['x'] });
    const publish = publishOrWitness(site.start());
    await expect(publish(formatPublishEvent(0, forged))).rejects.toThrow('did not sign');
    await expect(publish(formatPublishEvent(1, forged))).rejects.toThrow('did not sign');
    await expect(publish({ publish: { shard: 0 } })).rejects.toThrow('checkpoint');
    expect(await checkpointOf(site)).toBe('');
  });

  it('say that the log must not go on when two trees of one size are signed', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    // The signer is given another memory, as one would be that was rolled back.
    const rolledBack = { ...site.env, SIGNER_TABLE: site.env.INDEX_TABLE };
    const sign = [site.env, rolledBack].map((env) => invoked(loadSigning, site.start({ env })));
    const publish = publishOrWitness(site.start());
    const answers: unknown[] = [];
    for (const [n, one] of sign.entries()) {
      const root = sha256(`root ${n}`);
      const signed = await one(formatSignEvent({ shard: 0, oldSize: 0, size: 1, root, proof: [] }));
      const { checkpoint } = z.object({ checkpoint: z.string() }).parse(signed);
      answers.push(await publish({ publish: { shard: 0, checkpoint } }));
    }
    expect(answers).toEqual([{}, { stopped: 'signer-refused' }]);
  });

  it('return a problem by its name, and refuse forks with a metric', async ({ skip }) => {
    skip(missing, reason);
    await using site = await newSite();
    const lost = { ...site.env, DYNAMODB_ENDPOINT: 'http://127.0.0.1:1' };
    const request = { shard: 0, oldSize: 0, size: 1, root: sha256('a'), proof: [] };
    const event = formatSignEvent(request);
    const away = invoked(loadSigning, site.start({ env: lost }));
    expect(await away(event)).toEqual({ problem: 'store-unavailable' });
    const sign = invoked(loadSigning, site.start());
    expect(await sign(event)).toMatchObject({ kind: 'signed' });
    expect(await sign(event)).toEqual({ kind: 'conflict', size: 1 });
    const fork = { ...request, oldSize: 1, root: sha256('b') };
    expect(site.told.metrics).toEqual([]);
    expect(await sign(formatSignEvent(fork))).toEqual({ kind: 'refused' });
    expect(site.told.metrics).toEqual([['SignerRefused', 1, {}]]);
    await expect(sign({ ...event, more: 1 })).rejects.toThrow('more');
    await expect(sign({ ...event, shard: 1 })).rejects.toThrow('no log of this shard');
  });
});

/** How many records of their own the journal holds that were written since then, by this machine's clock. */
const recordsSince = async ({ journal, layout }: LogSite, began: number): Promise<number> => {
  const [first, last] = [bucketOf(began), bucketOf(Date.now())];
  const buckets = Array.from({ length: last - first + 1 }, (_, n) => first + n);
  const pages = buckets.flatMap((bucket) =>
    Array.from({ length: layout.slots }, (_, slot) =>
      journal.list({ shard: 0, bucket, slot }, { after: '', limit: 200 }),
    ),
  );
  const entries = (await Promise.all(pages)).flatMap((page) => page.entries);
  return entries.filter(({ record }) => record !== undefined).length;
};

/** The key that may begin the registry of a site, and commands signed by it. */
const commander = async (site: LogSite) => {
  const key = await makeKey('ES256', 'registrar:cra');
  const env = { ...site.env, REGISTRY_ROOT: { id: key.owner, jwk: key.jwk } };
  const run = runCommand(await loadCommandParts(env));
  const now = Date.now();
  const audience = `${env.ESTELAM_ORIGIN}/v1/commands`;
  return {
    key,
    send: async (said: Said) => run(await buildCommand(said, { key, now, audience })),
  };
};

const Leaf = z.object({ k: z.string(), v: z.int() });

describe('what is on record', () => {
  it('is every change of the registry with its command, and the key of the exchange', async ({
    skip,
  }) => {
    skip(missing, reason);
    await using site = await newSite();
    const began = Date.now();
    const { key, send } = await commander(site);
    const title = { fa: 'سازمان', en: 'Office' };
    const id = 'counter:72110345';
    const begin = { id: key.owner, title, jwk: { ...key.jwk }, label: 'registry desk' };
    await send({ do: 'registry.begin', on: 0, with: begin });
    const again = {
      id: commandIdAt(began),
      do: 'participant.register',
      on: 0,
      with: { id, title },
    };
    expect(await send(again)).toMatchObject({ repeated: false });
    // Sent again, it is on record once.
    expect(await send(again)).toMatchObject({ repeated: true });
    const { kid } = await (await loadExchange(site.env)).signer();
    // Written at this machine's time, which is another than the site's.
    const now = Date.now;
    const late = () => now() + sealed;
    await scheduled(loadSequencing, site.start({ now: late }))({ seconds: 0 });
    const texts = (await site.leaves()).map((data) => Buffer.from(data).toString('utf8'));
    const leaves = texts.map((text) => Leaf.parse(JSON.parse(text)));
    expect(leaves.map(({ k, v }) => `${k} ${v}`).toSorted()).toEqual([
      'config 1',
      'key 1',
      'registry 2',
      'registry 2',
    ]);
    expect(texts.some((text) => text.includes(kid))).toBe(true);
    expect(texts.some((text) => text.includes(id))).toBe(true);
    expect(await recordsSince(site, began)).toBe(3);
  });
});
