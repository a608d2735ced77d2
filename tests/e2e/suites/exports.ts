import { afterEach, describe, expect, it } from 'vitest';
import { checkExport } from '#shared/client/verify/check-export.ts';
import { concat } from '#shared/kernel/bytes.ts';
import type { JsonObject } from '#shared/kernel/strict-json.ts';
import { inquiryIdAt } from '#tests/support/messages.ts';
import { postAs, readAs } from '../access.ts';
import { otherTill, till } from '../ask.ts';
import { missingLog, policyOf, publishedSize } from '../log.ts';
import { expectRefused } from '../refusal.ts';
import type { OnStage, Stage } from '../stage.ts';
import type { Heard } from '../wire.ts';

const auditor = 'auditor:inspection';
const address = '/v1/audit/exports';

/** Milliseconds that an export of a few thousand entries may take. */
const patience = 60_000;

const ask = (
  stage: Stage,
  participant: string,
  more: JsonObject,
  id = inquiryIdAt(Date.now()),
): Promise<Heard> => postAs(stage, participant, address, { id, ...more });

const fetchAll = async (
  { world }: Stage,
  participant: string,
  id: string,
): Promise<{
  readonly tar: Uint8Array;
  readonly rows: number;
  readonly links: readonly string[];
}> => {
  const { exports } = world.client(participant);
  const status = await exports.wait(id);
  const parts: Uint8Array[] = [];
  for await (const { bytes } of exports.download(status)) parts.push(bytes);
  return { tar: concat(...parts), rows: status.rows, links: status.links ?? [] };
};

const bytesOf = async function* (tar: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  yield tar;
};

/** The checks that an export fails, of those that need nothing beside it. */
const failedIn = async (stage: Stage, tar: Uint8Array): Promise<readonly string[]> => {
  const policy = await policyOf(stage);
  const { checks } = await checkExport({ source: bytesOf(tar), policy, depth: 'form' });
  return checks.flatMap((one) => (one.result === 'failed' ? [`${one.check}: ${one.detail}`] : []));
};

const linesIn = (tar: Uint8Array): readonly string[] =>
  Buffer.from(tar)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.includes('"view":{'));

/** What was asked here and is not done would keep others of this reader from being taken. */
const settle = async (stage: Stage, ids: readonly string[]): Promise<void> => {
  for (const id of ids)
    await stage.world
      .client(auditor)
      .exports.wait(id)
      .catch(() => undefined);
};

export const exportsSuite = (onStage: OnStage): void => {
  describe('an export', () => {
    const asked: string[] = [];
    afterEach(async () => {
      if (missingLog(onStage()) === undefined) await settle(onStage(), asked.splice(0));
    });

    it(
      'of the whole log is asked for, waited for and fetched, and verifies',
      async ({ skip }) => {
        const stage = onStage();
        skip(missingLog(stage) !== undefined, missingLog(stage));
        const before = await publishedSize(stage);

        const heard = await ask(stage, auditor, { range: { shard: 0 } });
        const id = heard.said('id');
        expect(heard.status).toBe(202);
        expect(heard.header('location')).toBe(`${stage.world.origin}${address}/${id}`);
        const { tar, rows } = await fetchAll(stage, auditor, id);

        expect(rows).toBeGreaterThanOrEqual(before - 256);
        expect(linesIn(tar)).toHaveLength(rows);
        expect(await failedIn(stage, tar)).toEqual([]);
      },
      patience,
    );

    it(
      'of a counter holds its own inquiries and no others, and verifies',
      async ({ skip }) => {
        const stage = onStage();
        skip(missingLog(stage) !== undefined, missingLog(stage));

        const heard = await ask(stage, till, { filter: { presence: 'in-person' } });
        const { tar } = await fetchAll(stage, till, heard.said('id'));

        const inquiries = linesIn(tar).filter((line) => line.includes('"kind":"inquiry"'));
        expect(inquiries.length).toBeGreaterThan(0);
        expect(inquiries.filter((line) => !line.includes(`"counter":"${till}"`))).toEqual([]);
        expect(await failedIn(stage, tar)).toEqual([]);
      },
      patience,
    );

    it(
      'is fetched by its links alone, of which none can be bent',
      async ({ skip }) => {
        const stage = onStage();
        skip(missingLog(stage) !== undefined, missingLog(stage));
        const heard = await ask(stage, auditor, { range: { shard: 0, from: 0, to: 2 } });
        const { links } = await fetchAll(stage, auditor, heard.said('id'));
        const [first = ''] = links;
        const target = first.slice(stage.world.origin.length);

        const right = await stage.wire.send('GET', target);
        const again = await stage.wire.send('GET', target, {
          headers: { 'if-none-match': right.header('etag') ?? '' },
        });

        expect([right.status, again.status]).toEqual([200, 304]);
        expect(right.header('cache-control')).toBe('private, max-age=3600');
        for (const bent of [
          target.replace('/parts/0', '/parts/1'),
          target.replace(/expires=\d/, 'expires=9'),
          target.replace(/sig=../, 'sig=AA'),
          target.replace(/&sig=.*/, ''),
        ]) {
          expectRefused(await stage.wire.send('GET', bent), 'link-invalid');
        }
      },
      patience,
    );

    it('is there for whoever asked for it only, and once under its id', async () => {
      const stage = onStage();
      const id = inquiryIdAt(Date.now());
      const range = { shard: 0, from: 0, to: 1 };
      asked.push(id);

      const first = await ask(stage, auditor, { range }, id);
      const again = await ask(stage, auditor, { range }, id);
      const other = await ask(stage, auditor, { range: { ...range, to: 2 } }, id);
      const another = await readAs(stage, 'registrar:cra', `${address}/${id}`);

      expect([first.status, again.status]).toEqual([202, 202]);
      expect(again.json).toMatchObject({ id, total: 1 });
      expectRefused(other, 'reference-conflict');
      expectRefused(another, 'not-found');
    });

    it('is refused where it lies outside of what its reader may read, or outside of the log', async () => {
      const stage = onStage();

      expectRefused(await ask(stage, till, { range: {} }), 'out-of-scope');
      expectRefused(await ask(stage, till, { filter: { counter: otherTill } }), 'out-of-scope');
      const beyond = await ask(stage, auditor, { range: { shard: 0, to: 2 ** 40 } });
      expectRefused(beyond, 'invalid-body');
      expect(beyond.json['errors']).toMatchObject([{ pointer: '/range' }]);
    });
  });
};
