/** `npm start` is killed again and again under load, and nothing that it acknowledged is ever lost. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { awaitProof } from '#infra/local/await-proof.ts';
import { leafStamp } from '#shared/audit/sequence/search.ts';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { directoryLog } from '#shared/client/cli/directory-log.ts';
import { type FsckOptions, type FsckReport, fsck } from '#shared/client/verify/fsck.ts';
import { place, skipWithoutStore } from '#tests/support/npm-start.ts';
import { until } from '#tests/support/processes.ts';
import { makeChance } from './kill/chance.ts';
import { type Journal, readJournal, readLeaves } from './kill/leaves.ts';
import { type Acknowledged, makeLoad } from './kill/load.ts';
import { type End, startVictim, type Victim } from './kill/victim.ts';

/** How the ten rounds end, in an order of chance. */
const rounds: readonly End[] = [
  ...(['all', 'all', 'all', 'all'] as const),
  ...(['serving', 'serving', 'serving'] as const),
  ...(['batch', 'batch', 'batch'] as const),
];

/** The most receipts that are waited for in a round. */
const most = 12;

/** Seconds that an inquiry whose process died may be without a leaf: until its intent is given up. */
const abandoned = 120;

const isWhole = ({ inquiries, records }: Journal, leaves: ReadonlySet<string>): boolean =>
  records.isSubsetOf(leaves) &&
  [...inquiries.values()].every((leaf) => leaf !== undefined && leaves.has(leaf));

/**
 * Looks each second until every intent and record in the journal has a leaf, or ought to have had one
 * long ago: a log that starts again takes a census of what it holds.
 */
const settled = async ({ store }: Victim, folder: string) => {
  for (let look = 0; ; look += 1) {
    const journal = await readJournal(store);
    const leaves = await readLeaves(folder);
    if (look === abandoned || isWhole(journal, new Set(leaves))) return { journal, leaves };
    await wait(1000);
  }
};

/** Checks the log; one whose last leaf is seconds old is not cosigned yet, and is looked at again. */
const checkedWhole = async (options: FsckOptions): Promise<FsckReport> => {
  for (let look = 1; ; look += 1) {
    const report = await fsck(options);
    if (report.checkpoint !== undefined || look === 30) return report;
    await wait(1000);
  }
};

/** The inquiries among leaves, which have two lines, by their ids. */
const inquiriesIn = (leaves: readonly string[]): readonly (readonly [string, string])[] =>
  leaves
    .filter((text) => text.split('\n').length === 3)
    .map((text) => [leafStamp(Buffer.from(text)).id, text] as const);

describe('an installation that is killed ten times under load', () => {
  it('loses nothing that it acknowledged, and its log only grows', async (context) => {
    skipWithoutStore(context);
    const chance = makeChance();
    console.log(`KILL_SEED=${chance.seed}`);
    await using folder = await place();
    const { PORT, ESTELAM_DATA: data } = folder.environment;
    const log = join(data, 'objects', 'log', '0');
    const load = await makeLoad(join(data, 'keys'), `http://127.0.0.1:${PORT}`);
    const seen: { readonly name: string; readonly bytes: Uint8Array }[] = [];

    for (const [round, end] of chance.shuffled(rounds).entries()) {
      await using victim = await startVictim(data, PORT);
      const before = load.receipts().length;
      const wanted = chance.between(1, most);
      const { stop, failed } = load.begin();
      await Promise.race([failed, until(() => load.receipts().length >= before + wanted)]);
      seen.push({ name: `before kill ${round}`, bytes: victim.checkpoint() });
      await Promise.race([failed, victim.kill(end, chance)]);
      await stop();
      console.log(`${end}: ${load.receipts().length - before} receipts`);
    }

    await using victim = await startVictim(data, PORT);
    const receipts = load.receipts();
    const policy = parsePolicy(await readFile(join(data, 'policy.txt')));
    // A look a second: within the delay that was promised, counted from now.
    const prove = async ({ client, receipt }: Acknowledged) => {
      const { inq_id: id, mmd } = receipt.claims;
      return { id, proof: await awaitProof(client, id, { policy, receipt }, mmd) };
    };
    const newest = await Promise.all(receipts.slice(-1).map(prove));
    const proofs = [...newest, ...(await Promise.all(receipts.slice(0, -1).map(prove)))];
    const { journal, leaves } = await settled(victim, log);

    for (const { id, proof } of proofs) {
      const leaf = proof === 'pending' ? proof : Buffer.from(proof.leaf).toString('utf8');
      expect(leaf).toBe(journal.inquiries.get(id));
    }
    const inLog = inquiriesIn(leaves);
    expect(new Map(inLog)).toEqual(journal.inquiries);
    expect(inLog).toHaveLength(journal.inquiries.size);
    expect(journal.records.difference(new Set(leaves)).size).toBe(0);
    expect(journal.inquiries.size).toBeGreaterThanOrEqual(receipts.length);
    expect(receipts.length).toBeGreaterThanOrEqual(rounds.length);

    const report = await checkedWhole({
      reader: directoryLog(log),
      policy,
      previous: seen,
      receipts: receipts.map(({ receipt }) => receipt),
      depth: 'all',
    });
    expect(report.checks.filter(({ result }) => result === 'failed')).toEqual([]);
    expect(report.findings).toEqual([]);
    expect(report.checks.filter(({ check }) => check.startsWith('before kill'))).toHaveLength(
      rounds.length,
    );
    console.log(
      `${receipts.length} receipts, ${journal.inquiries.size} inquiries, ${leaves.length} leaves`,
    );
  }, 600_000);
});
