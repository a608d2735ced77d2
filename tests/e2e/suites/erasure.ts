import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { SubjectErased } from '#events/subject-erased.ts';
import { addressOf } from '#shared/audit/address.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import type { ErasureStatus } from '#shared/client/erasing-access.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { postAs } from '../access.ts';
import { registrar } from '../commands.ts';
import { type Asked, askFor, missingLog, proofOf } from '../log.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';

/** Somebody who does not exist, and is asked about here only. */
const subject = { type: 'ir-national-id', value: '2540201288' } as const;
const question = { ...serviceOf('civil-registry').no, subject };

/** Sealing takes tens of seconds, and feeding and erasing some more. */
const patience = 240_000;

const order = 'court-12/05-781';

/** Looks until all that is known is gone. */
const untilErased = async ({ world }: Stage, id: string): Promise<ErasureStatus> => {
  for (;;) {
    const status = await world.client(registrar).erasing.read(id);
    if (status.state === 'erased' || status.state === 'done') return status;
    await wait(1000);
  }
};

/** The leaves of erasures under an order that stand in the journal from a time on. */
const erasuresSince = async (
  { world: { journal, layout } }: Stage,
  since: number,
): Promise<readonly SubjectErased[]> => {
  const found: SubjectErased[] = [];
  const first = addressOf(InquiryId.parse(inquiryIdAt(since)), layout).bucket - 1;
  const last = addressOf(InquiryId.parse(inquiryIdAt(Date.now())), layout).bucket + 1;
  for (let bucket = first; bucket <= last; bucket += 1) {
    for (let slot = 0; slot < layout.slots; slot += 1) {
      const partition = { bucket, slot, shard: slot % layout.shards };
      const { entries } = await journal.list(partition, { after: '', limit: 1000 });
      for (const { record } of entries) {
        if (record === undefined) continue;
        const json: unknown = JSON.parse(unpackRecord(record.record));
        const erased = SubjectErased.safeParse(json).data;
        if (erased?.order === order && erased.t >= since) found.push(erased);
      }
    }
  }
  return found;
};

const factOf = (stage: Stage, { id }: Asked) =>
  postAs(stage, 'auditor:inspection', '/v1/audit/disclosures', {
    inquiry: id,
    fact: 'subject',
    order,
    reason: 'Somebody complained.',
  });

export const erasureSuite = (onStage: OnStage): void => {
  // Asked before all other suites, so that the index knows it by now.
  let asked: Asked | undefined;
  beforeAll(async () => {
    const stage = onStage();
    if (missingLog(stage) === undefined) asked = await askFor(stage, question);
  });

  describe('a person who is asked about', { timeout: patience }, () => {
    it('is not erased while held, and then erased, and the proof of the inquiry stands', async ({
      skip,
    }) => {
      const stage = onStage();
      const missing = missingLog(stage);
      skip(missing !== undefined, missing);
      if (asked === undefined) throw new Error('Nothing was asked.');
      const { erasing } = stage.world.client(registrar);
      await proofOf(stage, asked);
      expect((await factOf(stage, asked)).json).toMatchObject({ value: subject });

      const reason = 'A case is open.';
      const hold = await erasing.hold({ order, reason, what: { kind: 'subject', subject } });
      const body = { id: inquiryIdAt(Date.now()), subject, order };
      expectRefused(await postAs(stage, registrar, '/v1/erasures', body), 'legal-hold');
      await erasing.release(hold.id, { order, reason: 'The case is closed.' });

      const since = Date.now() - 10_000;
      const { id } = await erasing.erase({ order, subject });
      expect(await untilErased(stage, id)).toMatchObject({ n: 1, order });
      expectRefused(await factOf(stage, asked), 'not-found');
      expect(await erasuresSince(stage, since)).toMatchObject([{ by: registrar, n: 1 }]);
      const proof = await proofOf(stage, asked);
      expect(proof.index).toBeGreaterThan(0n);
    });
  });
};
