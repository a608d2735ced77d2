import type { InquirySaid } from '../inquiry-said.ts';
import { type Census, censusFrom } from './census.ts';

/** What was said in the leaves that a census may still count: it says which only behind them. */
export type CensusWindow = {
  /** Takes the next leaf. */
  readonly take: (said: InquirySaid | 'unread' | undefined) => void;
  /** The census of the leaves from one index up to and without another; undefined where not all are held. */
  readonly census: (from: number, to: number) => Census | undefined;
};

/** Leaves that are held together. */
const chunkSize = 65_536;

/** The most leaves that are held: 32 MiB of them. */
export const maxHeld = 64 * chunkSize;

/** Codes of what is no key: a leaf of another kind, and an inquiry that cannot be read. */
const [none, unread, firstKey] = [0, 1, 2];

type Key = Pick<InquirySaid, 'agency' | 'service' | 'outcome'>;

type Chunk = { readonly counters: Uint32Array; readonly keys: Uint32Array };

/** Numbers texts in the order in which they are first met. */
const numbering = <Value>() => {
  const codes = new Map<string, number>();
  const values: Value[] = [];
  return {
    codeOf: (text: string, value: Value): number => {
      const known = codes.get(text);
      if (known !== undefined) return known;
      const code = firstKey + values.length;
      codes.set(text, code);
      values.push(value);
      return code;
    },
    valueOf: (code: number): Value | undefined => values[code - firstKey],
  };
};

const add = (counts: Map<string, number>, key: string, many: number): void => {
  counts.set(key, (counts.get(key) ?? 0) + many);
};

/**
 * Holds the leaves from `start` on, eight bytes each, up to `most` of them: the oldest are dropped then,
 * and a census that begins before what is held cannot be taken.
 */
export const censusWindow = (start: number, most: number = maxHeld): CensusWindow => {
  const counters = numbering<string>();
  const keys = numbering<Key>();
  const chunks = new Map<number, Chunk>();
  let held = start;
  let next = start;

  /** Drops the oldest leaves, a chunk of them. */
  const drop = (): void => {
    held += chunkSize;
    for (const at of chunks.keys()) if ((at + 1) * chunkSize <= held) chunks.delete(at);
  };

  const chunkOf = (index: number): Chunk => {
    const at = Math.floor(index / chunkSize);
    const standing = chunks.get(at);
    if (standing !== undefined) return standing;
    const made = { counters: new Uint32Array(chunkSize), keys: new Uint32Array(chunkSize) };
    chunks.set(at, made);
    return made;
  };

  return {
    take: (said) => {
      const chunk = chunkOf(next);
      const position = next % chunkSize;
      next += 1;
      if (next - held > most) drop();
      if (said === undefined) return;
      if (said === 'unread') {
        chunk.counters[position] = unread;
        return;
      }
      const { counter, agency, service, outcome } = said;
      chunk.counters[position] = counters.codeOf(counter, counter);
      chunk.keys[position] = keys.codeOf(`${service}\n${outcome}`, { agency, service, outcome });
    },
    census: (from, to) => {
      if (from < held || to > next || from > to) return undefined;
      const byCounter = new Map<number, number>();
      const byKey = new Map<number, number>();
      let n = 0;
      let unreadable = 0;
      for (let index = from; index < to; index += 1) {
        const chunk = chunkOf(index);
        const counter = chunk.counters[index % chunkSize] ?? none;
        if (counter === none) continue;
        n += 1;
        if (counter === unread) {
          unreadable += 1;
          continue;
        }
        const key = chunk.keys[index % chunkSize] ?? none;
        byCounter.set(counter, (byCounter.get(counter) ?? 0) + 1);
        byKey.set(key, (byKey.get(key) ?? 0) + 1);
      }
      const tables = {
        agency: new Map<string, number>(),
        counter: new Map<string, number>(),
        outcome: new Map<string, number>(),
        service: new Map<string, number>(),
      };
      for (const [code, many] of byCounter) add(tables.counter, counters.valueOf(code) ?? '', many);
      for (const [code, many] of byKey) {
        const { agency = '', service = '', outcome = '' } = keys.valueOf(code) ?? {};
        add(tables.agency, agency, many);
        add(tables.service, service, many);
        add(tables.outcome, outcome, many);
      }
      return censusFrom(tables, n, unreadable);
    },
  };
};
