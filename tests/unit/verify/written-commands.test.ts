import { describe, expect, it } from 'vitest';
import { recordLeafData } from '#shared/audit/leaf.ts';
import { canonicalJson } from '#shared/kernel/canonical-json.ts';
import { ParticipantId } from '#shared/message/claims.ts';
import {
  addKeyCommand,
  buildCommand,
  makeCommanded,
  type Said,
  suspend,
} from '#tests/support/commands.ts';
import { configLeaf } from '#tests/support/log-leaves.ts';
import { makeKey } from '#tests/support/messages.ts';
import { failuresOf, verifyLeaves } from './sample-log.ts';

const title = { fa: 'تنظیم‌گر', en: 'Regulator' };

describe('what the exchange puts on record of commands', () => {
  it('is right, from the beginning of its registry on', async () => {
    const stage = await makeCommanded({ entries: [] });
    const { root } = stage.keys;
    const { clock } = stage;
    const run = async (said: Said): Promise<void> => {
      clock.advance(4000);
      const text = await buildCommand(said, { key: root, now: clock.now() });
      await stage.run(text, { root: { id: ParticipantId.parse(root.owner), jwk: root.jwk } });
    };
    const added = await makeKey('Ed25519', root.owner);
    const begin = { id: root.owner, title, jwk: { ...root.jwk }, label: 'root' };
    await run({ do: 'registry.begin', on: 0, with: begin });
    await run({ do: 'participant.register', on: 0, with: { id: 'counter:1', title } });
    await run(suspend(1));
    clock.advance(4000);
    await run(await addKeyCommand(added, { key: root, now: clock.now() }));
    await run({ do: 'key.revoke', on: 1, with: { kid: added.kid, reason: 'no longer needed' } });
    const leaves = stage.leaves().map((event) => recordLeafData(canonicalJson(event)));
    const report = await verifyLeaves([configLeaf(), ...leaves]);
    expect(report.findings).toEqual([]);
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'signatures')?.detail).toBe(
      'of 0 inquiries and 5 commands, by keys on record',
    );
    expect(report.notes).toEqual([{ note: `registry-begun-by ${root.kid}`, count: 1, first: 1 }]);
    expect(report.book.all().map(({ kid, status, change }) => [kid, status, change])).toEqual([
      [root.kid, 'active', 1],
      [added.kid, 'active', 4],
      [added.kid, 'revoked', 5],
    ]);
  });
});
