import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { Problem } from '#shared/kernel/problem.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { ServiceRef } from '#shared/message/claims.ts';
import { participantName, serviceName } from '#shared/registry/entry.ts';
import { type Replay, replayRegistry } from '#shared/registry/replay.ts';
import { snapshotAt } from '#shared/registry/replay-snapshot.ts';
import { leavesIn, type Said } from '#tests/support/commands.ts';
import {
  agencyId,
  counterId,
  type DecidedLog,
  guildId,
  makeDecided,
  otherCounterId,
} from '#tests/support/decided-log.ts';
import { testNow } from '#tests/support/messages.ts';
import { counterOf, entryText, identityService } from '#tests/support/registry.ts';

const reason = 'as the law has it';
const day = 86_400_000;
const term = { from: testNow, until: testNow + 30 * day };
const target = 'identity';

type Signed = { readonly by: 'registrar' | 'officer' | 'counter'; readonly said: Omit<Said, 'on'> };

/** Commands that change what a decision looks at; many are refused where they come. */
const moves: readonly Signed[] = [
  ...['participant.suspend', 'participant.reinstate'].flatMap((name) =>
    [counterId, otherCounterId, agencyId, guildId].map(
      (id): Signed => ({ by: 'registrar', said: { do: name, with: { id, reason } } }),
    ),
  ),
  ...['licence.suspend', 'licence.reinstate', 'licence.revoke'].map(
    (name): Signed => ({ by: 'registrar', said: { do: name, with: { id: counterId, reason } } }),
  ),
  ...(
    [
      ['access.narrow', { target, justification: reason }],
      ['access.open', { target }],
      [
        'limit.set',
        { holder: '*', target: 'group:civil-registry', stopped: false, level: 'match', reason },
      ],
      ['limit.set', { holder: counterId, target, stopped: true, reason }],
      ['limit.lift', { holder: counterId, target, reason }],
      ['grant.give', { holder: counterId, target, ...term, quota: { perDay: 5 } }],
      ['grant.give', { holder: otherCounterId, target: 'life-status', ...term }],
      [
        'service.retire',
        { ref: 'civil-registry/life-status@1', from: testNow + 400 * day, reason },
      ],
    ] as const satisfies readonly (readonly [string, JsonObject])[]
  ).map(([name, content]): Signed => ({ by: 'officer', said: { do: name, with: content } })),
  { by: 'counter', said: { do: 'delegation.give', with: { to: guildId, services: [], ...term } } },
  { by: 'counter', said: { do: 'delegation.revoke', with: { to: guildId, reason } } },
];

const refs = [identityService.ref, ServiceRef.parse('civil-registry/life-status@1')];
const unknown = ServiceRef.parse('telecom/nothing@1');

/** Every pair that a decision could be about, some of them with a delegate. */
const pairs = [counterId, otherCounterId, 'counter:nobody'].flatMap((counter) =>
  [...refs, unknown].flatMap((service) => [
    { counter, service, delegate: undefined },
    { counter, service, delegate: guildId },
  ]),
);
type Pair = (typeof pairs)[number];

const askingOf = ({ counter, service, delegate }: Pair) => ({
  iss: delegate ?? counter,
  inq: { service, ...(delegate !== undefined && { for: counter }) },
});

const readAll = (world: DecidedLog) =>
  Promise.all(
    pairs.map(({ counter, service, delegate }) => world.snapshot(counter, service, delegate)),
  );

/** Sends a command on whichever version of its entry stands: one of the first dozen fits. */
const attempt = async (world: DecidedLog, { by, said }: Signed): Promise<boolean> => {
  for (let on = 0; on < 14; on += 1) {
    try {
      await world.send({ ...said, on }, world.keys[by]);
      return true;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.name !== 'stale-version') return false;
    }
  }
  return false;
};

const replayOf = (world: DecidedLog, order: (n: number) => number = (n) => n): Replay => {
  const replay = replayRegistry();
  for (const event of leavesIn(world.journal).toSorted((a, b) => order(a.n) - order(b.n))) {
    replay.commanded(event);
  }
  return replay;
};

describe('a registry that is played again from the log', () => {
  it('is after every change what was read then, whatever was commanded', async () => {
    let made = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: moves.length - 1 }), { minLength: 3, maxLength: 10 }),
        fc.boolean(),
        async (steps, backwards) => {
          const world = await makeDecided();
          const read = new Map([[await world.registry.store.version(), await readAll(world)]]);
          for (const step of steps) {
            const move = moves[step];
            if (move === undefined || !(await attempt(world, move))) continue;
            made += 1;
            read.set(await world.registry.store.version(), await readAll(world));
          }
          const replay = replayOf(world, (n) => (backwards ? -n : n));
          for (const [n, snapshots] of read) {
            expect(replay.isWhole(n)).toBe(true);
            const t = replay.timeOf(n) ?? 0;
            const again = pairs.map((pair) => snapshotAt(replay, { n, t }, askingOf(pair)));
            expect(again).toEqual(snapshots);
          }
        },
      ),
      { numRuns: 25 },
    );
    expect(made).toBeGreaterThan(20);
  }, 120_000);

  it('knows the time of each change, and the newest one at a time', async () => {
    const world = await makeDecided();
    const replay = replayOf(world);
    const { first, last } = replay.span() ?? { first: 0, last: 0 };
    expect([first, last]).toEqual([1, await world.registry.store.version()]);
    for (let n = first; n <= last; n += 1) {
      const t = replay.timeOf(n) ?? 0;
      expect(replay.changeAt(t)).toBe(n);
      expect(replay.changeAt(t - 1)).toBe(n - 1);
    }
    expect(replay.timeOf(last + 1)).toBeUndefined();
  });

  it('is not whole beyond a change that is missing, or not understood', async () => {
    const world = await makeDecided();
    const events = leavesIn(world.journal);
    const without = replayRegistry();
    for (const event of events) if (event.n !== 6) without.commanded(event);
    expect([without.isWhole(5), without.isWhole(6), without.isWhole(9)]).toEqual([
      true,
      false,
      false,
    ]);
    const bent = replayRegistry();
    for (const event of events) {
      bent.commanded(
        event.n === 4
          ? {
              ...event,
              entries: canonicalJson({ entries: [{ kind: 'key', kid: 'x', version: 1 }] }),
            }
          : event,
      );
    }
    expect([bent.isWhole(3), bent.isWhole(4), bent.isWhole(9)]).toEqual([true, false, false]);
  });

  it('takes a change that is there twice once', async () => {
    const world = await makeDecided();
    const replay = replayOf(world);
    const [, second] = leavesIn(world.journal);
    if (second === undefined) throw new Error('no change');
    replay.commanded({ ...second, t: 5 });
    expect(replay.timeOf(2)).toBe(second.t);
  });

  it('says which change made a part of an entry what it is', async () => {
    const world = await makeDecided();
    const suspended = await world.send({
      do: 'licence.suspend',
      on: 3,
      with: { id: counterId, reason },
    });
    const renamed = await world.send({
      do: 'participant.rename',
      on: 4,
      with: { id: counterId, title: { fa: 'دفتر', en: 'Office' } },
    });
    const replay = replayOf(world);
    const point = { n: renamed.n, t: renamed.t };
    const made = replay.since(participantName(counterId), point, (entry) =>
      entry.kind === 'participant' ? entry.licence : undefined,
    );
    expect(made).toMatchObject({ n: suspended.n, command: { do: 'licence.suspend' } });
    const before = { n: suspended.n - 1, t: suspended.t };
    const issued = replay.since(participantName(counterId), before, (entry) =>
      entry.kind === 'participant' ? entry.licence : undefined,
    );
    expect(issued).toMatchObject({ command: { do: 'licence.issue', iss: 'registrar:cra' } });
    expect(replay.since(serviceName('telecom/nothing@1'), point, () => 1)).toBeUndefined();
  });
});

describe('entries from before there were commands', () => {
  const changed = (version: number, t: number, status: string) => {
    const entry = counterOf(counterId, { version, status });
    return {
      v: 1,
      k: 'registry',
      id: '01a9b4a5-3800-7abc-9def-0123456789ab',
      t,
      kind: 'participant',
      key: counterId,
      n: version,
      entry: entryText(entry),
    } as const;
  };

  it('count by their time, and use a number up each', () => {
    const replay = replayRegistry();
    replay.changed(changed(2, 2000, 'suspended'));
    replay.changed(changed(1, 1000, 'active'));
    const statusAt = (t: number) => {
      const entry = replay.stateAfter({ n: 2, t })(participantName(counterId))?.entry;
      return entry?.kind === 'participant' ? entry.status : undefined;
    };
    expect([999, 1000, 1999, 2000].map(statusAt)).toEqual([
      undefined,
      'active',
      'active',
      'suspended',
    ]);
    expect([replay.isWhole(2), replay.isWhole(3)]).toEqual([true, false]);
    expect([replay.isBlurred(2000 + 70_000), replay.isBlurred(2000 + 70_001)]).toEqual([
      true,
      false,
    ]);
  });

  it('make nothing whole when one of them is not what it says', () => {
    const replay = replayRegistry();
    replay.changed({ ...changed(1, 1000, 'active'), key: otherCounterId });
    expect(replay.isWhole(1)).toBe(false);
  });
});
