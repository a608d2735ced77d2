import { setTimeout as wait } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SearchedPage, SubjectSearch } from '#shared/client/subject-search.ts';
import { tehranDayOf } from '#shared/persian/tehran-day.ts';
import { postAs, readAs } from '../access.ts';
import { otherTill, till } from '../ask.ts';
import { leaksIn } from '../leaks.ts';
import { missingLog } from '../log.ts';
import { serviceOf } from '../questions.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';

const auditor = 'auditor:inspection';
const order = 'court-12/05-776';
const reason = 'Somebody complained.';

/** Somebody who does not exist, and is asked about here only. */
const subject = { type: 'ir-national-id', value: '4400276201' } as const;

/** A station that nobody else asks at. */
const station = 'facts';

/** Sealing takes tens of seconds, and feeding some more. */
const patience = 240_000;

type Asked = {
  readonly id: string;
  readonly leaf: string;
  readonly t: number;
  readonly operator: string;
  readonly case: string;
};

const ask = async ({ world, persons }: Stage): Promise<Asked> => {
  const facts = { case: `1405/${crypto.randomUUID()}`, operator: `op-${crypto.randomUUID()}` };
  persons.note([facts, { ...subject }]);
  const result = await world.client(till).ask({
    ...serviceOf('civil-registry').no,
    ...facts,
    subject,
    basis: 'civil-code-1.12',
    station,
    presence: 'in-person',
    seq: 1,
  });
  if (result.kind !== 'answered') throw new Error('It was not answered.', { cause: result });
  persons.note(result.answer?.fields ?? {});
  return { id: result.inqId, leaf: result.receipt.claims.leaf, t: Date.now(), ...facts };
};

/** Looks each second until the index of entries knows where an inquiry is, and what came after it. */
const untilIndexed = async (stage: Stage, { id, t }: Asked): Promise<void> => {
  for (;;) {
    const { said } = await readAs(stage, auditor, `/v1/audit/entries?id=${id}`);
    if (Date.parse(said('indexed')) > t) return;
    await wait(1000);
  }
};

const search = async ({ world }: Stage, what: SubjectSearch): Promise<readonly SearchedPage[]> => {
  const pages: SearchedPage[] = [];
  for await (const page of world.client(auditor).subjectSearch(what)) pages.push(page);
  return pages;
};

const idsIn = (pages: readonly SearchedPage[]): readonly unknown[] =>
  pages.flatMap(({ entries }) => entries.map((entry) => entry['id']));

export const factsSuite = (onStage: OnStage): void => {
  // Asked before all other suites, so that the index knows it by now.
  let standing: Asked | undefined;
  beforeAll(async () => {
    const stage = onStage();
    if (missingLog(stage) === undefined) standing = await ask(stage);
  });
  const asked = (): Asked => {
    if (standing === undefined) throw new Error('Nothing was asked.');
    return standing;
  };

  describe('facts about a person', { timeout: patience }, () => {
    it('are found under an order, by the person and by who sat at the desk', async ({ skip }) => {
      const stage = onStage();
      skip(missingLog(stage) !== undefined, missingLog(stage));
      const { id, operator } = asked();
      await untilIndexed(stage, asked());

      const byPerson = await search(stage, { subject, order, reason });
      const byOperator = await search(stage, {
        operator: { counter: till, name: operator },
        order,
      });
      const elsewhere = await search(stage, {
        operator: { counter: otherTill, name: operator },
        order,
      });

      expect(idsIn(byPerson)).toEqual([id]);
      expect(idsIn(byOperator)).toEqual([id]);
      expect(idsIn(elsewhere)).toEqual([]);
      const shown = byOperator.flatMap(({ entries }) => entries.map((one) => one['operator']));
      expect(byOperator[0]?.pseudonyms?.map((one) => one.operator)).toContain(shown[0]);
      const personal = [subject.value, operator, asked().case];
      expect(leaksIn([JSON.stringify([byPerson, byOperator])], personal)).toEqual([]);
    });

    it('are opened one at a time, each signed by the counter', async ({ skip }) => {
      const stage = onStage();
      skip(missingLog(stage) !== undefined, missingLog(stage));
      const { id: inquiry, ...facts } = asked();
      const client = stage.world.client(auditor);

      const operator = await client.openDisclosure({ inquiry, fact: 'operator', reason });
      const person = await client.openDisclosure({ inquiry, fact: 'subject', order, reason });

      expect(operator).toMatchObject({ value: facts.operator, by: till });
      expect(person).toMatchObject({ value: subject, by: till });
      const unordered = { inquiry, fact: 'subject', reason };
      const refused = await postAs(stage, auditor, '/v1/audit/disclosures', unordered);
      expectRefused(refused, 'invalid-body');
      expect(refused.json['errors']).toMatchObject([{ pointer: '/order' }]);
    });

    it('are reconciled by the counter that asked, and by no other', async ({ skip }) => {
      const stage = onStage();
      skip(missingLog(stage) !== undefined, missingLog(stage));
      const { id, leaf, t } = asked();
      await untilIndexed(stage, asked());
      const { date } = tehranDayOf(t);
      const ours = { records: [{ id, leaf }] };

      const agreed = await stage.world.client(till).reconcile(date, ours);
      const unknown = await stage.world.client(otherTill).reconcile(date, ours);
      const forgotten = await stage.world.client(till).reconcile(date, {});

      expect(Date.parse(agreed.until)).toBeGreaterThan(t);
      expect(agreed.ours.map((one) => one.id)).not.toContain(id);
      expect([agreed.differs, agreed.yours.ids, agreed.pending]).toEqual([[], [], []]);
      expect(unknown.yours.ids).toEqual([id]);
      expect(forgotten.ours).toContainEqual(expect.objectContaining({ id, station, seq: 1 }));
    });

    it('are in no statistics that are told yet', async () => {
      const { wire } = onStage();

      const { json, status, header } = await wire.send('GET', '/v1/open-data');
      const today = await wire.send('GET', `/v1/open-data/${tehranDayOf(Date.now()).date}.csv`);

      expect(status).toBe(200);
      expect(json).toMatchObject({ floor: 10, delay: 48 });
      expect(header('etag')).toMatch(/^W\//);
      expectRefused(today, 'not-found');
    });
  });
};
