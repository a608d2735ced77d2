import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { buildEstelam } from '#infra/estelam.ts';
import { buildWitness } from '#infra/witness.ts';
import { newApp, witnessSettings } from './synthesise.ts';

describe('the AWS Solutions checks', { timeout: 120_000 }, () => {
  it('find nothing that is not acknowledged with a reason', () => {
    const app = newApp();
    buildEstelam(app);
    expect(() => app.synth()).not.toThrow();
  });

  it('find nothing in a witness either', () => {
    const app = newApp(witnessSettings);
    buildWitness(app);
    expect(() => app.synth()).not.toThrow();
  });

  it('stop the synthesis when a bad resource is planted', () => {
    const app = newApp();
    const { ledger } = buildEstelam(app);
    expect(new CfnBucket(ledger, 'Planted').node.id).toBe('Planted');
    expect(() => app.synth()).toThrow('AwsSolutions-S1');
  });
});
