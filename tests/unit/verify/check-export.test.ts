import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { memberNames } from '#shared/audit/export/manifest.ts';
import { blockSize } from '#shared/audit/export/tar-header.ts';
import { parsePolicy } from '#shared/audit/tlog/policy.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import { parseStrictJson } from '#shared/kernel/strict-json.ts';
import { makeDisclosure } from '#shared/message/disclosure.ts';
import { policyText, signCheckpoint, testSigners } from '#tests/support/log-builder.ts';
import {
  bentLine,
  bentLines,
  bentManifest,
  bentMember,
  bentMembers,
  chunked,
  exportOf,
  lineOf,
  membersOf,
  partOf,
  tarOf,
  verifyExport,
} from './sample-export.ts';
import { built, flipAt, leaves, long } from './sample-files.ts';
import { failuresOf, firstLeaves, inquiryAt, logOf, resultOf } from './sample-log.ts';

const whole = await exportOf([partOf(built)]);
const middle = { from: 100, to: 600 };
const ranged = await exportOf([partOf(long, middle)]);

const failuresIn = async (tar: Uint8Array) => failuresOf(await verifyExport(tar));

/** The faults that were found, each as `fault@index`. */
const faultsIn = async (tar: Uint8Array) =>
  (await verifyExport(tar)).findings.map(({ fault, index }) => `${fault}@${index}`);

const linesOf = (bend: (lines: readonly string[]) => readonly string[]) => bentLines(ranged, bend);

describe('an export that is right', () => {
  it('passes, whatever its range and however its bytes are cut', async () => {
    const bounds = fc.tuple(fc.nat({ max: long.size - 1 }), fc.nat({ max: long.size - 1 }));
    await fc.assert(
      fc.asyncProperty(bounds, fc.integer({ min: 50, max: 300_000 }), async ([a, b], size) => {
        const tar = await exportOf([
          partOf(long, { from: Math.min(a, b), to: Math.max(a, b) + 1 }),
        ]);
        const report = await verifyExport(tar, { source: chunked(tar, size) });
        expect(failuresOf(report)).toEqual([]);
        expect(report.findings).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('is told with what was checked, and what was not', async () => {
    const report = await verifyExport(whole);
    for (const name of [
      'export',
      'checkpoint',
      'cut',
      'rows',
      'lines',
      'views',
      'disclosures',
      'form',
      'order',
      'signatures',
    ]) {
      expect([name, resultOf(report, name)]).toEqual([name, 'passed']);
    }
    for (const name of ['the rest of the log', 'who was meant to see it', 'withheld', 'facts']) {
      expect([name, resultOf(report, name)]).toEqual([name, 'skipped']);
    }
  });

  it('tells how far it has come', async () => {
    const told: (readonly [number, number])[] = [];
    await verifyExport(ranged, { progress: (done, size) => told.push([done, size]) });
    expect(told).toEqual([
      [156, 500],
      [412, 500],
      [500, 500],
    ]);
  });
});

describe('the rows of an export', () => {
  it.each<readonly [string, readonly string[], Uint8Array]>([
    ['one is dropped', ['row-missing@107'], linesOf((lines) => lines.toSpliced(7, 1))],
    ['the first is dropped', ['row-missing@100'], linesOf((lines) => lines.slice(1))],
    ['the last is dropped', ['row-missing@599'], linesOf((lines) => lines.slice(0, -1))],
    ['all are dropped', ['row-missing@100'], linesOf(() => [])],
    [
      'a whole block is dropped',
      ['row-missing@256'],
      linesOf((lines) => lines.toSpliced(156, 256)),
    ],
    [
      'one stands twice',
      ['row-out-of-order@107'],
      linesOf((lines) => lines.toSpliced(7, 0, lines[7] ?? '')),
    ],
    [
      'two are swapped',
      ['row-missing@107', 'row-out-of-order@107'],
      linesOf((lines) => lines.with(7, lines[8] ?? '').with(8, lines[7] ?? '')),
    ],
    [
      'one is added',
      ['row-surplus@600'],
      linesOf((lines) => [...lines, bentLine(lines[7] ?? '', (line) => ({ ...line, index: 600 }))]),
    ],
    [
      'one of another log is added',
      ['row-surplus@107'],
      linesOf((lines) =>
        lines.toSpliced(
          7,
          0,
          bentLine(lines[7] ?? '', (line) => ({ ...line, shard: 1 })),
        ),
      ),
    ],
    [
      'one says another index',
      ['row-missing@107', 'row-out-of-order@108'],
      linesOf((lines) =>
        lines.with(
          7,
          bentLine(lines[7] ?? '', (line) => ({ ...line, index: 108 })),
        ),
      ),
    ],
    [
      'one has the leaf of another',
      ['leaf-differs@107'],
      linesOf((lines) => lines.with(7, (lines[8] ?? '').replace('"index":108', '"index":107'))),
    ],
    [
      'one is no entry',
      ['row-malformed@107', 'row-missing@107'],
      linesOf((lines) => lines.with(7, '{}')),
    ],
    [
      'one is spelt in another way',
      ['row-malformed@107'],
      linesOf((lines) => lines.with(7, (lines[7] ?? '').replace('{', '{ '))),
    ],
  ])('do not pass when %s', async (_, faults, tar) => {
    const found = await faultsIn(tar);
    for (const fault of faults) expect(found).toContain(fault);
    expect(await failuresIn(tar)).not.toEqual([]);
  });

  it('are the leaves that the tree has', async () => {
    const other = await inquiryAt(0);
    const tar = bentLines(whole, (lines) =>
      lines.with(4, lineOf({ shard: 0, index: 4, data: other.data })),
    );
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual(['tree']);
    expect(report.findings).toMatchObject([{ fault: 'leaf-differs', index: 4 }]);
  });

  it('have the views that their leaves have', async () => {
    const outcome = (line: string) =>
      bentLine(line, (json) => ({
        ...json,
        view: parseStrictJson(JSON.stringify(json['view']).replace('"FOUND"', '"NOT_FOUND"')),
      }));
    const tar = bentLines(whole, (lines) => lines.with(5, outcome(lines[5] ?? '')));
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual(['tree']);
    expect(resultOf(report, 'views')).toBe('failed');
    expect(resultOf(report, 'rows')).toBe('passed');
    expect(report.findings).toMatchObject([{ fault: 'view-differs', index: 5 }]);
  });
});

/** The disclosures of an inquiry, kept while it is made. */
const opened = await (async () => {
  const kept: { request: readonly string[]; response: readonly string[] } = {
    request: [],
    response: [],
  };
  const keep = (whose: keyof typeof kept) => (texts: readonly string[]) => {
    kept[whose] = texts;
    return texts;
  };
  const facts = { firstName: 'نمونه', lastName: 'آزمایشی' };
  const made = await inquiryAt(0, {
    request: { disclosures: keep('request') },
    response: { facts, disclosures: keep('response') },
  });
  const log = await logOf([...firstLeaves, made.data]);
  return { ...kept, data: made.data, tar: await exportOf([partOf(log)]) };
})();

/** The export in which these facts are opened to whom it is for. */
const opening = (request: readonly string[], response: readonly string[], index = 4): Uint8Array =>
  bentLines(opened.tar, (lines) =>
    lines.with(
      index,
      bentLine(lines[index] ?? '', (line) => ({ ...line, disclosures: { request, response } })),
    ),
  );

describe('the disclosures of an export', () => {
  const { request, response } = opened;
  const [first = '', second = ''] = response;
  const other = makeDisclosure(new Uint8Array(16), 'firstName', 'دیگری').text;

  it('pass when their digests are in the messages of their leaf', async () => {
    expect([request.length, response.length]).toEqual([4, 2]);
    for (const tar of [opening(request, response), opening([], [second]), opening(request, [])]) {
      const report = await verifyExport(tar);
      expect(failuresOf(report)).toEqual([]);
    }
    const { checks } = await verifyExport(opening(request, response));
    const detail = checks.find(({ check }) => check === 'disclosures')?.detail;
    expect(detail).toBe('6 opened facts, each by its digest in the leaf');
  });

  it.each<readonly [string, Uint8Array]>([
    ['one that is made up', opening([], [other])],
    ['one of the answer in the request', opening([first], [])],
    ['one of the request in the answer', opening([], request.slice(0, 1))],
    ['one twice', opening([], [first, first])],
    ['one that is none', opening([], ['x'])],
    ['one of a leaf without any', opening(request, [], 2)],
    ['one of which a character is another', opening([], [first.replace(/.$/, '=')])],
  ])('do not pass with %s', async (_, tar) => {
    const report = await verifyExport(tar);
    expect(failuresOf(report)).toEqual(['message']);
    expect(resultOf(report, 'disclosures')).toBe('failed');
    expect(resultOf(report, 'signatures')).toBe('passed');
  });
});

describe('the files of an export', () => {
  const names = membersOf(ranged).map(({ name }) => name);

  it.each(names)('do not pass without %s', async (name) => {
    const tar = bentMembers(ranged, (members) => members.filter((one) => one.name !== name));
    expect(await failuresIn(tar)).toEqual(['malformed']);
  });

  it.each(names)('do not pass with %s twice', async (name) => {
    const tar = bentMembers(ranged, (members) =>
      members.flatMap((one) => (one.name === name ? [one, one] : [one])),
    );
    expect(await failuresIn(tar)).toEqual(['malformed']);
  });

  it.each(['census.ndjson', 'log/0/tile/0/002', 'policy.txt', 'log/1/checkpoint'])(
    'do not pass with %s, wherever it stands',
    async (name) => {
      for (let at = 0; at <= names.length; at += 1) {
        const surplus = { name, bytes: utf8('{}\n') };
        const tar = bentMembers(ranged, (members) => members.toSpliced(at, 0, surplus));
        expect(await failuresIn(tar)).toEqual(['malformed']);
      }
    },
  );

  it('do not pass when it was cut short at any border, or near it', async () => {
    const borders = [0];
    for (const { bytes } of membersOf(ranged)) {
      const last = borders.at(-1) ?? 0;
      borders.push(
        last + blockSize,
        last + blockSize + Math.ceil(bytes.length / blockSize) * blockSize,
      );
    }
    for (const border of [...borders, ranged.length - blockSize]) {
      for (const size of [border, border + 1, border - 1].filter(
        (one) => one >= 0 && one < ranged.length,
      )) {
        expect(await failuresIn(ranged.subarray(0, size))).toEqual(['malformed']);
      }
    }
  });

  it('do not pass when any byte is another', async () => {
    const offsets = { whole, ranged };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('whole' as const, 'ranged' as const),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.integer({ min: 0, max: 7 }),
        async (which, where, bit) => {
          const tar = offsets[which];
          const at = Math.floor(where * tar.length);
          const other = tar.map((byte, n) => (n === at ? byte ^ (1 << bit) : byte));
          expect(await failuresIn(other)).not.toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('do not pass when a tile is another', async () => {
    for (const name of names.filter((one) => one.includes('/tile/'))) {
      const report = await verifyExport(bentMember(ranged, name, flipAt(40)));
      expect(failuresOf(report)).toEqual(['tree']);
      expect(resultOf(report, 'everything else')).toBe('skipped');
    }
  });
});

describe('what an export says of itself', () => {
  const range = (change: object) =>
    bentManifest(ranged, (manifest) => ({
      ...manifest,
      query: { kind: 'range', ranges: [{ shard: 0, ...middle, ...change }] },
    }));

  it('does not pass as a wider or a narrower range', async () => {
    for (const change of [{ from: 99 }, { from: 101 }, { to: 599 }, { to: 601 }]) {
      expect(await failuresIn(range(change))).toEqual(['tree']);
    }
    for (const change of [{ to: 100 }, { to: 705 }, { from: -1 }, { shard: 1 }]) {
      expect(await failuresIn(range(change))).toEqual(['malformed']);
    }
  });

  it('does not pass with another cut', async () => {
    const cut = (change: object) =>
      bentManifest(ranged, (manifest) => ({
        ...manifest,
        cut: manifest.cut.map(({ shard, size }) => ({
          shard,
          size,
          time: 1_800_000_060,
          ...change,
        })),
      }));
    expect(await failuresIn(cut({}))).toEqual([]);
    for (const change of [{ size: 703 }, { size: 705 }, { time: 1_800_000_061 }, { time: 5 }]) {
      expect(await failuresIn(cut(change))).toEqual(['malformed']);
    }
  });

  it('does not pass when its files have another time than its cut', async () => {
    const report = await verifyExport(tarOf(membersOf(ranged), 1_800_000_060));
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'cut')?.detail).toContain(
      'last seen by a witness at 2027-01-15T08:01:00.000Z',
    );
    expect(await failuresIn(tarOf(membersOf(ranged), 1_800_000_061))).toEqual(['malformed']);
  });

  it('has no time when nobody cosigned, and is judged by the policy all the same', async () => {
    const { size, root } = built;
    const signers = { ...testSigners(), witnesses: [] };
    const alone = await signCheckpoint({ size: BigInt(size), root }, { signers });
    const tar = await exportOf([partOf({ ...built, checkpoint: alone })]);
    expect(await failuresIn(tar)).toEqual(['unsigned']);
    const anybody = parsePolicy(utf8(policyText(signers, 0)));
    const report = await verifyExport(tar, { policy: anybody });
    expect(failuresOf(report)).toEqual([]);
    expect(report.checks.find(({ check }) => check === 'cut')?.detail).toContain('no witness says');
  });

  it('leaves its time open when a witness says it whom the policy does not name', async () => {
    const signers = testSigners();
    const fewer = parsePolicy(
      utf8(policyText({ ...signers, witnesses: signers.witnesses.slice(1) })),
    );
    const { size, root } = built;
    const tree = { size: BigInt(size), root };
    const [later, sooner] = await Promise.all(
      [1_800_000_900, 1_800_000_100].map((time, n) =>
        signCheckpoint(tree, {
          time,
          signers: { ...signers, witnesses: signers.witnesses.slice(n, n + 1) },
        }),
      ),
    );
    const lines = Buffer.from(sooner ?? [])
      .toString('utf8')
      .split('\n')
      .slice(-2);
    const both = utf8(`${Buffer.from(later ?? []).toString('utf8')}${lines.join('\n')}`);
    const report = await verifyExport(await exportOf([partOf({ ...built, checkpoint: both })]), {
      policy: fewer,
    });
    expect(failuresOf(report)).toEqual([]);
    expect(resultOf(report, 'cut')).toBe('skipped');
    expect(report.checks.find(({ check }) => check === 'cut')?.detail).toContain(
      'its time, 2027-01-15T08:15:00.000Z, is that of a witness',
    );
  });

  it('does not pass with the checkpoint of another log, or of another tree', async () => {
    const others = [
      await signCheckpoint(
        { size: BigInt(built.size), root: built.root },
        { origin: 'other.example/log/0' },
      ),
      (await logOf([...leaves.slice(0, -1), (await inquiryAt(41_000)).data])).checkpoint,
      (await logOf(leaves.slice(0, -1))).checkpoint,
      long.checkpoint,
    ];
    const wanted = ['unsigned', 'tree', 'malformed', 'malformed'];
    for (const [n, checkpoint] of others.entries()) {
      const tar = bentMember(whole, 'log/0/checkpoint', () => checkpoint);
      expect(await failuresIn(tar)).toEqual([wanted[n]]);
    }
  });

  it('does not pass under the number of another log', async () => {
    const report = await verifyExport(await exportOf([partOf(built, { shard: 1 })]));
    expect(failuresOf(report)).toEqual(['malformed']);
    expect(report.checks.find(({ check }) => check === 'cut')?.detail).toBe(
      'The checkpoint is that of log 0, and not of log 1',
    );
  });

  it('is not believed about whom to believe', async () => {
    const stranger = testSigners('other.example/log/0');
    const easy = utf8('log x\nquorum none\n');
    const signers = { ...testSigners(), witnesses: [] };
    const alone = await signCheckpoint({ size: BigInt(built.size), root: built.root }, { signers });
    const lying = await exportOf(
      [partOf({ ...built, checkpoint: alone })],
      utf8(policyText(signers, 0)),
    );
    expect(await failuresIn(lying)).toEqual(['unsigned']);
    for (const inside of [easy, utf8(policyText(stranger)), utf8(policyText())]) {
      const report = await verifyExport(await exportOf([partOf(built)], inside));
      expect(failuresOf(report)).toEqual([]);
      expect(resultOf(report, memberNames.policy)).toBe('skipped');
    }
  });

  it('is refused in a version that is not known', async () => {
    const report = await verifyExport(bentManifest(whole, (manifest) => ({ ...manifest, v: 3 })));
    expect(failuresOf(report)).toEqual(['malformed']);
    expect(report.checks[0]?.detail).toContain('of a version that this verifier does not know');
  });
});
