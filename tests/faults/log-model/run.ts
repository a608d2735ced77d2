/** One run of the model: processes that race, crash, sleep and wake over one log, and its verdict. */
import { InquiryAsked } from '#events/inquiry-asked.ts';
import { addressOf, bucketLength } from '#shared/audit/address.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { objectPublisher } from '#shared/audit/publish/publish-checkpoint.ts';
import type { LogSettings } from '#shared/audit/sequence/log-settings.ts';
import { LogStopped } from '#shared/audit/sequence/log-stopped.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import { type Step, sequencer } from '#shared/audit/sequence/sequencer.ts';
import { checkpointSigner } from '#shared/audit/sign-checkpoint.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { beginAt } from '#tests/support/log-world/base-log.ts';
import {
  intentRow,
  type MadeIntent,
  makeIntent,
  makeOutcome,
  makeRecord,
  makeTombstone,
  promiseOf,
  recordPromise,
  recordRow,
} from '#tests/support/log-world/journal-rows.ts';
import { type LogWorld, makeLogWorld } from '#tests/support/log-world.ts';
import { type Draw, drawFrom, makeScheduler, type Process, type Scheduler } from './scheduler.ts';
import {
  callsOf,
  type Troubles,
  troubledJournal,
  troubledLatest,
  troubledObjects,
  troubledPorts,
} from './troubles.ts';

/** What a run is made of; everything else comes out of the seed. */
export type Knobs = {
  readonly seed: number;
  readonly sequencers: number;
  readonly shards: number;
  readonly slots: number;
  /** How many leaves the log of shard 0 has when the run begins. */
  readonly start: number;
  readonly inquiries: number;
  /** One call in so many meets each kind of trouble; 0 for none. */
  readonly trouble: number;
  /** The most milliseconds by which the clock of a sequencer goes wrong. */
  readonly skew: number;
  readonly batch: number;
  readonly witnessing: boolean;
};

/** Makes one sequencer out of its ports: the real one, or a mutant. */
export type MakeSequencer = (ports: SequencerPorts, settings: LogSettings) => () => Promise<Step>;

export type Ran = {
  /** What was wrong, in sentences; empty when all was right. */
  readonly wrong: readonly string[];
  readonly leaves: number;
  readonly turns: number;
  readonly tally: ReadonlyMap<string, number>;
};

const freshness = 10_000;
const abandonedAfter = 45_000;
const patience = 35_000;

type Model = {
  readonly knobs: Knobs;
  readonly world: LogWorld;
  readonly draw: Draw;
  readonly scheduler: Scheduler;
  readonly troubles: Troubles;
  readonly wrong: string[];
  readonly asked: MadeIntent[];
  /** When each intent or record was kept, by id. */
  readonly kept: Map<string, number>;
  readonly phase: { calm: boolean; over: boolean };
  readonly count: (what: string) => void;
};

/** Tries a write again, as a process does that was not told: the very same bytes. */
const insist = async <Result>(model: Model, write: () => Promise<Result>) => {
  for (let tries = 0; tries < 3; tries += 1) {
    try {
      return { answer: await write() };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (model.draw(3) === 0) return undefined;
    }
  }
  return undefined;
};

const startRequest = ({ scheduler, ...model }: Model): void => {
  const { world, draw, troubles, count, kept, knobs } = model;
  scheduler.start('request', async (process) => {
    const call = callsOf(troubles, process);
    const journal = troubledJournal(
      {
        ...world.journal.store,
        putIntent: async (address, row) => {
          const answer = await world.journal.store.putIntent(address, row);
          if (!kept.has(address.id)) kept.set(address.id, world.clock.now());
          return answer;
        },
      },
      call,
    );
    const t = world.clock.now() + draw(2 * freshness) - freshness;
    const made = makeIntent(world.layout, world.noise, { t: t < 0 ? 0 : t, size: 8 });
    model.asked.push(made);
    await scheduler.turn(process);
    if (Math.abs(world.clock.now() - t) > freshness) return;
    const intent = await insist({ scheduler, ...model }, () =>
      journal.putIntent(made.address, intentRow(made)),
    );
    if (intent === undefined || draw(12) === 0) return;
    for (let turns = draw(4) === 0 ? draw(40) : 1; turns > 0; turns -= 1) {
      await scheduler.turn(process);
    }
    const out = draw(4) === 0 ? 'TIMEOUT' : 'FOUND';
    const outcome = makeOutcome(made, world.noise, { t: world.clock.now(), out, size: 8 });
    const since = (kept.get(made.address.id) ?? 0) + patience;
    const told = await insist({ scheduler, ...model }, () =>
      journal.putOutcome(made.address, recordRow(outcome)),
    );
    if (told === undefined) return;
    if (told.answer === 'written') {
      world.promise(made.address.shard, promiseOf(made.intent, outcome));
      count('receipt');
      return;
    }
    count('zombie');
    const timely =
      world.clock.now() <= since && Math.abs((kept.get(made.address.id) ?? 0) - t) <= freshness;
    if (timely && knobs.skew === 0) model.wrong.push(`${made.address.id}: fenced too early`);
  });
};

/** A process that was stopped between its check and its intent, and wakes when all is sealed. */
const startStraggler = ({ scheduler, world, asked, kept, draw }: Model): void => {
  const process = scheduler.start('straggler', async (self) => {
    const t = world.clock.now();
    await scheduler.turn(self);
    if (draw(3) === 0) {
      const made = makeRecord(world.layout, world.noise, { t });
      kept.set(made.address.id, world.clock.now());
      await world.journal.store.putRecord(made.address, recordRow(made.record));
      world.promise(made.address.shard, recordPromise(made.record));
      return;
    }
    const made = makeIntent(world.layout, world.noise, { t, size: 8 });
    asked.push(made);
    kept.set(made.address.id, world.clock.now());
    await world.journal.store.putIntent(made.address, intentRow(made));
    await scheduler.turn(self);
    const outcome = makeOutcome(made, world.noise, { t: world.clock.now(), size: 8 });
    const told = await world.journal.store.putOutcome(made.address, recordRow(outcome));
    if (told === 'written') world.promise(made.address.shard, promiseOf(made.intent, outcome));
  });
  process.state = 'asleep';
};

/** A retry that closes what was abandoned, and gets a receipt of whatever stands. */
const startRetry = ({ scheduler, world, asked, draw, troubles, count }: Model): void => {
  scheduler.start('retry', async (process) => {
    const journal = troubledJournal(world.journal.store, callsOf(troubles, process));
    const made = asked[draw(Math.max(asked.length, 1))];
    if (made === undefined) return;
    try {
      const { intent, outcome } = await journal.read(made.address);
      if (intent === undefined) return;
      const asks = { ...made, intent: unpackRecord(intent.record) };
      if (outcome === undefined) {
        const t = world.clock.now();
        if (t - InquiryAsked.parse(JSON.parse(asks.intent)).t < abandonedAfter) return;
        const text = makeTombstone(asks, t);
        const told = await journal.putOutcome(made.address, recordRow(text));
        count('closed by a retry');
        const stands = told === 'written' ? text : unpackRecord(told.record);
        world.promise(made.address.shard, promiseOf(asks.intent, stands));
      } else {
        const stands = unpackRecord(outcome.record);
        world.promise(made.address.shard, promiseOf(asks.intent, stands));
      }
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
    }
  });
};

const startRecord = ({ scheduler, world, kept, troubles, ...model }: Model): void => {
  scheduler.start('record', async (process) => {
    const journal = troubledJournal(world.journal.store, callsOf(troubles, process));
    const made = makeRecord(world.layout, world.noise, { t: world.clock.now() });
    kept.set(made.address.id, world.clock.now());
    const told = await insist({ scheduler, world, kept, troubles, ...model }, async () => {
      const answer = await journal.putRecord(made.address, recordRow(made.record));
      return answer;
    });
    // When it was kept is not known here: a record that slept on its way may rightly be late.
    kept.set(made.address.id, Number.MAX_SAFE_INTEGER);
    if (told?.answer === 'written') {
      world.promise(made.address.shard, recordPromise(made.record));
    }
  });
};

/** One sequencer, from its start to its death; then, if the run is not over, another one. */
const startSequencer = (model: Model, make: MakeSequencer, shard: number): Process => {
  const { world, scheduler, troubles, draw, knobs, phase, count, wrong } = model;
  const offset = knobs.skew === 0 ? 0 : draw(2 * knobs.skew) - knobs.skew;
  return scheduler.start(`sequencer ${shard}`, async (process) => {
    const call = callsOf(troubles, process);
    const now = (): number => world.clock.now() + (phase.calm ? 0 : offset);
    const objects = troubledObjects(world.ports.objects, call);
    const step = make(
      {
        ...troubledPorts(world.ports, call, now),
        signer: checkpointSigner({
          signerOf: async () => ({
            verifier: world.logKeyOf(shard).verifier,
            sign: (message) => call('sign', () => world.logKeyOf(shard).sign(message)),
          }),
          latest: troubledLatest(world.latest.store, call),
        }),
        publisher: objectPublisher(objects),
      },
      world.settingsOf(shard),
    );
    while (!phase.over) {
      await scheduler.turn(process);
      try {
        const { added, late, overtaken } = await step();
        if (added > 0) count('batch');
        if (late > 0) count('late');
        if (overtaken) count('overtaken');
      } catch (error) {
        if (error instanceof LogStopped) {
          wrong.push(`the log stopped: ${error.reason}`);
          return;
        }
        if (!(error instanceof Problem)) throw error;
      }
    }
  });
};

const startWitnessing = (model: Model): void => {
  const { world, scheduler, troubles, phase, count } = model;
  scheduler.start('witnessing', async (process) => {
    const call = callsOf(troubles, process);
    const round = world.startWitnessing(0, {
      objects: troubledObjects(world.ports.objects, call),
      client: (url, body) => call('witness', () => world.client(url, body)),
      refresh: 30,
    });
    while (!phase.over) {
      await scheduler.turn(process);
      try {
        if ((await round()).quorum) count('quorum');
      } catch (error) {
        if (!(error instanceof Problem)) throw error;
      }
      for (let rest = 0; rest < 60; rest += 1) await scheduler.turn(process);
    }
  });
};

/** An entry that was kept before its bucket was closed is never late, unless a clock was wrong. */
const checkLate = ({ world, kept, knobs }: Model): readonly string[] => {
  if (knobs.skew > 0) return [];
  const { acceptance } = world.settingsOf();
  const leaves = Array.from({ length: knobs.shards }, (_, shard) => world.leaves(shard)).flat();
  return leaves.flatMap((data) => {
    const text = Buffer.from(data.subarray(0, data.indexOf(0x0a))).toString('utf8');
    const id = /"id":"([0-9a-f-]{36})","k":"late"/.exec(text)?.[1];
    const at = id === undefined ? undefined : kept.get(id);
    if (id === undefined || at === undefined) return [];
    const { bucket } = addressOf(InquiryId.parse(id), world.layout);
    return at < (bucket + 1) * bucketLength + acceptance ? [`${id}: late without a reason`] : [];
  });
};

export const runModel = async (knobs: Knobs, make: MakeSequencer = sequencer): Promise<Ran> => {
  const draw = drawFrom(knobs.seed);
  const tally = new Map<string, number>();
  const count = (what: string): void => {
    tally.set(what, (tally.get(what) ?? 0) + 1);
  };
  const noise = (size: number): Uint8Array => {
    const words = Uint32Array.from({ length: Math.ceil(size / 4) }, () => draw(2 ** 32));
    return new Uint8Array(words.buffer, 0, size);
  };
  const world = makeLogWorld({
    start: 1_800_000_000_000 + draw(20_000),
    shards: knobs.shards,
    slots: knobs.slots,
    noise,
    settings: { batch: { entries: knobs.batch, bytes: 100_000, partitions: 8 + draw(60) } },
  });
  await beginAt(world, knobs.start);
  const scheduler = makeScheduler(draw);
  const phase = { calm: false, over: false };
  const troubles: Troubles = {
    scheduler,
    draw,
    rate: () => (phase.calm ? 0 : knobs.trouble),
    count,
  };
  const model: Model = {
    knobs,
    world,
    draw,
    scheduler,
    troubles,
    wrong: [],
    asked: [],
    kept: new Map(),
    phase,
    count,
  };

  const running: { process: Process; shard: number }[] = [];
  const keepRunning = (): void => {
    for (let shard = 0; shard < knobs.shards; shard += 1) {
      const awake = running.filter((one) => one.shard === shard && one.process.state === 'awake');
      for (let n = awake.length; n < knobs.sequencers; n += 1) {
        running.push({ process: startSequencer(model, make, shard), shard });
      }
    }
  };

  const pauses = [400, 1500, 4000, 9000, 14_000, 30_000, 50_000];
  keepRunning();
  if (knobs.witnessing) startWitnessing(model);
  for (let n = 0; n < knobs.inquiries; n += 1) {
    startRequest(model);
    if (draw(6) === 0) startRecord(model);
    if (draw(5) === 0) startRetry(model);
    if (draw(12) === 0) startStraggler(model);
    await scheduler.run(draw(4) === 0 ? 10 + draw(120) : draw(12));
    if (draw(3) === 0) world.clock.advance(pauses[draw(pauses.length)] ?? 0);
    if (draw(20) === 0) scheduler.wakeAll();
    keepRunning();
  }
  await scheduler.run(200);

  phase.calm = true;
  phase.over = true;
  const calm = Array.from({ length: knobs.shards }, (_, shard) =>
    make(world.ports, world.settingsOf(shard)),
  );
  const rest = async (): Promise<void> => {
    for (const step of calm) {
      for (let steps = 0, more = true; more && steps < 400; steps += 1) {
        try {
          const taken = await step();
          ({ more } = taken);
          if (taken.late > 0) count('late');
        } catch (error) {
          const reason = error instanceof LogStopped ? error.reason : String(error);
          model.wrong.push(`the log stopped at rest: ${reason}`);
          return;
        }
      }
    }
  };
  world.clock.advance(70_000);
  await rest();
  scheduler.wakeAll();
  await scheduler.run(100_000);
  for (const age of world.settingsOf().again) {
    world.clock.advance(age + 70_000);
    await rest();
  }
  await rest();
  scheduler.bugs.forEach((bug) => model.wrong.push(`a bug: ${String(bug)}`));
  const leaves = Array.from({ length: knobs.shards }, (_, shard) => world.leaves(shard).length);
  return {
    wrong: [...model.wrong, ...world.check(), ...checkLate(model)],
    leaves: leaves.reduce((sum, one) => sum + one, 0) - knobs.start,
    turns: scheduler.taken(),
    tally,
  };
};
