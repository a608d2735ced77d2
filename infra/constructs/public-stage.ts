import { RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import { type HttpApi, HttpStage, LogGroupLogDestination } from 'aws-cdk-lib/aws-apigatewayv2';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';

type PublicStageProps = {
  readonly api: HttpApi;
  /** The last parts of the access log's name. */
  readonly logName: string;
  readonly logRetentionDays: RetentionDays;
  /** Requests a second, and the burst above it, for all routes together. */
  readonly throttlingRate: number;
  readonly throttlingBurst: number;
  /** How a caller proves itself, since nothing in front of the functions asks it to. */
  readonly proof: string;
};

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

/** The one stage of an API that everybody may call. */
export class PublicStage extends Construct {
  readonly stage: HttpStage;

  constructor(scope: Construct, id: string, props: PublicStageProps) {
    super(scope, id);
    const { api, logName, logRetentionDays, throttlingRate, throttlingBurst, proof } = props;
    const logGroup = new LogGroup(this, 'AccessLog', {
      // API Gateway writes through log delivery, whose resource policy covers this prefix once and
      // for all; under any other name each group adds to a policy of limited size.
      logGroupName: `/aws/vendedlogs/estelam/${logName}`,
      retention: logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      autoDeploy: true,
      throttle: { rateLimit: throttlingRate, burstLimit: throttlingBurst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(logGroup),
        format: AccessLogFormat.custom(accessLog),
      },
    });
    Validations.of(api).acknowledge({ id: 'AwsSolutions-APIG4', reason: proof });
  }
}
