import { readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import * as z from 'zod';
import { type LatestTree, sameTree, type Tree } from '#shared/audit/latest-tree.ts';
import { fromBase64, toBase64 } from '#shared/audit/tlog/base64.ts';
import { parseUint64 } from '#shared/audit/tlog/decimal.ts';
import { hashSize } from '#shared/audit/tlog/hash.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { lockFile } from '../file-lock.ts';
import { codeOf, makeFile, replaceFile } from './durable-file.ts';

type Trees = ReadonlyMap<string, Tree>;

const Size = z.string().transform((text, context) => {
  const size = parseUint64(text);
  if (size !== undefined) return size;
  context.addIssue('is no size');
  return z.NEVER;
});

const Root = z.string().transform((text, context) => {
  const root = fromBase64(text);
  if (root?.length === hashSize) return root;
  context.addIssue('is no hash');
  return z.NEVER;
});

const StoredTree = z.strictObject({ origin: z.string().min(1), size: Size, root: Root });

/** `{"v":1,"trees":[{"origin":…,"size":"5","root":"base64"}]}`; no origin stands there twice. */
const State = z
  .strictObject({ v: z.literal(1), trees: z.array(StoredTree) })
  .refine(({ trees }) => new Set(trees.map(({ origin }) => origin)).size === trees.length);

const format = (trees: Trees): string => {
  const stored = [...trees].map(([origin, { size, root }]) => ({
    origin,
    size: String(size),
    root: toBase64(root),
  }));
  return `${JSON.stringify({ v: 1, trees: stored }, undefined, 2)}\n`;
};

const parse = (text: string, path: string): Trees => {
  try {
    const { trees } = State.parse(JSON.parse(text));
    return new Map(trees.map(({ origin, size, root }) => [origin, { size, root }]));
  } catch {
    throw new Error(
      `${path} is damaged: restore it. A witness that forgot what it signed must not sign again.`,
    );
  }
};

/** Where the file really is: two names of it must meet one lock. */
const resolvePath = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
    return join(await realpath(dirname(path)), basename(path));
  }
};

const unlessBroken = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (cause) {
    const said = 'The trees on record cannot be had; nothing was signed.';
    throw new Problem('store-unavailable', said, { retryAfter: 2 }, { cause });
  }
};

/** Does pieces of work one after another, whether or not those before failed. */
const queue = () => {
  let last: Promise<unknown> = Promise.resolve();
  return <Result>(work: () => Promise<Result>): Promise<Result> => {
    const mine = last.then(work, work);
    last = mine;
    return mine;
  };
};

/** Two witnesses of one memory could sign two trees of one log. */
const lockState = (path: string): (() => void) => {
  const lock = lockFile(`${path}.lock`);
  if (lock === 'taken') throw new Error(`${path} is in use by another witness that runs.`);
  return lock;
};

export type StateFile = {
  readonly store: LatestTree;
  /** Lets go of the file, after what was begun. */
  readonly close: () => Promise<void>;
};

/**
 * The signed trees in one JSON file, for one process at a time. It is made when it is absent; rejects
 * when another process has it, and when it is damaged: that is never an empty one.
 *
 * The file is the whole memory of its witness, and nothing here can see that an older copy of it was
 * put back. Such a witness can sign a second tree of the same sizes; so keep it out of restores, and
 * give a machine that was set back a new key. Logs are safe from that as long as a quorum of their
 * witnesses is not set back.
 */
export const openStateFile = async (name: string): Promise<StateFile> => {
  const path = await resolvePath(name);
  const unlock = lockState(path);
  const load = async (): Promise<Trees> => parse(await readFile(path, 'utf8'), path);
  try {
    if (!(await makeFile(path, format(new Map())))) await load();
  } catch (error) {
    unlock();
    throw error;
  }
  const inTurn = queue();
  // It is read anew each time: after a failed write, only the file knows what stands.
  const store: LatestTree = {
    read: (origin) => inTurn(() => unlessBroken(async () => (await load()).get(origin))),
    compareAndSwap: (origin, expected, next) =>
      inTurn(() =>
        unlessBroken(async () => {
          const trees = await load();
          const standing = trees.get(origin);
          if (sameTree(standing, next)) return 'written';
          if (!sameTree(standing, expected)) return { standing };
          await replaceFile(path, format(new Map(trees).set(origin, next)));
          return 'written';
        }),
      ),
  };
  return { store, close: () => inTurn(async () => unlock()) };
};
