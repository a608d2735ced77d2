import { readFile, rename, writeFile } from 'node:fs/promises';

/** Gives the numbers of an agency's answers: 1, 2, 3 … without a gap. */
export type Sequence = () => Promise<number>;

export const memorySequence = (): Sequence => {
  let last = 0;
  return async () => {
    last += 1;
    return Promise.resolve(last);
  };
};

const readLast = async (path: string): Promise<number> => {
  try {
    const text = await readFile(path, 'utf8');
    if (!/^[0-9]{1,15}\n$/.test(text)) throw new Error(`${path} must hold one whole number.`);
    return Number(text);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error;
  }
};

/** A sequence that goes on after a restart: a number is on disk before it is given out. */
export const fileSequence = (path: string): Sequence => {
  let turn: Promise<number> | undefined;
  const next = async (before: Promise<number>): Promise<number> => {
    const number = (await before) + 1;
    await writeFile(`${path}.new`, `${number}\n`, { mode: 0o600 });
    await rename(`${path}.new`, path);
    return number;
  };
  return () => {
    // A write that failed is not built upon: the number is read again from the disk.
    const before = (turn ?? readLast(path)).catch(() => readLast(path));
    turn = next(before);
    return turn;
  };
};
