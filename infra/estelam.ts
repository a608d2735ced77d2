import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readSettings } from './config.ts';
import { ExchangeStack } from './exchange-stack.ts';
import { LedgerStack } from './ledger-stack.ts';

/** The whole deployment: what must last, and what runs on it. */
export const buildEstelam = (app: App) => {
  const settings = readSettings(app);
  const name = `estelam-${settings.environment}`;

  const ledger = new LedgerStack(app, `${name}-ledger`, settings, {
    description: 'Estelam: journal, registry, key and secret. Outlives every deployment.',
  });
  const exchange = new ExchangeStack(app, `${name}-exchange`, settings, ledger, {
    description: 'Estelam: the functions and their API. Can be deployed anew at any time.',
  });

  Tags.of(app).add('project', 'estelam');
  Tags.of(app).add('environment', settings.environment);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return { ledger, exchange };
};
