import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { AccessDisputed } from '#events/access-disputed.ts';
import { testPerson } from '#infra/local/agencies/data/test-ids.ts';
import { addressOf } from '#shared/audit/address.ts';
import { unpackRecord } from '#shared/audit/pack.ts';
import { InquiryId } from '#shared/kernel/id.ts';
import { readAs } from '../access.ts';
import { otherTill, till } from '../ask.ts';
import { accesses, disputeAsPerson, readAsPerson } from '../citizens.ts';
import { leaksIn } from '../leaks.ts';
import { missingLog } from '../log.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import { onlyLocal } from '../workshop.ts';

/** Whom every other suite asks about, and somebody whom none does (domain.md). */
const person = testPerson.nationalId;
const somebodyElse = '0963695398';

/** What was asked last before the index is fed may take some tens of seconds. */
const patience = 240_000;

const Page = z.object({
  accesses: z.array(
    z.object({
      inquiry: InquiryId,
      office: z.object({ id: z.string(), province: z.string() }),
      agency: z.object({ id: z.string() }),
      outcome: z.object({ code: z.string(), title: z.string() }),
      dispute: z.object({ ground: z.string() }).optional(),
    }),
  ),
});

/** Looks each second until the person is told of an inquiry of one counter at one agency. */
const untilShown = async (stage: Stage): Promise<InquiryId> => {
  for (;;) {
    const { json } = await readAsPerson(stage, person, `${accesses}?limit=50`);
    const found = Page.parse(json).accesses.find(
      ({ office, agency }) => office.id === till && agency.id === 'agency:civil-registry',
    );
    if (found !== undefined) return found.inquiry;
    await wait(1000);
  }
};

const Usage = z.object({
  totalUsages: z.int(),
  usages: z.array(z.object({ logtime: z.string() })),
});

const Disputes = z.object({ disputes: z.array(z.object({ inquiry: z.string() })) });

/** The inquiries of which a participant is told that they are disputed. */
const disputedFor = async (stage: Stage, participant: string): Promise<readonly string[]> => {
  const from = new Date(Date.now() - 3_600_000).toISOString();
  const query = new URLSearchParams({ from, to: new Date(Date.now() + 60_000).toISOString() });
  const heard = await readAs(stage, participant, `/v1/audit/disputes?${query.toString()}`);
  expect(heard.status).toBe(200);
  return Disputes.parse(heard.json).disputes.map(({ inquiry }) => inquiry);
};

export const citizensSuite = (onStage: OnStage): void => {
  describe('a person', () => {
    let asked: InquiryId | undefined;
    const id = (): InquiryId => {
      if (asked === undefined) throw new Error('Nothing was asked.');
      return asked;
    };

    beforeAll(async () => {
      const stage = onStage();
      if (stage.world.workshop === undefined || missingLog(stage) !== undefined) return;
      asked = await untilShown(stage);
    }, patience);

    it('is told who asked, from which office, and what came of it, in its language', async ({
      skip,
    }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const headers = { 'accept-language': 'fa' };
      const heard = await readAsPerson(stage, person, `${accesses}?limit=50`, { headers });

      expect(heard.status).toBe(200);
      expect(heard.header('cache-control')).toBe('no-store');
      expect(heard.header('content-language')).toBe('fa');
      const shown = Page.parse(heard.json).accesses.find(({ inquiry }) => inquiry === id());
      expect(shown).toMatchObject({ office: { id: till, province: 'تهران' } });
      expect(shown?.outcome.title).toMatch(/^[\u0600-\u06ff]/);
      expect(leaksIn([heard.text], [person])).toEqual([]);
    });

    it('is told the same as a data tracker is told it', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const heard = await readAsPerson(stage, person, `${accesses}?format=findUsage&limit=1`);

      const { usages, totalUsages } = Usage.parse(heard.json);
      expect(usages).toHaveLength(1);
      expect(totalUsages).toBeGreaterThan(1);
    });

    it('is told nothing of others, and others nothing of it', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);

      const { json } = await readAsPerson(stage, somebodyElse, accesses);

      expect(Page.parse(json).accesses.map(({ inquiry }) => inquiry)).not.toContain(id());
      const dispute = { inquiry: id(), ground: 'not-me' };
      expectRefused(await disputeAsPerson(stage, somebodyElse, dispute), 'not-found');
    });

    it('disputes an inquiry once, on record, and to those whom it concerns', async ({ skip }) => {
      const stage = onStage();
      skip(stage.world.workshop === undefined, onlyLocal);
      const dispute = { inquiry: id(), ground: 'not-asked' };

      const first = await disputeAsPerson(stage, person, dispute);
      const again = await disputeAsPerson(stage, person, { ...dispute, ground: 'other' });

      expect([first.status, again.status]).toEqual([201, 200]);
      expect(again.said('id')).toBe(first.said('id'));
      const { journal, layout } = stage.world;
      const address = addressOf(InquiryId.parse(first.said('id')), layout);
      const { record } = await journal.read(address);
      const text = unpackRecord(record?.record ?? new Uint8Array());
      expect(AccessDisputed.parse(JSON.parse(text))).toMatchObject(dispute);
      expect(leaksIn([text], [person])).toEqual([]);
      for (const participant of ['auditor:inspection', till, 'agency:civil-registry']) {
        expect(await disputedFor(stage, participant)).toContain(id());
      }
      for (const participant of [otherTill, 'agency:police']) {
        expect(await disputedFor(stage, participant)).not.toContain(id());
      }
      const { json } = await readAsPerson(stage, person, `${accesses}?limit=50`);
      const shown = Page.parse(json).accesses.find(({ inquiry }) => inquiry === id());
      expect(shown?.dispute).toEqual({ ground: 'not-asked' });
    });

    it.each([
      ['wrong-audience', { claims: { aud: 'https://bank.example' } }],
      ['issuer-key-mismatch', { claims: { iss: 'https://evil.example' } }],
      ['expired', { claims: { exp: 1_700_000_000 } }],
      ['algorithm-not-allowed', { header: { alg: 'none' } }],
      ['unknown-key', { header: { kid: 'another' } }],
      ['wrong-typ', { header: { typ: 'inq-access+jwt' } }],
      ['invalid-claims', { claims: { national_id: '0499370890' } }],
    ] as const)('is not known by a token that is %s', async (problem, bend) => {
      const stage = onStage();
      if (stage.world.workshop === undefined) {
        expectRefused(await stage.wire.send('GET', accesses), 'not-found');
        return;
      }
      const heard = await readAsPerson(stage, person, accesses, { bend });

      expectRefused(heard, problem, { status: 401 });
      expect(heard.header('www-authenticate')).toBe('Bearer error="invalid_token"');
    });
  });
};
