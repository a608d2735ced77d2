import type { IConstruct } from 'constructs';
import * as z from 'zod';

/** The only retentions CloudWatch Logs takes, in days. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** What tells one deployment from another. Each key is a CDK context key: `cdk deploy -c origin=…`. */
export const Settings = z
  .strictObject({
    /** Names the stacks, so that several deployments can share an account. */
    environment: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,19}$/)
      .default('dev'),
    /** What callers sign as the audience of their messages: scheme and host, nothing after. */
    origin: z
      .url({ protocol: /^https$/ })
      .refine((url) => new URL(url).origin === url, 'an origin has no path and no trailing slash')
      .default('https://exchange.example'),
    /** Partitions a ten-second bucket is spread over: each takes about 1,000 write units a second. */
    journalSlots: count(1, 1024).default(16),
    /** Logs sequenced side by side; a slot belongs to `slot mod shards`. */
    journalShards: count(1, 64).default(1),
    /** Read units a second the journal serves from a standing start; AWS charges for raising it. */
    warmReadUnits: count(12_000, 1_000_000).optional(),
    /** Write units a second the journal serves from a standing start; three are spent an inquiry. */
    warmWriteUnits: count(4_000, 1_000_000).optional(),
    /** How long an answer can be fetched again by a counter whose connection broke. */
    holdSeconds: count(0, 3_600).default(600),
    logRetentionDays: z.coerce.number().pipe(z.literal(retentionDays)).default(90),
    /** Requests a second, and the burst above it, that the API lets through to all routes together. */
    throttlingRate: count(1, 100_000).default(1_000),
    throttlingBurst: count(1, 100_000).default(2_000),
    logLevel: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO'),
  })
  .refine((settings) => settings.journalShards <= settings.journalSlots, {
    path: ['journalShards'],
    message: 'a shard needs at least one slot',
  });
export type Settings = z.infer<typeof Settings>;

/** Reads the settings from the CDK context of `scope`; throws a message that names the key at fault. */
export const readSettings = (scope: IConstruct): Settings => {
  const given = Object.keys(Settings.shape).flatMap((key): [string, unknown][] => {
    const value: unknown = scope.node.tryGetContext(key);
    return value === undefined ? [] : [[key, value]];
  });
  const parsed = Settings.safeParse(Object.fromEntries(given));
  if (parsed.success) return parsed.data;
  throw new Error(
    `The CDK context does not fit infra/config.ts:\n${z.prettifyError(parsed.error)}`,
  );
};
