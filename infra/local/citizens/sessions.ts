/** What the provider keeps of one sign-in: a code, a grant, a session. */
type Kept = Readonly<Record<string, unknown>> & {
  readonly grantId?: string;
  readonly uid?: string;
};

type Entry = { readonly payload: Kept; readonly until: number };

/** How the package wants its state kept, by the kind of thing that it is (its `Adapter`). */
type Adapter = {
  readonly upsert: (id: string, payload: Kept, expiresIn?: number) => Promise<void>;
  readonly find: (id: string) => Promise<Kept | undefined>;
  readonly findByUid: (uid: string) => Promise<Kept | undefined>;
  readonly findByUserCode: () => Promise<undefined>;
  readonly consume: (id: string) => Promise<void>;
  readonly destroy: (id: string) => Promise<void>;
  readonly revokeByGrantId: (grantId: string) => Promise<void>;
};

/** Sign-ins in memory: they end with the process. */
export const memorySessions = (): ((model: string) => Adapter) => {
  const entries = new Map<string, Entry>();
  const forget = (isGone: (entry: Entry) => boolean): void => {
    for (const [key, entry] of entries) if (isGone(entry)) entries.delete(key);
  };
  return (model) => {
    const keyOf = (id: string): string => `${model} ${id}`;
    const standing = (id: string): Kept | undefined => {
      const entry = entries.get(keyOf(id));
      return entry !== undefined && Date.now() < entry.until ? entry.payload : undefined;
    };
    return {
      upsert: async (id, payload, expiresIn = 3600) => {
        const now = Date.now();
        forget(({ until }) => until <= now);
        entries.set(keyOf(id), { payload, until: now + expiresIn * 1000 });
      },
      find: async (id) => standing(id),
      findByUid: async (uid) =>
        [...entries.values()].find(({ payload }) => payload.uid === uid)?.payload,
      findByUserCode: async () => undefined,
      consume: async (id) => {
        const entry = entries.get(keyOf(id));
        if (entry === undefined) return;
        const payload = { ...entry.payload, consumed: Math.floor(Date.now() / 1000) };
        entries.set(keyOf(id), { ...entry, payload });
      },
      destroy: async (id) => {
        entries.delete(keyOf(id));
      },
      revokeByGrantId: async (grantId) => forget(({ payload }) => payload.grantId === grantId),
    };
  };
};
