import { describe, expect, it } from 'vitest';
import type { InquiryId } from '#shared/kernel/id.ts';
import type { RunningParts } from '#shared/oversight/erasure/run-erasures.ts';
import { decodeVault, encodeVault } from '#shared/oversight/feeding/vault-form.ts';
import { vaultKeyOf } from '#shared/oversight/feeding/vault-objects.ts';
import { type ErasingStage, other, person, setErasing, vehicle } from './erasing.ts';

/** Rows that lead to an inquiry. */
const rowsOf = ({ fed }: ErasingStage, id: InquiryId) =>
  fed.subjects.dump().filter((row) => row.id === id).length;

/** The stores of an exchange that lost what it kept of disclosures, with the journal over. */
const lost = ({ parts }: ErasingStage): Partial<RunningParts> => ({
  journal: { ...parts.journal, list: async () => ({ entries: [], more: false }) },
  derived: {
    ...parts.derived,
    get: async (key, range) =>
      key.startsWith('vault/') ? undefined : parts.derived.get(key, range),
  },
});

const asked = async () => {
  const stage = await setErasing();
  const naming = await stage.askNaming(person, other);
  const about = await stage.ask(person);
  await stage.settle();
  const { id } = await stage.order();
  await stage.ask(other);
  await stage.settle();
  return { ...stage, naming, about, id };
};

describe('whoever an inquiry names whose disclosures are lost', () => {
  it('is erased everywhere else, and its row goes alone', async () => {
    const stage = await asked();
    expect(await stage.run(lost(stage))).toMatchObject({ open: 0, failed: [] });
    expect(stage.viewOf(stage.id)).toMatchObject({ state: 'erased', n: 1 });
    expect([rowsOf(stage, stage.naming), rowsOf(stage, stage.about)]).toEqual([2, 0]);
    expect(stage.left(stage.naming)).toContain('subjectTag');
  });

  it('keeps its row while whom it is about is held', async () => {
    const stage = await asked();
    await stage.place({ what: { kind: 'subject', subject: vehicle } });
    await stage.run(lost(stage));
    expect(stage.viewOf(stage.id).state).toBe('held');
    expect(rowsOf(stage, stage.naming)).toBe(3);
  });

  it('stops the erasure where they are kept and do not open', async () => {
    const stage = await asked();
    const key = vaultKeyOf(0, 0);
    const rows = decodeVault(stage.fed.objects.peek(key) ?? new Uint8Array());
    const bent = rows.map((row) =>
      row.kind === 'sealed' ? { ...row, vault: row.vault.toReversed() } : row,
    );
    stage.fed.objects.overwrite(key, encodeVault(bent));
    const { journal } = lost(stage);
    const { failed } = await stage.run({ ...(journal !== undefined && { journal }) });
    expect(failed).toMatchObject([{ name: 'IndexInvalid' }]);
    expect(rowsOf(stage, stage.naming)).toBe(3);
  });
});
