import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { formatPolicy } from '#shared/audit/tlog/policy.ts';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { formatVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { checkProof } from '#shared/client/inquiry-proof.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { verifyGrowing, verifyIn } from '#tests/support/verify-process.ts';
import { readAs } from '../access.ts';
import { otherTill, till } from '../ask.ts';
import { recordsOf } from '../evidence.ts';
import { type Asked, askFor, missingLog, policyOf, proofOf, publishedSize } from '../log.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import { onlyLocal } from '../workshop.ts';

const auditor = 'auditor:inspection';

/** Sealing takes tens of seconds. */
const patience = 180_000;

/** What somebody has who holds a proof: a folder of files. */
const folderOf = async (stage: Stage, { receipt }: Asked, proof: Uint8Array, other: Asked) => {
  const folder = await temporaryFolder();
  const policy = formatPolicy(await policyOf(stage), formatVerifierKey);
  const { privateJwk, kid } = stage.world.keyOf(auditor);
  await Promise.all([
    writeFile(join(folder.path, 'inquiry.tlog-proof'), proof),
    writeFile(join(folder.path, 'receipt.jwt'), receipt.token),
    writeFile(join(folder.path, 'other.jwt'), other.receipt.token),
    writeFile(join(folder.path, 'policy.txt'), policy),
    writeFile(join(folder.path, 'auditor.json'), JSON.stringify({ ...privateJwk, kid })),
  ]);
  return folder;
};

export const proofSuite = (onStage: OnStage): void => {
  // Asked before all other suites, so that the log holds them by now.
  let early: readonly [Asked, Asked] | undefined;
  beforeAll(async () => {
    const stage = onStage();
    if (missingLog(stage) !== undefined) return;
    early = [await askFor(stage), await askFor(stage, serviceOf('police').yes)];
  });
  const asked = (): readonly [Asked, Asked] => {
    if (early === undefined) throw new Error('Nothing was asked for the proof.');
    return early;
  };

  describe('an inquiry that was answered', { timeout: patience }, () => {
    it('has a proof that its very records are in the log, cosigned by a quorum', async ({
      skip,
    }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      const [first] = asked();

      const { leaf, checkpoint, bytes } = await proofOf(stage, first);

      const { intent, outcome } = await recordsOf(stage, first.receipt.claims.inq_id);
      expect(Buffer.from(leaf).toString('utf8')).toBe(`${intent}\n${outcome}\n`);
      expect(Buffer.from(leafHash(leaf)).toString('base64url')).toBe(first.receipt.claims.leaf);
      const policy = await policyOf(stage);
      expect(checkpoint.signedBy.map(({ name }) => name)).toEqual([first.receipt.claims.log]);
      expect(new Set(checkpoint.cosignedBy.map(({ key }) => key.name))).toEqual(
        new Set(policy.witnesses.map(({ key }) => key.name)),
      );
      expect(checkProof(bytes, { policy, receipt: first.receipt })).toBeDefined();
      expect(() => checkProof(bytes, { policy, receipt: asked()[1].receipt })).toThrow(
        'The receipt names another log or another entry.',
      );
    });

    it('is verified by `estelam verify` with nothing but the files', async ({ skip }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      const [first, other] = asked();
      const { bytes } = await proofOf(stage, first);
      await using folder = await folderOf(stage, first, bytes, other);
      const verify = async (...more: readonly string[]) =>
        (await verifyIn(folder.path, 'inquiry.tlog-proof', '--policy', 'policy.txt', ...more)).code;

      expect(await verify('--receipt', 'receipt.jwt')).toBe(0);

      expect(await verify('--receipt', 'other.jwt')).toBe(9);
      const last = bytes.length - 2;
      const altered = bytes.with(last, (bytes[last] ?? 0) ^ 1);
      await writeFile(join(folder.path, 'inquiry.tlog-proof'), altered);
      expect(await verify()).not.toBe(0);
    });

    it('gives its proof to the counter that asked it, and to nobody else', async ({ skip }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      const [first] = asked();
      const target = `/v1/inquiries/${first.id}/proof`;
      await proofOf(stage, first);

      const own = await readAs(stage, till, target, { accept: 'text/plain' });

      expect(own.status).toBe(200);
      expect(own.text).toMatch(/^c2sp\.org\/tlog-proof@v1\n/);
      expect(own.header('content-type')).toBe('text/plain; charset=utf-8');
      expectRefused(await readAs(stage, otherTill, target), 'not-found');
      expectRefused(await readAs(stage, auditor, target), 'wrong-role');
      expectRefused(await stage.wire.send('GET', target), 'unauthenticated');
    });
  });

  describe('the public log', { timeout: patience }, () => {
    it('serves its checkpoint and tiles to everybody, each to be kept as long as it holds', async ({
      skip,
    }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      const size = await publishedSize(stage);

      const checkpoint = await stage.wire.send('GET', '/log/0/checkpoint');
      const tile = await stage.wire.send('GET', '/log/0/tile/0/000.p/1');

      expect(checkpoint.header('cache-control')).toBe('public, max-age=2');
      expect(checkpoint.header('content-type')).toBe('text/plain; charset=utf-8');
      expect(tile.status).toBe(200);
      expect(tile.header('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(tile.header('content-type')).toBe('application/octet-stream');
      expect(size).toBeGreaterThan(1);
      const beyond = tilePath({ level: 0, index: size, width: 1 });
      expectRefused(await stage.wire.send('GET', `/log/0/${beyond}`), 'not-found');
    });

    it('serves its entries to auditors, and to nobody else', async ({ skip }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      const [first] = asked();
      const { index, leaf } = await proofOf(stage, first);
      const number = Math.floor(Number(index) / 256);
      const width = Math.min(256, (await publishedSize(stage)) - number * 256);
      const target = `/log/0/${bundlePath({ index: number, width })}`;

      const told = await readAs(stage, auditor, target, { accept: 'application/octet-stream' });

      expect(told.status).toBe(200);
      expect(told.text).toContain(Buffer.from(leaf).toString('utf8'));
      expect(told.header('cache-control')).toBe('private, max-age=31536000, immutable');
      expectRefused(await readAs(stage, till, target), 'wrong-role');
      expectRefused(await readAs(stage, 'agency:civil-registry', target), 'wrong-role');
      const nobody = await stage.wire.send('GET', target);
      expectRefused(nobody, 'unauthenticated');
      expect(nobody.header('cache-control')).toBe('no-store');
    });

    it('is verified by `estelam verify` from its URL: by anybody its tree, by an auditor its entries', async ({
      skip,
    }) => {
      const stage = onStage();
      const missing =
        missingLog(stage) ?? (stage.world.workshop === undefined ? onlyLocal : undefined);
      skip(missing !== undefined, missing);
      const [first, other] = asked();
      const { bytes } = await proofOf(stage, first);
      await using folder = await folderOf(stage, first, bytes, other);
      const url = `${stage.world.url}/log/0`;
      const verify = (...args: readonly string[]) =>
        verifyGrowing(folder.path, url, '--policy', 'policy.txt', ...args);

      const tree = await verify('--hashes-only', '--receipt', 'receipt.jwt');
      const asAuditor = ['--participant', auditor, '--key', 'auditor.json'];
      const all = await verify(...asAuditor, '--receipt', 'receipt.jwt');
      const refused = await verify('--participant', till, '--key', 'auditor.json');

      expect([tree.code, all.code, refused.code]).toEqual([0, 0, 3]);
    });
  });
};
