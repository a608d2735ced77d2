import fc, { type Scheduler } from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import type { RegistryCommanded } from '#events/registry-commanded.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { Change } from '#shared/registry/change.ts';
import { type EntryName, nameOf, nameText, type RegistryEntry } from '#shared/registry/entry.ts';
import type { CommandParts, CommandResult } from '#shared/registry/run-command.ts';
import { settleRegistry } from '#shared/registry/settle-registry.ts';
import {
  buildCommand,
  type Commanded,
  commandIdAt,
  counterId,
  makeCommanded,
  reinstate,
  suspend,
} from '#tests/support/commands.ts';
import { testNow } from '#tests/support/messages.ts';

/** How a runner's nth call breaks, counted from 1; the runner gives the command up. */
type Broken = { readonly nth: number; readonly kept: boolean };

type Runner = { readonly sends: readonly number[]; readonly broken: readonly Broken[] };

const lost = (): Problem => new Problem('store-unavailable', 'The store was told to fail.');

/** What a runner sees of the stores: each call waits for its turn, and some are broken. */
const partsOf = (
  { parts }: Commanded,
  scheduler: Scheduler,
  broken: readonly Broken[],
): Partial<CommandParts> => {
  let calls = 0;
  const through =
    <Given extends readonly unknown[], Result>(call: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      calls += 1;
      const nth = calls;
      await scheduler.schedule(Promise.resolve());
      const fault = broken.find((one) => one.nth === nth);
      if (fault?.kept === false) throw lost();
      const result = await call(...given);
      if (fault !== undefined) throw lost();
      return result;
    };
  const { store, journal } = parts;
  return {
    store: {
      ...store,
      readAll: through(store.readAll),
      version: through(store.version),
      change: through(store.change),
      changeOf: through(store.changeOf),
      propose: through(store.propose),
      apply: through(store.apply),
    },
    journal: { putRecord: through(journal.putRecord), read: through(journal.read) },
  };
};

/** Three commands on each of two counters, and two commands that share an id. */
const said = [1, 2].flatMap((which) => [
  suspend(which, 1, commandIdAt(testNow)),
  reinstate(which, 2, commandIdAt(testNow)),
  suspend(which, 3, commandIdAt(testNow)),
]);
const shared = commandIdAt(testNow);
const all = [...said, suspend(3, 1, shared), suspend(4, 1, shared)];
const texts: string[] = [];

beforeAll(async () => {
  const { keys } = await makeCommanded();
  for (const one of all) {
    texts.push(await buildCommand(one, { key: keys.registrar, now: testNow }));
  }
});

const runners = fc.array(
  fc.record({
    sends: fc.array(fc.nat({ max: all.length - 1 }), { minLength: 1, maxLength: 4 }),
    broken: fc.array(fc.record({ nth: fc.integer({ min: 1, max: 40 }), kept: fc.boolean() }), {
      maxLength: 4,
    }),
  }),
  { minLength: 3, maxLength: 3 },
);

const names: readonly EntryName[] = [1, 2, 3, 4].map((which) => ({
  kind: 'participant',
  key: counterId(which),
}));

const standingIn = async ({ registry }: Commanded): Promise<readonly RegistryEntry[]> =>
  (await registry.store.readAll(names)).filter((entry) => entry !== undefined);

/** What changes come to when they are applied one after another to what stood before. */
const replay = (
  before: readonly RegistryEntry[],
  changes: readonly Change[],
): readonly RegistryEntry[] => {
  const byName = new Map(before.map((entry) => [nameText(nameOf(entry)), entry]));
  for (const entry of changes.flatMap(({ entries }) => entries)) {
    const name = nameText(nameOf(entry));
    expect(entry.version).toBe((byName.get(name)?.version ?? 0) + 1);
    byName.set(name, entry);
  }
  return [...byName.values()];
};

const changesOf = async ({ registry, begun }: Commanded, version: number) => {
  const numbers = Array.from({ length: version - begun }, (_, place) => begun + 1 + place);
  const found = await Promise.all(numbers.map((n) => registry.store.change(n)));
  return found.map((change) => Change.parse(change));
};

const Json = z.record(z.string(), z.json());

const leafOf = ({ n, t, command, leaf, entries }: Change): RegistryCommanded => ({
  v: 2,
  k: 'registry',
  id: leaf,
  t,
  n,
  command,
  entries: canonicalJson(Json.parse({ entries })),
});

describe('commands of three runners, interleaved in any way and broken anywhere', () => {
  it('come to what their changes come to, one after another, each once and on record', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), runners, async (scheduler, plan) => {
        const stage = await makeCommanded();
        const before = await standingIn(stage);
        const results: { readonly id: string | undefined; readonly result: CommandResult }[] = [];
        const work = async ({ sends, broken }: Runner): Promise<void> => {
          const parts = partsOf(stage, scheduler, broken);
          for (const which of sends) {
            try {
              const result = await stage.run(texts[which] ?? '', parts);
              results.push({ id: all[which]?.id, result });
            } catch (error) {
              if (!(error instanceof Problem)) throw error;
            }
          }
        };
        await scheduler.waitFor(Promise.all(plan.map(work)));

        const version = await settleRegistry(stage.parts);
        const changes = await changesOf(stage, version);
        const ids = changes.map(({ id }) => id);
        expect(new Set(ids).size).toBe(ids.length);
        expect(stage.leaves()).toEqual(changes.map(leafOf));
        expect(await standingIn(stage)).toEqual(replay(before, changes));
        for (const { id, result } of results) {
          const change = changes.find(({ n }) => n === result.n);
          expect(change?.id).toBe(id);
          expect(result.t).toBe(change?.t);
        }
        const anew = results.filter(({ result }) => !result.repeated).map(({ result }) => result.n);
        expect(new Set(anew).size).toBe(anew.length);
      }),
      { numRuns: 300 },
    );
  }, 120_000);
});
