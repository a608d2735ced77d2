import type { Settings } from './config.ts';
import { type BucketName, type ExchangeFunctionName, grantOf, type TableName } from './grants.ts';

type Ledger = {
  readonly tables: Readonly<Record<TableName, { readonly tableName: string }>>;
  readonly buckets: Readonly<Record<BucketName, { readonly bucketName: string }>>;
  readonly logKeys: readonly { readonly keyArn: string }[];
  readonly secretArn: string;
};

/** The names of the functions that others invoke; empty for those that invoke none. */
export type Invoked = Readonly<Record<'sign-checkpoint' | 'publish-log', string>>;

/** What takes away what is not kept any longer, and what says to persons how far back is known. */
const retaining: ReadonlySet<ExchangeFunctionName> = new Set(['run-erasures', 'read-subject']);

/** Those that answer persons, and that say publicly how. */
const knowingPersons: ReadonlySet<ExchangeFunctionName> = new Set([
  'read-subject',
  'read-well-known',
]);

/** Those that decide under confidential bases, tell of them, or keep what was asked under one back. */
const knowingBases: ReadonlySet<ExchangeFunctionName> = new Set([
  'submit-inquiry',
  'read-diagnosis',
  'read-audit',
  ...knowingPersons,
]);

const personVariables = (settings: Settings): Readonly<Record<string, string>> => ({
  ...(settings.oidcIssuer !== undefined && { OIDC_ISSUER: settings.oidcIssuer }),
  ...(settings.oidcAudience !== undefined && { OIDC_AUDIENCE: settings.oidcAudience }),
  ...(settings.oidcJwksUri !== undefined && { OIDC_JWKS_URI: settings.oidcJwksUri }),
  OIDC_SUBJECT_CLAIM: settings.oidcSubjectClaim,
  OIDC_SUBJECT_TYPE: settings.oidcSubjectType,
  OIDC_ALGORITHMS: settings.oidcAlgorithms,
});

/**
 * The environment of a function (functions/runtime/env.ts): how the exchange is set up, and the names
 * of what its row of grants lets it touch. There is no secret in it, only where the secret is.
 */
export const environmentOf = (
  name: ExchangeFunctionName,
  settings: Settings,
  { tables, buckets, logKeys, secretArn }: Ledger,
  invoked: Invoked,
): Readonly<Record<string, string>> => {
  const grant = grantOf(name);
  const { invokes = [] } = grant;
  return {
    ESTELAM_ORIGIN: settings.origin,
    ESTELAM_SECRET_ARN: secretArn,
    JOURNAL_TABLE: tables.journal.tableName,
    REGISTRY_TABLE: tables.registry.tableName,
    JOURNAL_SHARDS: String(settings.journalShards),
    JOURNAL_SLOTS: String(settings.journalSlots),
    HOLD_SECONDS: String(settings.holdSeconds),
    MERGE_DELAY_SECONDS: String(settings.mergeDelaySeconds),
    SEQUENCING_LIMIT_SECONDS: String(settings.sequencingLimitSeconds),
    WITNESS_LIMIT_SECONDS: String(settings.witnessLimitSeconds),
    LOG_ENTRIES: settings.logEntries,
    LOG_LEVEL: settings.logLevel,
    ...(name === 'rotate-key' && {
      SIGNING_KEY_DAYS: String(settings.signingKeyDays),
      SIGNING_KEY_AHEAD_HOURS: String(settings.signingKeyAheadHours),
    }),
    ...(retaining.has(name) && { RETENTION_DAYS: String(settings.retentionDays) }),
    ...(name === 'run-command' &&
      settings.registryRoot !== undefined && { REGISTRY_ROOT: settings.registryRoot }),
    ...(knowingPersons.has(name) && personVariables(settings)),
    ...(knowingBases.has(name) && { CONFIDENTIAL_BASES: settings.confidentialBases }),
    ...(grant.tables.log && { LOG_TABLE: tables.log.tableName }),
    ...(grant.tables.signer && { SIGNER_TABLE: tables.signer.tableName }),
    ...(grant.tables.index && { INDEX_TABLE: tables.index.tableName }),
    ...(grant.tables.transient && { TRANSIENT_TABLE: tables.transient.tableName }),
    ...(grant.tables.subject && { SUBJECT_TABLE: tables.subject.tableName }),
    ...(grant.buckets?.objects && { OBJECTS_BUCKET: buckets.objects.bucketName }),
    ...(grant.buckets?.staging && { STAGING_BUCKET: buckets.staging.bucketName }),
    ...(grant.buckets?.derived && { DERIVED_BUCKET: buckets.derived.bucketName }),
    ...(grant.logKeys && {
      LOG_KEYS: logKeys.map(({ keyArn }) => keyArn).join(' '),
      LOG_WITNESS_POLICY: settings.witnessPolicy,
    }),
    ...(invokes.includes('sign-checkpoint') && { SIGNER_FUNCTION: invoked['sign-checkpoint'] }),
    ...(invokes.includes('publish-log') && { PUBLISHER_FUNCTION: invoked['publish-log'] }),
  };
};
