/**
 * A log over memory twins, with its signer, publisher and witnesses in this process and a clock by
 * hand: what sequences it, what writes its journal, and what judges it in the end.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Layout } from '#shared/audit/address.ts';
import { memoryJournalStore } from '#shared/audit/memory-journal-store.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { memoryLogHead } from '#shared/audit/memory-log-head.ts';
import { memoryObjectStore } from '#shared/audit/memory-object-store.ts';
import type { JournalStore } from '#shared/audit/ports.ts';
import {
  type Witnessed,
  type WitnessReply,
  witnessLog,
} from '#shared/audit/publish/ask-witnesses.ts';
import {
  checkpointKey,
  cosignedKey,
  objectPublisher,
} from '#shared/audit/publish/publish-checkpoint.ts';
import { logKey } from '#shared/audit/sequence/log-files.ts';
import { type LogSettings, usualTimes } from '#shared/audit/sequence/log-settings.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import { type Step, sequencer } from '#shared/audit/sequence/sequencer.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import { openCheckpoint, parseCheckpoint } from '#shared/audit/tlog/checkpoint.ts';
import { parseNote } from '#shared/audit/tlog/note.ts';
import type { Policy } from '#shared/audit/tlog/policy.ts';
import { addCheckpoint } from '#shared/audit/witness.ts';
import { noteKey, type TestNoteKey } from './log-keys.ts';
import { checkLog, type LogFacts, leavesOfLog, type SeenTree } from './log-world/check-log.ts';
import {
  intentRow,
  type MadeIntent,
  type MadeRecord,
  makeIntent,
  makeOutcome,
  makeRecord,
  type Noise,
  promiseOf,
  recordPromise,
  recordRow,
} from './log-world/journal-rows.ts';
import { testNow } from './messages.ts';

export type LogWorldOptions = {
  readonly start?: number;
  readonly shards?: number;
  readonly slots?: number;
  readonly witnesses?: number;
  /** How many of the witnesses are a quorum; all of them by default. */
  readonly quorum?: number;
  readonly settings?: Partial<LogSettings>;
  /** Where ids and tokens come from; the same noise makes the same log. */
  readonly noise?: Noise;
};

const minute = 60_000;

/** The tree that a signature was made for: of a log itself, or of a witness behind its time. */
const treeIn = (message: Uint8Array): { origin: string; size: number; root: Uint8Array } => {
  const text = Buffer.from(message).toString('utf8');
  const own = text.startsWith('cosignature/') ? text.split('\n').slice(2).join('\n') : text;
  const checkpoint = parseCheckpoint(own);
  if (checkpoint === undefined) throw new TypeError('Something was signed that is no tree.');
  const { origin, size, root } = checkpoint;
  return { origin, size: Number(size), root };
};

export const makeLogWorld = ({
  start = testNow,
  shards = 1,
  slots = 4,
  witnesses: witnessCount = 2,
  quorum = witnessCount,
  settings: changes = {},
  noise = randomBytes,
}: LogWorldOptions = {}) => {
  let time = start;
  const clock = {
    now: (): number => time,
    advance: (milliseconds: number): void => {
      time += milliseconds;
    },
  };
  const journal = memoryJournalStore();
  const heads = memoryLogHead();
  const objects = memoryObjectStore();
  const staging = memoryObjectStore();
  const latest = memoryLatestTree();
  const layout: Layout = { slotKey: createHash('sha256').update('slots').digest(), slots, shards };
  const originOf = (shard: number): string => `exchange.example/log/${shard}`;
  const trees: (SeenTree & { readonly origin: string })[] = [];
  const promised: { readonly shard: number; readonly leaf: string }[] = [];
  const bases = new Map<number, number>();

  /** A key that is watched: whatever it signs is on record here. */
  const watched = (key: TestNoteKey): TestNoteKey => ({
    verifier: key.verifier,
    sign: async (message) => {
      trees.push({ by: `signed by ${key.verifier.name}`, ...treeIn(message) });
      return key.sign(message);
    },
  });
  const logKeys = Array.from({ length: shards }, (_, shard) =>
    watched(noteKey(originOf(shard), 'ed25519')),
  );
  const logKeyOf = (shard: number): TestNoteKey => {
    const key = logKeys[shard];
    if (key === undefined) throw new RangeError('There is no such shard.');
    return key;
  };

  const settingsOf = (shard = 0): LogSettings => ({
    shard,
    shards,
    slots,
    origin: originOf(shard),
    mergeDelay: 120,
    ...usualTimes,
    ...changes,
  });

  const publishedOf = (shard: number) => {
    const bytes = objects.peek(checkpointKey(shard));
    const note = bytes === undefined ? undefined : parseNote(bytes);
    const checkpoint = note === undefined ? undefined : parseCheckpoint(note.text);
    return checkpoint && { size: Number(checkpoint.size), root: checkpoint.root };
  };

  /** Puts on record what is published after a call that may have changed it, told or not. */
  const seePublished = (shard: number): void => {
    const tree = publishedOf(shard);
    if (tree !== undefined) trees.push({ by: 'published', origin: originOf(shard), ...tree });
  };
  const watchedObjects: SequencerPorts['objects'] = {
    ...objects.store,
    replace: async (key, expected, bytes) => {
      const shard = logKeys.findIndex((_, n) => checkpointKey(n) === key);
      try {
        return await objects.store.replace(key, expected, bytes);
      } finally {
        if (shard >= 0) seePublished(shard);
      }
    },
  };
  const watchedHeads: SequencerPorts['heads'] = {
    read: heads.store.read,
    compareAndSwap: (shard, next) =>
      heads.store.compareAndSwap(shard, next).finally(() => {
        const head = heads.dump().get(shard);
        if (head === undefined) return;
        const { size, root } = head;
        trees.push({ by: 'committed', origin: originOf(shard), size, root });
      }),
  };

  const ports: SequencerPorts = {
    heads: watchedHeads,
    journal: journal.store,
    objects: watchedObjects,
    staging: staging.store,
    signer: checkpointSigner({ signerOf: async (shard) => logKeyOf(shard), latest: latest.store }),
    publisher: objectPublisher(watchedObjects),
    now: clock.now,
  };

  /** A new sequencer: what a process is after its start. */
  const startSequencer = (
    shard = 0,
    changed: Partial<SequencerPorts> = {},
    settings: LogSettings = settingsOf(shard),
  ): (() => Promise<Step>) => sequencer({ ...ports, ...changed }, settings);

  /** Steps until there is no more to do at once; what they came to. */
  const drain = async (step = startSequencer()): Promise<readonly Step[]> => {
    const steps: Step[] = [];
    do steps.push(await step());
    while (steps.at(-1)?.more === true);
    return steps;
  };

  const asks = async (
    options: { readonly t?: number; readonly size?: number; readonly journal?: JournalStore } = {},
  ): Promise<MadeIntent> => {
    const made = makeIntent(layout, noise, { t: time, ...options });
    await (options.journal ?? journal.store).putIntent(made.address, intentRow(made));
    return made;
  };

  const promise = (shard: number, leaf: string): void => {
    promised.push({ shard, leaf });
  };

  /** Writes the outcome, and gives the receipt if it stands; whether it does. */
  const answers = async (
    made: MadeIntent,
    options: {
      readonly size?: number;
      readonly journal?: JournalStore;
      readonly text?: string;
    } = {},
  ): Promise<boolean> => {
    const outcome = options.text ?? makeOutcome(made, noise, { t: time, ...options });
    const answer = await (options.journal ?? journal.store).putOutcome(
      made.address,
      recordRow(outcome),
    );
    if (answer === 'written') promise(made.address.shard, promiseOf(made.intent, outcome));
    return answer === 'written';
  };

  /** So many inquiries of this instant, asked and answered. */
  const inquiries = async (
    count: number,
    options: { readonly size?: number } = {},
  ): Promise<readonly MadeIntent[]> => {
    const made: MadeIntent[] = [];
    for (let n = 0; n < count; n += 1) {
      const one = await asks(options);
      await answers(one, options);
      made.push(one);
    }
    return made;
  };

  const records = async (
    options: { readonly t?: number; readonly journal?: JournalStore } = {},
  ): Promise<MadeRecord> => {
    const made = makeRecord(layout, noise, { t: time, ...options });
    await (options.journal ?? journal.store).putRecord(made.address, recordRow(made.record));
    promise(made.address.shard, recordPromise(made.record));
    return made;
  };

  const witnesses = Array.from({ length: witnessCount }, (_, n) => {
    const key = watched(noteKey(`witness.example/${n}`, 'cosignature'));
    const memory = memoryLatestTree();
    const answer = addCheckpoint({
      logs: logKeys.map(({ verifier }) => verifier),
      latest: memory.store,
      signer: key,
      now: clock.now,
    });
    return { name: `w${n}`, key, latest: memory, answer };
  });

  const policyOf = (shard = 0): Policy => ({
    logs: [{ key: logKeyOf(shard).verifier, url: undefined }],
    witnesses: witnesses.map(({ name, key }) => ({ name, key: key.verifier, url: name })),
    groups:
      quorum === 0
        ? []
        : [{ name: 'enough', threshold: quorum, members: witnesses.map(({ name }) => name) }],
    quorum: quorum === 0 ? 'none' : 'enough',
  });

  const client = async (url: string, body: Uint8Array): Promise<WitnessReply> => {
    const witness = witnesses.find(({ name }) => name === url);
    if (witness === undefined) throw new RangeError('There is no such witness.');
    return witness.answer(body);
  };

  /** A new process that asks the witnesses. */
  const startWitnessing = (
    shard = 0,
    changed: Partial<Parameters<typeof witnessLog>[0]> = {},
  ): (() => Promise<Witnessed>) =>
    witnessLog(
      {
        objects: watchedObjects,
        policy: policyOf(shard),
        client,
        now: clock.now,
        refresh: 600,
        ...changed,
      },
      shard,
    );

  const factsOf = (shard = 0): LogFacts => {
    const prefix = logKey(shard, '');
    const files = [...objects.dump()].filter(([key]) => key.startsWith(prefix));
    return {
      head: heads.dump().get(shard),
      files: new Map(files.map(([key, bytes]) => [key.slice(prefix.length), bytes])),
      published: publishedOf(shard),
      trees: trees.filter(({ origin }) => origin === originOf(shard)),
      journal: journal.dump().filter(({ address }) => address.shard === shard),
      promised: promised.filter((one) => one.shard === shard).map(({ leaf }) => leaf),
      base: bases.get(shard) ?? 0,
    };
  };

  /** What is wrong with any of the logs; empty when all is right. */
  const check = ({ settled = true } = {}): readonly string[] =>
    logKeys.flatMap((_, shard) =>
      checkLog(factsOf(shard), settled).map((line) => `log ${shard}: ${line}`),
    );

  /** Lets everything come to rest: what is open is closed, and looked at for the last time. */
  const rest = async (): Promise<void> => {
    const steps = logKeys.map((_, shard) => startSequencer(shard));
    for (const wait of [minute, ...settingsOf().again]) {
      clock.advance(wait + minute);
      for (const step of steps) await drain(step);
    }
  };

  return {
    clock,
    layout,
    noise,
    journal,
    heads,
    objects,
    staging,
    latest,
    logKeyOf,
    originOf,
    settingsOf,
    ports,
    startSequencer,
    drain,
    asks,
    answers,
    inquiries,
    records,
    promise,
    witnesses,
    policyOf,
    client,
    startWitnessing,
    factsOf,
    trees,
    bases,
    leaves: (shard = 0) => leavesOfLog(factsOf(shard)) ?? [],
    published: (shard = 0) => publishedOf(shard),
    /** The published checkpoint as a verifier sees it. */
    opened: (shard = 0, key = checkpointKey(shard)) => {
      const bytes = objects.peek(key);
      return bytes === undefined
        ? undefined
        : openCheckpoint(bytes, {
            log: [logKeyOf(shard).verifier],
            witnesses: witnesses.map((one) => one.key.verifier),
          });
    },
    cosigned: (shard = 0) => objects.peek(cosignedKey(shard)),
    check,
    rest,
  };
};

export type LogWorld = ReturnType<typeof makeLogWorld>;
