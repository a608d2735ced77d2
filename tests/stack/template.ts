import type { Template } from 'aws-cdk-lib/assertions';
import * as z from 'zod';

const strings = z.union([z.string().transform((one) => [one]), z.array(z.string())]);

/** What CloudFormation shows for a value it computes; we only look whose value it is. */
const Intrinsic = z.record(z.string(), z.unknown());

const Function = z.object({
  Description: z.string(),
  Runtime: z.string(),
  Architectures: z.array(z.string()),
  Handler: z.string(),
  MemorySize: z.int(),
  Timeout: z.int(),
  TracingConfig: z.unknown().optional(),
  LoggingConfig: z.object({ LogGroup: z.object({ Ref: z.string() }) }),
  Role: Intrinsic,
  ReservedConcurrentExecutions: z.int().optional(),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const Statement = z.object({
  Effect: z.literal('Allow'),
  Action: strings,
  Resource: z.union([z.string(), Intrinsic, z.array(z.union([z.string(), Intrinsic]))]),
  Condition: z.unknown().optional(),
});

const Policy = z.object({
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
  Roles: z.array(Intrinsic),
});

const Resource = z.object({ Properties: z.unknown() });

const resourcesOf = <T>(template: Template, type: string, properties: z.ZodType<T>) =>
  Object.entries(template.findResources(type)).map(([id, resource]) => ({
    id,
    properties: properties.parse(Resource.parse(resource).Properties),
  }));

/** The functions of a template, each by the name of its folder. */
export const functionsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Lambda::Function', Function).map(({ id, properties }) => ({
    id,
    name: properties.Description.split(': ').at(-1) ?? '',
    ...properties,
  }));

/** The logical id of a role, by its ARN or its name, be it of this stack or exported by another. */
const roleId = (reference: unknown): string =>
  /(?:GetAtt|Ref|"Fn::GetAtt":\["|"Ref":")([A-Z][A-Za-z]*Role[0-9A-F]{8})/.exec(
    JSON.stringify(reference),
  )?.[1] ?? 'no role';

/** All that the role of the named function allows. */
export const statementsOf = (template: Template, name: string) => {
  const roles = functionsOf(template)
    .filter((fn) => fn.name === name)
    .map(({ Role }) => roleId(Role));
  return resourcesOf(template, 'AWS::IAM::Policy', Policy)
    .filter(({ properties }) => properties.Roles.some((role) => roles.includes(roleId(role))))
    .flatMap(({ properties }) => properties.PolicyDocument.Statement);
};

const Route = z.object({
  RouteKey: z.string(),
  Target: z.object({
    'Fn::Join': z.tuple([z.string(), z.tuple([z.string(), z.object({ Ref: z.string() })])]),
  }),
});
const Integration = z.object({
  IntegrationType: z.string(),
  PayloadFormatVersion: z.string(),
  IntegrationUri: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
});

/** The routes of a template, each with the function that answers it. */
export const routesOf = (template: Template) => {
  const functions = new Map(functionsOf(template).map(({ id, name }) => [id, name]));
  const integrations = new Map(
    resourcesOf(template, 'AWS::ApiGatewayV2::Integration', Integration).map(
      ({ id, properties }) => [id, properties],
    ),
  );
  return resourcesOf(template, 'AWS::ApiGatewayV2::Route', Route).map(({ properties }) => {
    const integration = integrations.get(properties.Target['Fn::Join'][1][1].Ref);
    return {
      key: properties.RouteKey,
      payload: integration?.PayloadFormatVersion,
      function: functions.get(integration?.IntegrationUri['Fn::GetAtt'][0] ?? ''),
    };
  });
};

const Stage = z.object({
  StageName: z.string(),
  DefaultRouteSettings: z.object({ ThrottlingBurstLimit: z.int(), ThrottlingRateLimit: z.int() }),
  AccessLogSettings: z.object({ Format: z.string() }),
});

export const stagesOf = (template: Template) =>
  resourcesOf(template, 'AWS::ApiGatewayV2::Stage', Stage).map(({ properties }) => properties);

const LogGroup = z.object({ RetentionInDays: z.int().optional() });

export const logGroupsOf = (template: Template) =>
  resourcesOf(template, 'AWS::Logs::LogGroup', LogGroup).map(({ id, properties }) => ({
    id,
    retention: properties.RetentionInDays,
  }));

const Kept = z.object({ Type: z.string(), DeletionPolicy: z.string().optional() });
const Kepts = z.object({ Resources: z.record(z.string(), Kept) });

/** Each resource of a template: its type, and what becomes of it when the template drops it. */
export const fatesOf = (template: Template) =>
  Object.values(Kepts.parse(template.toJSON()).Resources);

const Table = z.object({
  KeySchema: z.array(z.object({ AttributeName: z.string(), KeyType: z.string() })),
  BillingMode: z.string(),
  DeletionProtectionEnabled: z.boolean(),
  PointInTimeRecoverySpecification: z.object({ PointInTimeRecoveryEnabled: z.boolean() }),
  SSESpecification: z.object({ SSEType: z.string(), KMSMasterKeyId: Intrinsic }),
  TimeToLiveSpecification: z.object({ AttributeName: z.string(), Enabled: z.boolean() }).optional(),
  WarmThroughput: z.record(z.string(), z.int()).optional(),
  GlobalSecondaryIndexes: z.unknown().optional(),
  LocalSecondaryIndexes: z.unknown().optional(),
  StreamSpecification: z.unknown().optional(),
});

/** The tables of a template by the first word of their logical id. */
export const tablesOf = (template: Template) =>
  Object.fromEntries(
    resourcesOf(template, 'AWS::DynamoDB::Table', Table).map(({ id, properties }) => [
      /^[A-Z][a-z]+/.exec(id)?.[0] ?? id,
      properties,
    ]),
  );

const oneOrMore = z.union([
  z.union([z.string(), Intrinsic]).transform((one) => [one]),
  z.array(z.union([z.string(), Intrinsic])),
]);

/** A statement of a resource's own policy. */
const OwnStatement = z.object({
  Sid: z.string().optional(),
  Effect: z.enum(['Allow', 'Deny']),
  Principal: z.unknown(),
  Action: strings,
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Condition: z.unknown().optional(),
});
export type OwnStatement = z.infer<typeof OwnStatement>;

const BucketPolicy = z.object({
  Bucket: z.object({ Ref: z.string() }),
  PolicyDocument: z.object({ Statement: z.array(OwnStatement) }),
});

/** What the policy of the bucket says whose logical id begins so. */
export const bucketPolicyOf = (template: Template, prefix: string): readonly OwnStatement[] =>
  resourcesOf(template, 'AWS::S3::BucketPolicy', BucketPolicy)
    .filter(({ properties }) => properties.Bucket.Ref.startsWith(prefix))
    .flatMap(({ properties }) => properties.PolicyDocument.Statement);

const Key = z.object({
  KeySpec: z.string().optional(),
  KeyUsage: z.string().optional(),
  KeyPolicy: z.object({ Statement: z.array(OwnStatement) }),
});

/** The keys of a template that sign. */
export const signingKeysOf = (template: Template) =>
  resourcesOf(template, 'AWS::KMS::Key', Key).filter(
    ({ properties }) => properties.KeyUsage === 'SIGN_VERIFY',
  );

const Bucket = z.record(z.string(), z.unknown());

/** The bucket of a template whose logical id begins so. */
export const bucketOf = (template: Template, prefix: string) =>
  resourcesOf(template, 'AWS::S3::Bucket', Bucket).find(({ id }) => id.startsWith(prefix))
    ?.properties;

const Rule = z.object({
  ScheduleExpression: z.string(),
  State: z.string(),
  Targets: z.array(
    z.object({
      Arn: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
      Input: z.string(),
      RetryPolicy: z.object({
        MaximumEventAgeInSeconds: z.int(),
        MaximumRetryAttempts: z.int(),
      }),
    }),
  ),
});

/** What the clock starts: each rule with the names of its functions. */
export const schedulesOf = (template: Template) => {
  const names = new Map(functionsOf(template).map(({ id, name }) => [id, name]));
  return resourcesOf(template, 'AWS::Events::Rule', Rule).flatMap(({ properties }) =>
    properties.Targets.map(({ Arn, Input, RetryPolicy }) => ({
      name: names.get(Arn['Fn::GetAtt'][0]),
      every: properties.ScheduleExpression,
      state: properties.State,
      input: Input,
      retry: RetryPolicy,
    })),
  );
};

const Alarm = z.object({
  MetricName: z.string(),
  Namespace: z.string(),
  Dimensions: z.array(z.object({ Name: z.string(), Value: z.unknown() })).optional(),
  Statistic: z.string().optional(),
  Period: z.int().optional(),
  Threshold: z.number(),
  TreatMissingData: z.string(),
  ComparisonOperator: z.string(),
  AlarmDescription: z.string(),
});

/** The alarms of a template, each by its logical id without the hash at its end. */
export const alarmsOf = (template: Template) =>
  Object.fromEntries(
    resourcesOf(template, 'AWS::CloudWatch::Alarm', Alarm).map(({ id, properties }) => [
      id.slice(0, -8),
      properties,
    ]),
  );

const EventInvoke = z.object({
  FunctionName: z.object({ Ref: z.string() }),
  MaximumRetryAttempts: z.int(),
  MaximumEventAgeInSeconds: z.int(),
});

/** How each function is given an event again, by the function's logical id. */
export const eventInvokesOf = (template: Template) =>
  new Map(
    resourcesOf(template, 'AWS::Lambda::EventInvokeConfig', EventInvoke).map(({ properties }) => [
      properties.FunctionName.Ref,
      properties,
    ]),
  );
