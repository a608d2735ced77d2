import { HttpApi, HttpMethod, type HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { type FunctionName, routes } from '../../shared/api/routes.ts';
import type { Settings } from '../config.ts';
import { PublicStage } from './public-stage.ts';

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
    const { stage } = new PublicStage(this, 'Public', {
      ...settings,
      api: this.api,
      logName: `${settings.environment}/access`,
      proof:
        'A caller proves itself by the signature in the message or token, which the function verifies: an authorizer in front would have to be trusted.',
    });
    this.stage = stage;
  }
}
