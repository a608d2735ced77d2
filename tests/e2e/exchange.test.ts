/**
 * The exchange from outside, over HTTP: one world for all suites, because a deployed exchange keeps
 * the registry for a minute, so the agencies must stay where they are.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deployedUrl } from '#tests/support/world/deployed.ts';
import { missingStore } from '#tests/support/world/local.ts';
import { type OnStage, openStage, type Stage } from './stage.ts';
import { agencyOutageSuite } from './suites/agency-outage.ts';
import { auditReadsSuite } from './suites/audit-reads.ts';
import { breakerSuite } from './suites/breaker.ts';
import { citizensSuite } from './suites/citizens.ts';
import { commandsSuite } from './suites/commands.ts';
import { delegationSuite } from './suites/delegation.ts';
import { denialSuite } from './suites/denial.ts';
import { diagnosesSuite } from './suites/diagnoses.ts';
import { erasureSuite } from './suites/erasure.ts';
import { errorsSuite } from './suites/errors.ts';
import { exportsSuite } from './suites/exports.ts';
import { factsSuite } from './suites/facts.ts';
import { failClosedSuite } from './suites/fail-closed.ts';
import { floodSuite } from './suites/flood.ts';
import { hostileSuite } from './suites/hostile.ts';
import { logDeployedSuite } from './suites/log-deployed.ts';
import { observabilitySuite } from './suites/observability.ts';
import { otherLanguageSuite } from './suites/other-language.ts';
import { privacySuite } from './suites/privacy.ts';
import { proofSuite } from './suites/proof.ts';
import { quotasSuite } from './suites/quotas.ts';
import { readsSuite } from './suites/reads.ts';
import { releasedSuite } from './suites/released.ts';
import { replaySuite } from './suites/replay.ts';
import { retrySuite } from './suites/retry.ts';
import { routesSuite } from './suites/routes.ts';
import { scopesSuite } from './suites/scopes.ts';
import { servicesSuite } from './suites/services.ts';
import { statementsSuite } from './suites/statements.ts';
import { storeOutageSuite } from './suites/store-outage.ts';
import { untrustedAnswerSuite } from './suites/untrusted-answer.ts';

const allSuites = (onStage: OnStage): void => {
  servicesSuite(onStage);
  errorsSuite(onStage);
  hostileSuite(onStage);
  replaySuite(onStage);
  retrySuite(onStage);
  denialSuite(onStage);
  diagnosesSuite(onStage);
  delegationSuite(onStage);
  untrustedAnswerSuite(onStage);
  agencyOutageSuite(onStage);
  storeOutageSuite(onStage);
  const restedSuite = breakerSuite(onStage);
  floodSuite(onStage);
  routesSuite(onStage);
  commandsSuite(onStage);
  statementsSuite(onStage);
  quotasSuite(onStage);
  readsSuite(onStage);
  scopesSuite(onStage);
  auditReadsSuite(onStage);
  observabilitySuite(onStage);
  otherLanguageSuite(onStage);
  restedSuite();
  proofSuite(onStage);
  exportsSuite(onStage);
  factsSuite(onStage);
  erasureSuite(onStage);
  citizensSuite(onStage);
  logDeployedSuite(onStage);
  failClosedSuite(onStage);
  releasedSuite(onStage);
  privacySuite(onStage);
};

/** Milliseconds that some fifty commands may take where each function has yet to start. */
const patience = 300_000;

const onOneStage = (): void => {
  let stage: Stage | undefined;
  const onStage: OnStage = () => {
    if (stage === undefined) throw new Error('The stage does not stand.');
    return stage;
  };
  beforeAll(async () => {
    stage = await openStage();
  }, patience);
  afterAll(() => stage?.world.close());

  allSuites(onStage);
};

const missing = deployedUrl() === undefined ? missingStore() : undefined;

const withoutStage = (): void => {
  it('answers over HTTP', ({ skip }) => {
    skip(missing !== undefined, missing);
    expect.unreachable();
  });
};

const tests = missing === undefined ? onOneStage : withoutStage;

describe('an exchange', () => {
  tests();
});
