import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Change } from '#shared/registry/change.ts';
import type { Snapshot } from '#shared/registry/decide.ts';
import type { RegistryEntry } from '#shared/registry/entry.ts';
import {
  accessName,
  delegationName,
  nameOf,
  nameText,
  participantName,
  serviceName,
} from '#shared/registry/entry.ts';
import { cachedHead } from '#shared/registry/head.ts';
import { memoryRegistryStore } from '#shared/registry/memory-registry-store.ts';
import { snapshotReader } from '#shared/registry/snapshot.ts';
import { accessOf, narrowed } from '#tests/support/access.ts';
import { changeOf, replayed } from '#tests/support/changes.ts';
import { delegationOf, house, houseOf } from '#tests/support/delegation.ts';
import { testClock } from '#tests/support/exchange.ts';
import { agencyOf, counterOf, identityService } from '#tests/support/registry.ts';

const { ref } = identityService;
const counters = ['counter:72110345', 'counter:72110346'];

const firstVersions: readonly RegistryEntry[] = [
  identityService,
  agencyOf('agency:civil-registry'),
  narrowed(),
  ...counters.map((id) => counterOf(id)),
  ...counters.map((holder) => accessOf({ holder })),
  houseOf(),
  ...counters.map((counter) => delegationOf({ counter })),
];

/** Changes of these entries, each one version up from the one before. */
const changesOf = (plan: ReadonlyArray<readonly RegistryEntry[]>): readonly Change[] => {
  const versions = new Map<string, number>();
  return plan.map((entries, index) => {
    const next = entries.map((entry) => {
      const name = nameText(nameOf(entry));
      const version = (versions.get(name) ?? 0) + 1;
      versions.set(name, version);
      return { ...entry, version };
    });
    return changeOf(index + 1, next);
  });
};

/** A counter, and whoever asks for it. */
type Who = { readonly counter: string; readonly by?: string | undefined };

/** What the first changes lead to, as a replay of the log finds it. */
const stateAfter = (changes: readonly Change[], n: number, { counter, by }: Who): object => {
  const agency = 'agency:civil-registry';
  return {
    version: n,
    participant: replayed(changes, n, participantName(counter)),
    service: replayed(changes, n, serviceName(ref)),
    agency: replayed(changes, n, participantName(agency)),
    own: replayed(changes, n, accessName(agency, counter)),
    everyone: replayed(changes, n, accessName(agency, '*')),
    ...(by !== undefined && {
      delegate: replayed(changes, n, participantName(by)),
      delegation: replayed(changes, n, delegationName(counter, by)),
    }),
  };
};

type Asked = Who & { readonly answer: Promise<Snapshot | undefined> };

const anyPlan = fc.array(fc.subarray([...firstVersions], { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 8,
});

const anyAsks = fc.array(
  fc.record({
    counter: fc.constantFrom(...counters),
    by: fc.constantFrom(undefined, house),
    wait: fc.constantFrom(0, 0, 1000, 10_000, 60_000),
  }),
  { minLength: 1, maxLength: 10 },
);

const never = { perSecond: 1, burst: 1_000_000 };

describe('the number of a snapshot', () => {
  it('names the state that a replay finds, however changes and reads come between each other', async () => {
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), anyPlan, anyAsks, async (s, plan, asks) => {
        const clock = testClock();
        const changes = changesOf(plan);
        // Entries stand in one store and the head in another: a change reaches them one by one.
        const [entries, head] = [memoryRegistryStore().store, memoryRegistryStore().store];
        const kept = { now: clock.now, ttl: 60_000, absentTtl: 10_000, misses: never };
        const snapshot = snapshotReader(
          { readAll: s.scheduleFunction(entries.readAll) },
          cachedHead({ version: s.scheduleFunction(head.version) }, kept),
          { ...kept, max: 10, maxAbsent: 10 },
        );
        const asked: Asked[] = [];
        const ask = ({ counter, by }: Who): void => {
          const answer = snapshot(counter, ref, by).catch(() => undefined);
          asked.push({ counter, by, answer });
        };
        s.scheduleSequence(
          changes.flatMap((change) => [
            ...change.entries.map((_, index) => async () => {
              await entries.apply({ ...change, entries: change.entries.slice(0, index + 1) });
            }),
            async () => head.apply(change),
          ]),
        );
        s.scheduleSequence(
          asks.map(({ wait, ...who }) => async () => {
            clock.advance(wait);
            ask(who);
          }),
        );
        await s.waitIdle();
        // Once nothing changes any more everybody is answered, and with the newest state.
        clock.advance(60_000);
        const before = asked.length;
        for (const counter of counters) [undefined, house].forEach((by) => ask({ counter, by }));
        await s.waitIdle();
        for (const { answer } of asked.slice(before)) {
          expect(await answer).toMatchObject({ version: changes.length });
        }
        for (const { answer, ...who } of asked) {
          const found = await answer;
          if (found === undefined) continue;
          answered += 1;
          expect(found).toEqual(stateAfter(changes, found.version, who));
        }
      }),
      { numRuns: 500 },
    );
    expect(answered).toBeGreaterThan(1500);
  });
});
