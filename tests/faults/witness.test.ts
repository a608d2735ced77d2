import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AddCheckpoint, formatAddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import type { LatestTree, Tree } from '#shared/audit/latest-tree.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { readCosignatures } from '#shared/audit/read-cosignatures.ts';
import type { Hash } from '#shared/audit/tlog/hash.ts';
import { addCheckpoint, type Witness } from '#shared/audit/witness.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import {
  checkpointOver,
  consistencyOf,
  growthOver,
  leavesOf,
  strangeHash,
  textOver,
} from '#tests/support/test-log.ts';
import { makeTurns } from './turns.ts';

const origin = 'exchange.example/log/0';
const log = noteKey(origin, 'ed25519');
const signer = noteKey('witness.example/w', 'cosignature');
const now = () => 1_800_000_000_000;

const witnessOver = (latest: LatestTree, by: Witness['signer'] = signer) => {
  const add = addCheckpoint({ logs: [log.verifier], latest, signer: by, now });
  return (request: AddCheckpoint) => add(formatAddCheckpoint(request));
};

/** A tree of the log, or of what it tells others: branches part from the first at these sizes. */
const forks = { '': 0, ' forked early': 2, ' forked late': 7 } as const;
type Branch = keyof typeof forks;
const branches = ['', ' forked early', ' forked late'] as const;

const proofs = [
  'honest',
  'honest',
  'honest',
  'of another branch',
  'cut',
  'longer',
  'none',
] as const;

type Request = {
  readonly branch: Branch;
  /** How many leaves more than the witness has on record, or fewer. */
  readonly more: number;
  /** What the witness is told that it has: what it has, or any size. */
  readonly old: number | 'on record';
  readonly proof: (typeof proofs)[number];
};

const request: fc.Arbitrary<Request> = fc.record({
  branch: fc.constantFrom<Branch>('', '', ...branches),
  more: fc.integer({ min: -3, max: 5 }),
  old: fc.oneof(
    { weight: 4, arbitrary: fc.constant('on record' as const) },
    { weight: 1, arbitrary: fc.nat({ max: 20 }) },
  ),
  proof: fc.constantFrom(...proofs),
});

const largest = 24;

const treeOf = (branch: Branch, size: number): readonly string[] =>
  leavesOf(size, branch, forks[branch]);

/** Signing them again and again would be most of the time of a run. */
const checkpoints = new Map<string, Promise<Uint8Array>>();

const checkpointOf = (branch: Branch, size: number): Promise<Uint8Array> => {
  const key = `${size}${branch}`;
  const made =
    checkpoints.get(key) ?? checkpointOver(origin, { leaves: treeOf(branch, size) }, [log]);
  checkpoints.set(key, made);
  return made;
};

const honestProof = (old: number, leaves: readonly string[]): readonly Hash[] =>
  old > leaves.length ? [strangeHash] : consistencyOf(old, leaves);

const proofOf = ({ proof, branch }: Request, old: number, size: number): readonly Hash[] => {
  const honest = honestProof(old, treeOf(branch, size));
  switch (proof) {
    case 'honest':
      return honest;
    case 'of another branch':
      return honestProof(old, treeOf(branch === '' ? ' forked early' : '', size));
    case 'cut':
      return honest.slice(1);
    case 'longer':
      return [...honest, strangeHash];
    case 'none':
      return [];
  }
};

const isPrefix = (a: readonly string[], b: readonly string[]): boolean =>
  a.length <= b.length && a.every((leaf, n) => leaf === b[n]);

const away = (): Promise<never> => Promise.reject(new Problem('store-unavailable', 'Away.'));

/** Everything that came of one run. */
type Run = {
  readonly cosigned: readonly (readonly string[])[];
  /** Each size that stood on record, in the order in which it came to stand. */
  readonly sizes: readonly bigint[];
  readonly statuses: readonly number[];
};

/** One witness of several processes: requests one at a time or at once, and any call may be lost. */
const run = async (
  groups: readonly (readonly Request[])[],
  draws: readonly number[],
): Promise<Run> => {
  let at = 0;
  const draw = (below: number): number => {
    at += 1;
    return ((draws[at % draws.length] ?? 0) + at) % below;
  };
  const { store, dump } = memoryLatestTree();
  const sizes: bigint[] = [];
  const cosigned: (readonly string[])[] = [];
  const statuses: number[] = [];
  for (const group of groups) {
    const turns = makeTurns(draw);
    const troubled = async <Result>(effect: () => Promise<Result>): Promise<Result> => {
      await turns.turn();
      const fate = draw(16);
      if (fate === 0) return away();
      const result = await effect();
      if (fate === 1) return away();
      await turns.turn();
      return result;
    };
    const latest: LatestTree = {
      read: (name) => troubled(() => store.read(name)),
      compareAndSwap: (name, expected: Tree | undefined, next) =>
        troubled(async () => {
          const swapped = await store.compareAndSwap(name, expected, next);
          const size = dump().get(origin)?.size;
          if (size !== undefined) sizes.push(size);
          return swapped;
        }),
    };
    const send = witnessOver(latest, {
      ...signer,
      sign: (message) => troubled(() => signer.sign(message)),
    });
    const one = async (wish: Request): Promise<void> => {
      await turns.turn();
      const known = Number(dump().get(origin)?.size ?? 0n);
      const size = Math.min(Math.max(known + wish.more, 0), largest);
      const leaves = treeOf(wish.branch, size);
      const old = wish.old === 'on record' ? known : wish.old;
      const answer = await send({
        oldSize: BigInt(old),
        proof: proofOf(wish, old, size),
        checkpoint: await checkpointOf(wish.branch, size),
      });
      statuses.push(answer.status);
      if (readCosignatures(answer.body, textOver(origin, { leaves }), signer.verifier)) {
        cosigned.push(leaves);
      }
    };
    group.forEach((wish) => turns.start(() => one(wish)));
    await turns.ended();
  }
  return { cosigned, sizes, statuses };
};

describe('any sequence of requests to a witness', () => {
  it('cosigns one log only, and its record never shrinks', async () => {
    const tally = new Map<number, number>();
    let longest = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(request, { minLength: 1, maxLength: 4 }), {
          minLength: 1,
          maxLength: 12,
        }),
        fc.array(fc.nat({ max: 1000 }), { minLength: 30, maxLength: 60 }),
        async (groups, draws) => {
          const { cosigned, sizes, statuses } = await run(groups, draws);
          for (const a of cosigned) {
            expect(cosigned.filter((b) => !isPrefix(a, b) && !isPrefix(b, a))).toEqual([]);
          }
          expect(sizes).toEqual(sizes.toSorted((a, b) => Number(a - b)));
          longest = Math.max(longest, new Set(cosigned.map(({ length }) => length)).size);
          statuses.forEach((status) => tally.set(status, (tally.get(status) ?? 0) + 1));
        },
      ),
      { numRuns: 250 },
    );
    // A run that met none of these would prove nothing.
    const wanted = [200, 400, 409, 422, 503];
    expect(wanted.filter((status) => (tally.get(status) ?? 0) < 40)).toEqual([]);
    expect(longest).toBeGreaterThan(4);
  });
});

describe('two requests at once', () => {
  /** A witness that has a tree of 3 leaves on record. */
  const standing = async () => {
    const latest = memoryLatestTree();
    const send = witnessOver(latest.store);
    await send(await growthOver(origin, 0, leavesOf(3)));
    return { latest, send, size: () => latest.dump().get(origin)?.size };
  };

  it('for trees of one log: whoever comes second starts from the first', async () => {
    const { latest, send, size } = await standing();
    const pause = latest.faults.pauseCall('compareAndSwap', 'before');
    const slow = send(await growthOver(origin, 3, leavesOf(5)));
    await pause.reached;
    expect(await send(await growthOver(origin, 3, leavesOf(8)))).toMatchObject({ status: 200 });
    pause.release();
    // Of C2SP tlog-witness, add-checkpoint, the race at its end: nothing is rolled back.
    expect(await slow).toMatchObject({ status: 409, type: 'text/x.tlog.size', body: '8\n' });
    expect(size()).toBe(8n);
  });

  it('for two forks: only one is cosigned', async () => {
    const { latest, send, size } = await standing();
    const pause = latest.faults.pauseCall('compareAndSwap', 'before');
    const fork = send(await growthOver(origin, 3, leavesOf(5, ' forked', 4)));
    await pause.reached;
    expect(await send(await growthOver(origin, 3, leavesOf(5)))).toMatchObject({ status: 200 });
    pause.release();
    expect(await fork).toMatchObject({ status: 409, body: '5\n' });
    expect(size()).toBe(5n);
  });

  it('for the first tree of a log: only one is cosigned', async () => {
    const latest = memoryLatestTree();
    const send = witnessOver(latest.store);
    const pause = latest.faults.pauseCall('compareAndSwap', 'before');
    const fork = send(await growthOver(origin, 0, leavesOf(5, ' forked')));
    await pause.reached;
    expect(await send(await growthOver(origin, 0, leavesOf(5)))).toMatchObject({ status: 200 });
    pause.release();
    expect(await fork).toMatchObject({ status: 409, body: '5\n' });
  });

  it('for the very same tree: both are cosigned', async () => {
    const { latest, send } = await standing();
    const pause = latest.faults.pauseCall('compareAndSwap', 'before');
    const first = send(await growthOver(origin, 3, leavesOf(5)));
    await pause.reached;
    expect(await send(await growthOver(origin, 3, leavesOf(5)))).toMatchObject({ status: 200 });
    pause.release();
    expect(await first).toMatchObject({ status: 200 });
  });

  it('the one that read before and wrote after another that read later', async () => {
    const { latest, send, size } = await standing();
    const pause = latest.faults.pauseCall('read', 'after');
    const slow = send(await growthOver(origin, 3, leavesOf(4)));
    await pause.reached;
    expect(await send(await growthOver(origin, 3, leavesOf(4)))).toMatchObject({ status: 200 });
    expect(await send(await growthOver(origin, 4, leavesOf(9)))).toMatchObject({ status: 200 });
    pause.release();
    expect(await slow).toMatchObject({ status: 409, body: '9\n' });
    expect(size()).toBe(9n);
  });

  it('a process that died between its record and its signature leaves the tree to others', async () => {
    const { latest, send } = await standing();
    const crash = latest.faults.pauseCall('compareAndSwap', 'after');
    const dead = send(await growthOver(origin, 3, leavesOf(6)));
    await crash.reached;
    expect(await send(await growthOver(origin, 3, leavesOf(6)))).toMatchObject({ body: '6\n' });
    expect(await send(await growthOver(origin, 6, leavesOf(6)))).toMatchObject({ status: 200 });
    crash.release();
    expect(await dead).toMatchObject({ status: 200 });
  });
});
