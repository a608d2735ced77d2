/** The last piece of work of each name, of this whole process. */
const last = new Map<string, Promise<unknown>>();

/** Does the pieces of work of one name one after another, in the order of their calls. */
export const oneAtATime = async <Result>(
  name: string,
  work: () => Promise<Result>,
): Promise<Result> => {
  const before = last.get(name) ?? Promise.resolve();
  const mine = before.then(work, work);
  last.set(name, mine);
  try {
    return await mine;
  } finally {
    if (last.get(name) === mine) last.delete(name);
  }
};
