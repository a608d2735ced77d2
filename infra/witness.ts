import { type App, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { readWitnessSettings } from './witness-config.ts';
import { WitnessStack } from './witness-stack.ts';

/** One witness, by itself: it shares nothing with the exchange but code. */
export const buildWitness = (app: App): WitnessStack => {
  const settings = readWitnessSettings(app);
  const stack = new WitnessStack(app, `estelam-witness-${settings.environment}`, settings, {
    description: `Estelam: the witness ${settings.witnessName}.`,
  });
  Tags.of(app).add('project', 'estelam');
  Tags.of(app).add('environment', settings.environment);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return stack;
};
