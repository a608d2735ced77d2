import { CfnBucket } from 'aws-cdk-lib/aws-s3';
import { describe, expect, it } from 'vitest';
import { buildEstelam } from '#infra/estelam.ts';
import { newApp } from './synthesise.ts';

describe('the AWS Solutions checks', () => {
  it('find nothing that is not acknowledged with a reason', () => {
    const app = newApp();
    buildEstelam(app);
    expect(() => app.synth()).not.toThrow();
  });

  it('stop the synthesis when a bad resource is planted', () => {
    const app = newApp();
    const { ledger } = buildEstelam(app);
    expect(new CfnBucket(ledger, 'Planted').node.id).toBe('Planted');
    expect(() => app.synth()).toThrow('AwsSolutions-S1');
  });
});
