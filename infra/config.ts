import type { IConstruct } from 'constructs';
import * as z from 'zod';
import { readContext } from './context.ts';

/** The only retentions CloudWatch Logs takes, in days. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731] as const;

export const count = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

/** Names the stacks of a deployment, and by that its log groups and its API. */
export const environmentName = z.string().regex(/^[a-z][a-z0-9-]{0,19}$/);

export const logRetention = z.coerce.number().pipe(z.literal(retentionDays)).default(90);
export const logLevel = z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR']).default('INFO');

/** The lines that a witness policy consists of (C2SP tlog-policy); the functions read it in full. */
const policyLine = /^[ \t]*(#.*|(witness|group|quorum)[ \t].*)?$/;
const quorumLine = /^[ \t]*quorum[ \t]+[^ \t]+[ \t]*$/;

/**
 * A tlog-policy without its `log` lines, which the functions add from the keys themselves. A `;` ends a
 * line too, because the command line of CDK takes one line only.
 */
const WitnessPolicy = z
  .string()
  .max(1_500)
  .transform((text) => text.replace(/[ \t]*;[ \t]*/g, '\n'))
  .refine(
    (text) => text.split('\n').every((line) => policyLine.test(line)),
    'has `witness`, `group` and `quorum` lines only: the lines of the log are added from its keys',
  )
  .refine(
    (text) => text.split('\n').filter((line) => quorumLine.test(line)).length === 1,
    'has one `quorum` line',
  );

/** A public key and its owner as JSON; the function that takes commands reads it in full. */
const RegistryRoot = z
  .string()
  .max(1_000)
  .regex(
    /^\{[ -~]*"id"[ -~]*\}$/,
    'is JSON in one line: {"id":"registrar:…","jwk":{…}}, the public key only',
  )
  .refine((text) => !/"d"/.test(text), 'holds a private key, which must not leave its owner');

/** Where a provider that knows persons is; the function that answers them reads it in full. */
const ProviderUrl = z.url({ protocol: /^https$/ }).max(512);

/** Legal bases as JSON in one line; the functions read it in full. */
const ConfidentialBases = z
  .string()
  .max(1_500)
  .regex(
    /^\{[ -~]*\}$/,
    'is JSON in one line: {"<code of a basis>":{"days":30,"class":"<kind of matter>"}}',
  );

/** What tells one deployment from another. Each key is a CDK context key: `cdk deploy -c origin=…`. */
export const Settings = z
  .strictObject({
    /** Names the stacks, so that several deployments can share an account. */
    environment: environmentName.default('dev'),
    /** What callers sign as the audience of their messages: scheme and host, nothing after. */
    origin: z
      .url({ protocol: /^https$/ })
      .refine((url) => new URL(url).origin === url, 'an origin has no path and no trailing slash')
      .default('https://exchange.example'),
    /** Partitions a ten-second bucket is spread over: each takes about 1,000 write units a second. */
    journalSlots: count(1, 1024).default(16),
    /**
     * Logs sequenced side by side; a slot belongs to `slot mod shards`. Each has a key of its own,
     * and their ARNs must fit the 4 KB that a function's environment may have.
     */
    journalShards: count(1, 16).default(1),
    /** Read units a second the journal serves from a standing start; AWS charges for raising it. */
    warmReadUnits: count(12_000, 1_000_000).optional(),
    /** Write units a second the journal serves from a standing start; three are spent an inquiry. */
    warmWriteUnits: count(4_000, 1_000_000).optional(),
    /** How long an answer can be fetched again by a counter whose connection broke. */
    holdSeconds: count(0, 3_600).default(600),
    /** Within what time an entry is promised to be in the published log. */
    mergeDelaySeconds: count(60, 86_400).default(120),
    /** How far behind the log may be before new inquiries are refused. */
    sequencingLimitSeconds: count(1, 604_800).default(3_600),
    /** How long the log may be without a quorum of witnesses before that; 0: for ever. */
    witnessLimitSeconds: count(0, 604_800).default(14_400),
    /** How long the exchange's own key signs before the next one does. */
    signingKeyDays: count(2, 3_650).default(90),
    /** How long the next one can be known to everybody before it signs for the first time. */
    signingKeyAheadHours: count(1, 720).default(24),
    /** Which witnesses make a quorum, where they are, and under which keys. */
    witnessPolicy: WitnessPolicy.default('quorum none'),
    /** The registrar and the public key that begin the registry (JSON of `id` and `jwk`), until it has. */
    registryRoot: RegistryRoot.optional(),
    /** Who may read the entries of the log; its tree is public in any case. */
    logEntries: z.enum(['auditors', 'public']).default('auditors'),
    /** The OpenID Connect issuer whose tokens persons are known by; without one they cannot ask. */
    oidcIssuer: ProviderUrl.optional(),
    /** What must be in the `aud` of such a token; the origin where nothing is said. */
    oidcAudience: z.string().min(1).max(512).optional(),
    /** Where its keys are; without it, its own settings say so. */
    oidcJwksUri: ProviderUrl.optional(),
    /** The claim that holds a person's number, and which kind of number it is. */
    oidcSubjectClaim: z
      .string()
      .regex(/^[A-Za-z][\w.:/-]{0,127}$/)
      .default('national_id'),
    oidcSubjectType: z.enum(['ir-national-id', 'ir-legal-id']).default('ir-national-id'),
    /** Signature algorithms of such tokens, with spaces between them. */
    oidcAlgorithms: z
      .string()
      .regex(
        /^(?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519)(?: (?:(?:RS|PS|ES)(?:256|384|512)|EdDSA|Ed25519))*$/,
      )
      .default('RS256 PS256 ES256 EdDSA'),
    /** Legal bases of whose inquiries a person learns only after some days. */
    confidentialBases: ConfidentialBases.default('{}'),
    /** How long no one, this account's root included, can delete an object of the log. */
    objectRetentionDays: count(1, 36_500).default(3_650),
    /** How long facts about persons, and pseudonyms of them, are kept, unless a hold keeps them. */
    retentionDays: count(1, 36_500).default(730),
    logRetentionDays: logRetention,
    /** Requests a second, and the burst above it, that the API lets through to all routes together. */
    throttlingRate: count(1, 100_000).default(1_000),
    throttlingBurst: count(1, 100_000).default(2_000),
    logLevel,
  })
  .refine((settings) => settings.journalShards <= settings.journalSlots, {
    path: ['journalShards'],
    message: 'a shard needs at least one slot',
  })
  .refine((settings) => 2 * settings.signingKeyAheadHours <= 24 * settings.signingKeyDays, {
    path: ['signingKeyAheadHours'],
    message: 'a key is announced in the second half of the time of the one before',
  });
export type Settings = z.infer<typeof Settings>;

/** Reads the settings from the CDK context of `scope`; throws a message that names the key at fault. */
export const readSettings = (scope: IConstruct): Settings =>
  readContext(scope, Settings, 'infra/config.ts');
