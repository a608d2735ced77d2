import * as z from 'zod';
import { type Child, startChild } from './child.ts';

/**
 * Connections to open before a load. Node.js takes up one new connection in a turn of its event
 * loop, so a stampede of strangers would be measured instead of inquiries.
 */
export const ConnectOrder = z.object({ connections: z.int().min(1) });
export type ConnectOrder = z.infer<typeof ConnectOrder>;

export const Connected = z.object({ connected: z.literal(true) });
export type Connected = z.infer<typeof Connected>;

/** What the load generator is told to do. */
export const LoadOrder = z.object({
  /** Inquiries under way at any time. */
  concurrency: z.int().min(1),
  seconds: z.number(),
  /** One question again and again, or one of each service in turn. */
  ask: z.enum(['identity', 'every service']),
  /** Inquiries to begin in a second; as many as come about when it is not said. */
  perSecond: z.number().optional(),
});
export type LoadOrder = z.infer<typeof LoadOrder>;

export const LoadResult = z.object({
  /** Until the last answer. */
  milliseconds: z.number(),
  /** Microseconds of CPU that the generator used itself. */
  cpu: z.number(),
  /** Milliseconds of every inquiry, from its first byte out to its last byte in. */
  latencies: z.array(z.number()),
  /** How often what else than a receipt came back. */
  failures: z.record(z.string(), z.number()),
  /** When each receipt came (milliseconds since 1970), and the leaf hash that it promises. */
  receipts: z.array(z.object({ at: z.number(), leaf: z.string() })),
});
export type LoadResult = z.infer<typeof LoadResult>;

const Ready = z.object({ ready: z.literal(true) });

export const startLoadGenerator = async (keys: string, origin: string): Promise<Child> => {
  const file = new URL('load-generator.ts', import.meta.url);
  const generator = startChild(file, { args: [keys, origin] });
  await generator.hear(Ready);
  return generator;
};

export const failuresOf = ({ failures }: LoadResult): readonly string[] =>
  Object.entries(failures).map(([what, count]) => `${count} × ${what}`);
