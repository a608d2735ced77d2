import { toInput } from '../../persian/text.ts';
import { participantName } from '../../registry/entry.ts';
import type { RegistryStore } from '../../registry/ports.ts';

/** The province of a counter by the licence that it had on a day; undefined when it had none. */
export type ProvinceThen = (counter: string, t: number) => Promise<string | undefined>;

const day = 86_400_000;

/** Answers that are remembered: every counter of a country, for two days. */
const mostKept = 40_000;

/** What stood from one time to another, both included: `version` 0 where nothing did. */
type Stood = {
  readonly from: number;
  readonly to: number;
  readonly version: number;
  readonly province: string | undefined;
};

/**
 * Reads where counters were on a day, which never changes: as of its first instant in UTC, or as of the
 * time that is asked for when the counter was not registered then. Rejects with `store-unavailable`.
 */
export const provinceThen = ({ asOf }: Pick<RegistryStore, 'asOf'>): ProvinceThen => {
  const kept = new Map<string, Stood>();
  const keep = (key: string, stood: Stood): Stood => {
    kept.delete(key);
    if (kept.size >= mostKept) kept.delete(kept.keys().next().value ?? '');
    kept.set(key, stood);
    return stood;
  };
  const standing = async (counter: string, t: number): Promise<Stood> => {
    const entry = await asOf(participantName(counter), t);
    if (entry?.kind !== 'participant') return { from: t, to: t, version: 0, province: undefined };
    const { version, licence } = entry;
    return { from: t, to: t, version, province: licence && toInput(licence.province) };
  };
  return async (counter, t) => {
    const start = Math.floor(t / day) * day;
    const key = `${counter} ${start}`;
    const known = kept.get(key);
    if (known !== undefined && known.from <= t && t <= known.to) return known.province;
    const first = known === undefined ? await standing(counter, start) : undefined;
    if (first !== undefined && first.version > 0) {
      return keep(key, { ...first, to: start + day - 1 }).province;
    }
    // Registered on that very day: between two times with one version nothing was changed.
    const then = await standing(counter, t);
    const from = known?.version === then.version ? Math.min(known.from, t) : t;
    const to = known?.version === then.version ? Math.max(known.to, t) : t;
    return keep(key, { ...then, from, to }).province;
  };
};
