import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as readText } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { InquiryId } from '#shared/kernel/id.ts';
import { otherTill, till } from '../ask.ts';
import { recordsOf } from '../evidence.ts';
import { serviceOf } from '../questions.ts';
import type { OnStage } from '../stage.ts';

const source = fileURLToPath(new URL('../go/client.go', import.meta.url));

const Said = z.strictObject({
  inquiry: InquiryId,
  status: z.int(),
  receipt_verified: z.boolean(),
  answer_verified: z.boolean(),
  outcome: z.string(),
  leaf: z.string(),
  fields: z.record(z.string(), z.json()),
});

/** Nothing of Go's may be fetched: the client stands on its standard library alone. */
const environment = { ...process.env, GOPROXY: 'off', GOTOOLCHAIN: 'local', GO111MODULE: 'off' };

const run = promisify(execFile);

/** Why there is no Go for it; undefined when there is. */
const missingGo = async (): Promise<string | undefined> => {
  try {
    const { stdout } = await run('go', ['version'], { env: environment });
    const minor = Number(/go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
    return minor >= 21 ? undefined : 'the Go of this machine is older than 1.21';
  } catch {
    return 'no Go on this machine';
  }
};

export const otherLanguageSuite = (onStage: OnStage): void => {
  describe('a client in another language: Go, its standard library alone', () => {
    let directory = '';
    let missing: string | undefined;
    let program = '';
    beforeAll(async () => {
      directory = await mkdtemp(join(tmpdir(), 'estelam-go-'));
      program = join(directory, 'client');
      missing = await missingGo();
      if (missing !== undefined) return;
      await run('go', ['build', '-o', program, source], { env: environment, cwd: directory });
    }, 120_000);
    afterAll(() => rm(directory, { recursive: true, force: true }));

    it.for([
      { counter: till, algorithm: 'ES256' },
      { counter: otherTill, algorithm: 'Ed25519' },
    ])('asks with $algorithm and verifies all it is told', async ({ counter }, { skip }) => {
      skip(missing !== undefined, missing);
      const { world, persons } = onStage();
      const { privateJwk, kid } = world.keyOf(counter);
      const { service, purpose, subject, params } = serviceOf('post').yes;
      const reference = `1405/${crypto.randomUUID()}`;
      const operator = `operator-${crypto.randomUUID()}`;
      persons.note([reference, operator, { ...subject }, params]);

      const child = spawn(program, { stdio: ['pipe', 'pipe', 'inherit'] });
      const said = readText(child.stdout);
      child.stdin.end(
        JSON.stringify({
          url: world.url,
          origin: world.origin,
          participant: counter,
          kid,
          key: privateJwk,
          service,
          purpose,
          facts: { subject, params, case: reference, operator },
        }),
      );
      await once(child, 'exit');

      const result = Said.parse(JSON.parse(await said));
      expect(result).toMatchObject({
        status: 200,
        receipt_verified: true,
        answer_verified: true,
        outcome: 'FOUND',
        fields: serviceOf('post').fields.yes,
      });
      const { intent, outcome } = await recordsOf(onStage(), result.inquiry);
      expect(intent).toContain(`"id":"${result.inquiry}"`);
      expect(outcome).toContain('"out":"FOUND"');
    });
  });
};
