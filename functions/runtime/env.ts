import * as z from 'zod';

/** Digits and nothing else: an empty variable must not read as 0. */
const wholeNumber = z
  .string()
  .regex(/^[0-9]{1,9}$/)
  .transform(Number);

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
    AWS_REGION: z.string().default('eu-central-1'),
    /** Another DynamoDB-compatible store than AWS's own. */
    DYNAMODB_ENDPOINT: z.url().optional(),
    AWS_ENDPOINT_URL: z.url().optional(),
    AWS_ACCESS_KEY_ID: z.string().default('local'),
    AWS_SECRET_ACCESS_KEY: z.string().default('local'),
    AWS_SESSION_TOKEN: z.string().optional(),
    LOG_LEVEL: z.enum(['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT']).default('INFO'),
  })
  .refine(
    ({ ESTELAM_SECRET_FILE: file, ESTELAM_SECRET_ARN: arn }) => (file ?? arn) !== undefined,
    'ESTELAM_SECRET_FILE or ESTELAM_SECRET_ARN must be set',
  );

/** The settings of a process, read once. */
export type Env = z.infer<typeof Environment>;

/** Parses the environment; throws with the names of what is wrong, never with their values. */
export const readEnv = (
  variables: Readonly<Record<string, string | undefined>> = process.env,
): Env => {
  const parsed = Environment.safeParse(variables);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`The environment is not right: ${wrong.join('; ')}`);
};
