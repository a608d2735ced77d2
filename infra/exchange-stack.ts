import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { FunctionName } from '../shared/api/routes.ts';
import type { Settings } from './config.ts';
import { allow } from './constructs/access.ts';
import { ExchangeApi } from './constructs/exchange-api.ts';
import { ExchangeFunction } from './constructs/exchange-function.ts';
import type { LedgerStack } from './ledger-stack.ts';
import { watch } from './observability.ts';

/** What may be thrown away and deployed again: the functions and the API in front of them. */
export class ExchangeStack extends Stack {
  constructor(
    scope: Construct,
    id: string,
    settings: Settings,
    ledger: LedgerStack,
    props: StackProps,
  ) {
    super(scope, id, props);

    const environment = {
      ESTELAM_ORIGIN: settings.origin,
      ESTELAM_SECRET_ARN: ledger.secretArn,
      JOURNAL_TABLE: ledger.journal.tableName,
      REGISTRY_TABLE: ledger.registry.tableName,
      JOURNAL_SHARDS: String(settings.journalShards),
      JOURNAL_SLOTS: String(settings.journalSlots),
      HOLD_SECONDS: String(settings.holdSeconds),
      LOG_LEVEL: settings.logLevel,
    };
    const deploy = (constructId: string, name: FunctionName): IFunction => {
      const fn = new ExchangeFunction(this, constructId, { name, settings, environment });
      allow(fn, name, ledger);
      return fn;
    };
    const functions = {
      'submit-inquiry': deploy('SubmitInquiry', 'submit-inquiry'),
      'read-inquiry': deploy('ReadInquiry', 'read-inquiry'),
      'read-catalogue': deploy('ReadCatalogue', 'read-catalogue'),
      'read-audit': deploy('ReadAudit', 'read-audit'),
      'read-well-known': deploy('ReadWellKnown', 'read-well-known'),
    } satisfies Record<FunctionName, IFunction>;

    const { api, stage } = new ExchangeApi(this, 'Api', settings, functions);
    watch(this, { stage, submit: functions['submit-inquiry'], journal: ledger.journal });

    new CfnOutput(this, 'ApiId', { value: api.apiId });
    new CfnOutput(this, 'ApiUrl', { value: api.apiEndpoint });
  }
}
