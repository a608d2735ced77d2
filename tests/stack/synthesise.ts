import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { afterAll } from 'vitest';
import * as z from 'zod';
import { buildEstelam } from '#infra/estelam.ts';
import { buildWitness } from '#infra/witness.ts';

const cdkJson = readFileSync(new URL('../../cdk.json', import.meta.url), 'utf8');
const { context } = z
  .object({ context: z.record(z.string(), z.unknown()) })
  .parse(JSON.parse(cdkJson));

/** CDK would leave an assembly behind for each app. */
const assemblies = mkdtempSync(`${tmpdir()}/estelam-stack-`);
afterAll(() => rmSync(assemblies, { recursive: true }));

/** An app as the CDK CLI makes it, but for the bundling of the functions. */
export const newApp = (settings: Readonly<Record<string, unknown>> = {}): App =>
  new App({
    outdir: mkdtempSync(`${assemblies}/cdk.out-`),
    context: { ...context, ...settings, 'aws:cdk:bundling-stacks': [] },
  });

export const synthesise = (settings: Readonly<Record<string, unknown>> = {}) => {
  const { ledger, exchange } = buildEstelam(newApp(settings));
  return { ledger: Template.fromStack(ledger), exchange: Template.fromStack(exchange) };
};

/** The least that a witness must be told. */
export const witnessSettings = {
  witnessName: 'witness.example/w1',
  witnessLogs: 'exchange.example/log/0+bca5b86b+AWqoF/FTBF3BSdSZxNPoNm7ABnNorawEvkmUPUOQDl4U',
};

export const synthesiseWitness = () => Template.fromStack(buildWitness(newApp(witnessSettings)));
