import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  HttpApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type FunctionName, routes } from '../../shared/api/routes.ts';
import type { Settings } from '../config.ts';

/** No path, query, address or agent: a path holds an inquiry's id, the others tell of a person. */
const accessLog = JSON.stringify({
  at: '$context.requestTimeEpoch',
  requestId: '$context.requestId',
  routeKey: '$context.routeKey',
  status: '$context.status',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationStatus: '$context.integrationStatus',
  error: '$context.error.responseType',
});

/** The table of routes, deployed: an HTTP API that has these routes and no other. */
export class ExchangeApi extends Construct {
  readonly api: HttpApi;
  readonly stage: HttpStage;

  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    functions: Readonly<Record<FunctionName, IFunction>>,
  ) {
    super(scope, id);
    this.api = new HttpApi(this, 'Http', {
      apiName: `estelam-${settings.environment}`,
      createDefaultStage: false,
    });
    for (const route of routes) {
      this.api.addRoutes({
        path: route.path,
        methods: [HttpMethod[route.method]],
        integration: new HttpLambdaIntegration(route.name, functions[route.function]),
      });
    }

    const logGroup = new LogGroup(this, 'AccessLog', {
      // API Gateway writes through log delivery, whose resource policy covers this prefix once and
      // for all; under any other name each group adds to a policy of limited size.
      logGroupName: `/aws/vendedlogs/estelam/${settings.environment}/access`,
      retention: settings.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: this.api,
      autoDeploy: true,
      throttle: { rateLimit: settings.throttlingRate, burstLimit: settings.throttlingBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(accessLog),
      },
    });

    Validations.of(this.api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'A caller proves itself by the signature in the message or token, which the function verifies: an authorizer in front would have to be trusted.',
    });
  }
}
