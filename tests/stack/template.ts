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
  Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
  Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
});

const Statement = z.object({
  Effect: z.literal('Allow'),
  Action: strings,
  Resource: z.union([z.string(), Intrinsic]),
  Condition: z.unknown().optional(),
});

const Policy = z.object({
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
  Roles: z.array(z.object({ Ref: z.string() })),
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
    role: properties.Role['Fn::GetAtt'][0],
    ...properties,
  }));

/** All that the role of the named function allows. */
export const statementsOf = (template: Template, name: string) => {
  const roles = functionsOf(template)
    .filter((fn) => fn.name === name)
    .map(({ role }) => role);
  return resourcesOf(template, 'AWS::IAM::Policy', Policy)
    .filter(({ properties }) => properties.Roles.some(({ Ref }) => roles.includes(Ref)))
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
