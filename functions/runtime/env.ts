import * as z from 'zod';
import { personAlgorithms, personTypes } from '#shared/api/person-token.ts';
import { ParticipantId, PublicJwk } from '#shared/message/claims.ts';
import { ConfidentialBases } from '#shared/registry/confidential-bases.ts';
import { isProviderUrl } from './oidc/provider-url.ts';

/** Digits and nothing else: an empty variable must not read as 0. */
const wholeNumber = z
  .string()
  .regex(/^[0-9]{1,9}$/)
  .transform(Number);

/** S3's rule for the name of a bucket, without the dots that TLS cannot serve. */
const bucketName = z.string().regex(/^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/);

/** The name of a Lambda function, or its ARN. */
const functionName = z.string().regex(/^[A-Za-z0-9:_-]{1,170}$/);

/** Words with white space between them: at least one. */
const words = z
  .string()
  .regex(/\S/)
  .transform((text): readonly string[] => text.trim().split(/\s+/));

/** What a text says as JSON; undefined, which no shape takes, when it is none. */
const jsonText = z.string().transform((text): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
});

/** A registrar and its public key, as JSON. */
const rootKey = jsonText.pipe(
  z.strictObject({ id: ParticipantId.regex(/^registrar:/), jwk: PublicJwk }),
);

const providerUrl = z.string().max(512).refine(isProviderUrl);

/** Whose tokens persons are known by (OpenID Connect); without an issuer, persons cannot ask. */
const personVariables = {
  OIDC_ISSUER: providerUrl.optional(),
  /** What must be in a token's `aud`; the origin where nothing is said. */
  OIDC_AUDIENCE: z.string().min(1).max(512).optional(),
  /** Where the issuer's keys are; without it, its own settings say so. */
  OIDC_JWKS_URI: providerUrl.optional(),
  OIDC_SUBJECT_CLAIM: z
    .string()
    .regex(/^[A-Za-z][\w.:/-]{0,127}$/)
    .default('national_id'),
  OIDC_SUBJECT_TYPE: z.enum(personTypes).default('ir-national-id'),
  OIDC_ALGORITHMS: words
    .pipe(z.array(z.enum(personAlgorithms)).min(1).readonly())
    .default(['RS256', 'PS256', 'ES256', 'EdDSA']),
  /** Legal bases of whose inquiries a person learns later. */
  CONFIDENTIAL_BASES: jsonText.pipe(ConfidentialBases).default({}),
};

/** What every process is told that calls AWS, or what speaks as AWS does. */
export const awsVariables = {
  AWS_REGION: z.string().default('eu-central-1'),
  /** Another DynamoDB-compatible store than AWS's own. */
  DYNAMODB_ENDPOINT: z.url().optional(),
  AWS_ENDPOINT_URL: z.url().optional(),
  AWS_ACCESS_KEY_ID: z.string().default('local'),
  AWS_SECRET_ACCESS_KEY: z.string().default('local'),
  AWS_SESSION_TOKEN: z.string().optional(),
  LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT']).default('INFO'),
};
export type AwsEnv = z.infer<z.ZodObject<typeof awsVariables>>;

/** Where a key that signs notes is: in KMS, or in a file (PEM of PKCS#8). */
export const noteKeyVariables = {
  NOTE_KEY_ARN: z.string().min(1).optional(),
  NOTE_KEY_FILE: z.string().min(1).optional(),
};
export type NoteKeyEnv = AwsEnv & z.infer<z.ZodObject<typeof noteKeyVariables>>;

type Variables = Readonly<Record<string, string | undefined>>;

const Environment = z
  .object({
    /** The public URL of this exchange, without a path or a slash at its end. */
    ESTELAM_ORIGIN: z.url({ protocol: /^https?$/ }).regex(/[^/]$/),
    JOURNAL_TABLE: z.string().min(1),
    REGISTRY_TABLE: z.string().min(1),
    JOURNAL_SHARDS: wholeNumber.pipe(z.int().min(1).max(64)).default(1),
    JOURNAL_SLOTS: wholeNumber.pipe(z.int().min(1).max(1024)).default(16),
    HOLD_SECONDS: wholeNumber.pipe(z.int().min(0).max(3600)).default(600),
    /** Where the exchange's secret is: a file, or a secret in Secrets Manager. */
    ESTELAM_SECRET_FILE: z.string().min(1).optional(),
    ESTELAM_SECRET_ARN: z.string().min(1).optional(),
    /** Who begins an empty registry, and with which key. */
    REGISTRY_ROOT: rootKey.optional(),
    /** Where the log's objects are, and what is staged for them: a bucket, or a directory. */
    OBJECTS_BUCKET: bucketName.optional(),
    OBJECTS_DIRECTORY: z.string().min(1).optional(),
    STAGING_BUCKET: bucketName.optional(),
    STAGING_DIRECTORY: z.string().min(1).optional(),
    /** Where what can be made again stands: the index of entries, the vault, exports, statistics. */
    DERIVED_BUCKET: bucketName.optional(),
    DERIVED_DIRECTORY: z.string().min(1).optional(),
    /** Another S3-compatible store than AWS's own. */
    OBJECTS_ENDPOINT: z.url().optional(),
    /** The tables of the log: heads, the trees that were signed last, places of entries. */
    LOG_TABLE: z.string().min(1).optional(),
    SIGNER_TABLE: z.string().min(1).optional(),
    INDEX_TABLE: z.string().min(1).optional(),
    /** Who was asked about: keyed pseudonyms and the inquiries they lead to, holds, erasures. */
    SUBJECT_TABLE: z.string().min(1).optional(),
    /** What may be lost without losing evidence: meters of quotas, notes of refusals, exports under way. */
    TRANSIENT_TABLE: z.string().min(1).optional(),
    /** The log's keys, one a shard in order: ARNs of KMS keys, or paths of PKCS#8 PEM files. */
    LOG_KEYS: words.optional(),
    /** The verifier keys of LOG_KEYS in their order (C2SP signed-note); without them, KMS is asked. */
    LOG_VKEYS: words.optional(),
    /** Which witnesses make a quorum (C2SP tlog-policy), without the lines of the log itself. */
    LOG_WITNESS_POLICY: z.string().default('quorum none'),
    /** How many days facts about persons, and pseudonyms of them, are kept. */
    RETENTION_DAYS: wholeNumber.pipe(z.int().min(1).max(36_500)).default(730),
    /** Functions that are invoked by Lambda; without them, this very process does their work. */
    SIGNER_FUNCTION: functionName.optional(),
    PUBLISHER_FUNCTION: functionName.optional(),
    /** Who may read the entries of the log. */
    LOG_ENTRIES: z.enum(['auditors', 'public']).default('auditors'),
    /** Within what time an entry is promised to be in the published log. */
    MERGE_DELAY_SECONDS: wholeNumber.pipe(z.int().min(60).max(86_400)).default(120),
    /** How far behind the log may be before new inquiries are refused. */
    SEQUENCING_LIMIT_SECONDS: wholeNumber.pipe(z.int().min(1)).default(3600),
    /** How long the log may be without a quorum of witnesses; 0: for ever. */
    WITNESS_LIMIT_SECONDS: wholeNumber.default(14_400),
    /** How many days the exchange's own key signs, and how many hours it is public before. */
    SIGNING_KEY_DAYS: wholeNumber.pipe(z.int().min(2).max(3650)).default(90),
    SIGNING_KEY_AHEAD_HOURS: wholeNumber.pipe(z.int().min(1).max(720)).default(24),
    ...personVariables,
    ...awsVariables,
  })
  .refine(
    ({ SIGNING_KEY_DAYS: days, SIGNING_KEY_AHEAD_HOURS: ahead }) => 2 * ahead <= 24 * days,
    'SIGNING_KEY_AHEAD_HOURS must be half of SIGNING_KEY_DAYS at most',
  )
  .refine(
    ({ ESTELAM_SECRET_FILE: file, ESTELAM_SECRET_ARN: arn }) => (file ?? arn) !== undefined,
    'ESTELAM_SECRET_FILE or ESTELAM_SECRET_ARN must be set',
  );

/** The settings of a process, read once. */
export type Env = z.infer<typeof Environment>;

/** Parses an environment; throws with the names of what is wrong, never with their values. */
export const parseEnv = <Settings>(
  shape: z.ZodType<Settings>,
  variables: Variables = process.env,
): Settings => {
  const parsed = shape.safeParse(variables);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The environment is not right: ${wrong.join('; ')}`);
};

/** The environment of the exchange's functions, as {@link parseEnv} reads it. */
export const readEnv = (variables: Variables = process.env): Env =>
  parseEnv(Environment, variables);
