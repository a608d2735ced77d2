import { describe, expect, it } from 'vitest';
import { formatAddCheckpoint } from '#shared/audit/add-checkpoint.ts';
import { memoryLatestTree } from '#shared/audit/memory-latest-tree.ts';
import { formatVerifierKey, parseVerifierKey } from '#shared/audit/tlog/verifier-key.ts';
import { witnessService } from '#shared/audit/witness-service.ts';
import { noteKey } from '#tests/support/log-keys.ts';
import { growthOver, leavesOf } from '#tests/support/test-log.ts';

const origin = 'exchange.example/log/0';
const log = noteKey(origin, 'ed25519').verifier;
const second = noteKey('exchange.example/log/1', 'ed25519').verifier;
const signer = noteKey('witness.example/w', 'cosignature');

const service = () =>
  witnessService({
    logs: [log, second],
    latest: memoryLatestTree().store,
    signer,
    now: () => 1_800_000_000_000,
  });

const nothing = new Uint8Array();

describe('the API of a witness', () => {
  it('takes checkpoints', async () => {
    const body = formatAddCheckpoint(await growthOver(origin, 0, leavesOf(3)));
    const answer = await service()({ method: 'POST', path: '/add-checkpoint', body });
    expect(answer).toMatchObject({ status: 200, about: { origin, size: 3n } });
  });

  it('says 413 of a body that was not read to its end', async () => {
    const request = { method: 'POST', path: '/add-checkpoint', body: undefined } as const;
    expect(await service()(request)).toMatchObject({ status: 413 });
  });

  it('shows its key and those of its logs', async () => {
    const answer = await service()({ method: 'GET', path: '/', body: nothing });
    expect(answer).toMatchObject({ status: 200, type: 'text/plain; charset=utf-8' });
    const lines = answer.body.split('\n').map((line) => line.split(' '));
    const witnesses = lines.filter(([word]) => word === 'witness');
    const logs = lines.filter(([word]) => word === 'log');
    expect(witnesses.map(([, name]) => name)).toEqual(['witness.example/w']);
    expect(witnesses.map(([, , vkey = '']) => parseVerifierKey(vkey).id)).toEqual([
      signer.verifier.id,
    ]);
    expect(logs.map(([, vkey]) => vkey)).toEqual([log, second].map(formatVerifierKey));
  });

  it.each([
    ['GET', '/add-checkpoint'],
    ['PUT', '/add-checkpoint'],
    ['POST', '/'],
    ['POST', '/add-checkpoint/'],
    ['POST', '//add-checkpoint'],
    ['HEAD', '/'],
    ['GET', '/log'],
  ])('has nothing for %s %s', async (method, path) => {
    const body = formatAddCheckpoint(await growthOver(origin, 0, leavesOf(3)));
    expect(await service()({ method, path, body })).toMatchObject({ status: 404 });
  });
});
