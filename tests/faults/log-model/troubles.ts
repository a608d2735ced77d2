/** Ports whose every call waits for its turn, and may be lost, kept in silence, or the last one. */

import type { LatestTree } from '#shared/audit/latest-tree.ts';
import type { LogHead } from '#shared/audit/log-head.ts';
import type { JournalStore, ObjectStore } from '#shared/audit/ports.ts';
import type { SequencerPorts } from '#shared/audit/sequence/ports.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { Draw, Process, Scheduler } from './scheduler.ts';

export type Troubles = {
  readonly scheduler: Scheduler;
  readonly draw: Draw;
  /** One call in so many meets each kind of trouble; 0 for none. */
  readonly rate: () => number;
  readonly count: (what: string) => void;
};

/** Runs one call of a process. */
export type Call = <Result>(what: string, effect: () => Promise<Result>) => Promise<Result>;

const never = (): Promise<never> => new Promise(() => undefined);

const away = (): Promise<never> => Promise.reject(new Problem('store-unavailable', 'Away.'));

export const callsOf =
  ({ scheduler, draw, rate, count }: Troubles, process: Process): Call =>
  async (what, effect) => {
    const die = (when: string): Promise<never> => {
      count(`crash ${when} ${what}`);
      process.state = 'dead';
      return never();
    };
    const sleep = async (when: string): Promise<void> => {
      count(`asleep ${when} ${what}`);
      process.state = 'asleep';
      await scheduler.turn(process);
    };
    await scheduler.turn(process);
    const fate = rate() === 0 ? -1 : draw(rate());
    if (fate === 0) {
      count(`lost ${what}`);
      return away();
    }
    if (fate === 1) return die('before');
    if (fate === 2) await sleep('before');
    const result = await effect();
    if (fate === 3) {
      count(`unacknowledged ${what}`);
      return away();
    }
    if (fate === 4) return die('after');
    if (fate === 5) await sleep('after');
    await scheduler.turn(process);
    return result;
  };

export const troubledJournal = (store: JournalStore, call: Call): JournalStore => ({
  ...store,
  putIntent: (address, row) => call('putIntent', () => store.putIntent(address, row)),
  putOutcome: (address, row) => call('putOutcome', () => store.putOutcome(address, row)),
  putRecord: (address, row) => call('putRecord', () => store.putRecord(address, row)),
  read: (address) => call('read', () => store.read(address)),
  list: (partition, page) => call('list', () => store.list(partition, page)),
  periods: (from, to) => call('periods', () => store.periods(from, to)),
});

export const troubledObjects = (store: ObjectStore, call: Call, name = 'object'): ObjectStore => ({
  putIfAbsent: (key, bytes) => call(`put ${name}`, () => store.putIfAbsent(key, bytes)),
  get: (key) => call(`get ${name}`, () => store.get(key)),
  replace: (key, expected, bytes) =>
    call(`replace ${name}`, () => store.replace(key, expected, bytes)),
});

export const troubledHeads = (store: LogHead, call: Call): LogHead => ({
  read: (shard) => call('read head', () => store.read(shard)),
  compareAndSwap: (shard, next) => call('swap head', () => store.compareAndSwap(shard, next)),
});

export const troubledLatest = (store: LatestTree, call: Call): LatestTree => ({
  read: (origin) => call('read signed', () => store.read(origin)),
  compareAndSwap: (origin, expected, next) =>
    call('swap signed', () => store.compareAndSwap(origin, expected, next)),
});

/** The ports of a sequencer under one call each; the signer and the publisher have calls inside. */
export const troubledPorts = (
  ports: SequencerPorts,
  call: Call,
  now: () => number,
): Pick<SequencerPorts, 'heads' | 'journal' | 'objects' | 'staging' | 'now'> => ({
  heads: troubledHeads(ports.heads, call),
  journal: troubledJournal(ports.journal, call),
  objects: troubledObjects(ports.objects, call),
  staging: troubledObjects(ports.staging, call, 'staged'),
  now,
});
