import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { CommanderError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { leafHash } from '#shared/audit/tlog/hash.ts';
import { verifyCommand } from '#shared/client/cli/verify.ts';
import { toBase64Url } from '#shared/kernel/bytes.ts';
import { buildLog, policyText, proofOf, writeLog } from '#tests/support/log-builder.ts';
import { accessLeaf, receiptOf } from '#tests/support/log-leaves.ts';
import { makeKey, testNow, withMembers } from '#tests/support/messages.ts';
import { keyEntryOf } from '#tests/support/registry.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { commanded, furtherLeaf } from '../unit/verify/sample-commands.ts';
import { items, leavesOf } from '../unit/verify/sample-complete.ts';
import { cast, firstLeaves, inquiriesAt, inquiryAt } from '../unit/verify/sample-log.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (...parts: readonly string[]): string => join(folder.path, ...parts);

const main = new URL('../../shared/client/cli/main.ts', import.meta.url).pathname;

/** Collects what is written. */
const collector = () => {
  const chunks: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _, done) => {
      chunks.push(chunk.toString());
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
};

type Environment = Readonly<Record<string, string>>;

/** Runs the command in this process; what commander refuses ends with 2, as main.ts has it. */
const run = async (args: readonly string[], isTTY: boolean, environment: Environment) => {
  const [out, err] = [collector(), collector()];
  const codes: number[] = [];
  const shown = Object.assign(out.stream, { isTTY });
  const streams = { out: shown, err: err.stream, environment };
  const command = verifyCommand(streams, (code) => codes.push(code))
    .exitOverride()
    .configureOutput({ writeErr: (line) => err.stream.write(line) });
  try {
    await command.parseAsync(args.map(absolute), { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    codes.push(2);
  }
  return { codes, out: out.text(), err: err.text() };
};

const verify = (...args: readonly string[]) => run(args, false, {});

/** The names that stand for files of the folder. */
const files =
  /^(?:log|rewritten|forged|disordered|altered|gapped|endless|overtaken|invented|unpublished|policy|none|bad-policy|nowhere|entry|junk|.+\.jwt|.+\.tlog-proof|log\/checkpoint)$/;

const absolute = (arg: string): string => (files.test(arg) ? at(arg) : arg);

/** Runs `estelam verify` as a process of its own. */
const verifyProcess = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, 'verify', ...args], {
    cwd: folder.path,
    env: { ...process.env, NO_COLOR: '1' },
  });
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, out, err };
};

const inquiries = await inquiriesAt([0, 1000, 12_000]);
const [inquiry] = inquiries;
if (inquiry === undefined) throw new Error('no inquiry');
const leaves = [...firstLeaves, ...inquiries.map(({ data }) => data)];
const built = await buildLog(leaves);

/** Writes the log of these leaves below a name. */
const publish = async (name: string, data: readonly Uint8Array[]): Promise<string> => {
  await writeLog(at(name), (await buildLog(data)).files);
  return name;
};

await publish('log', leaves);
await publish('rewritten', [...firstLeaves, ...leaves.slice(5)]);
await publish('forged', [...leaves, (await inquiryAt(13_000, { counter: await makeKey() })).data]);
await publish('disordered', [...leaves.slice(0, 4), ...leaves.slice(4).toReversed()]);
await publish('altered', leaves);
await writeFile(at('altered/tile/0/000.p/7'), new Uint8Array(7 * 32));
await publish('unpublished', leaves);
await rm(at('unpublished/checkpoint'));
await publish('gapped', leavesOf(items.filter(({ name }) => name !== 'A3')));
await writeFile(at('policy'), policyText());
await writeFile(at('none'), policyText().split('\n').slice(1).join('\n'));
await writeFile(at('bad-policy'), 'quorum everybody\n');
await writeFile(at('receipt.jwt'), `${await receiptOf(inquiry, cast)}\n`);
await writeFile(at('proof.tlog-proof'), await proofOf(leaves, 4, built));
await writeFile(at('other.tlog-proof'), await proofOf(leaves, 5, built));
await writeFile(at('entry'), inquiry.data);
await writeFile(at('junk'), 'junk');
await mkdir(at('endless'));
await symlink('/dev/zero', at('endless/checkpoint'));
const read = accessLeaf(testNow + 12_000);
const withRead = [...leaves, read];
await writeFile(
  at('read.tlog-proof'),
  await proofOf(withRead, leaves.length, await buildLog(withRead)),
);
const promisesRead = { claims: withMembers({ leaf: toBase64Url(leafHash(read)) }) };
await writeFile(at('read.jwt'), await receiptOf(inquiry, { ...cast, ...promisesRead }));

const evil = await makeKey('ES256', cast.counter.owner);
const unsigned = await furtherLeaf(11, 0, {
  do: 'key.add',
  entries: [keyEntryOf(evil, { role: 'station' })],
  message: { signature: (made) => made.with(20, (made[20] ?? 0) ^ 1) },
});
const made = await inquiryAt(12_000, { counter: evil });
const overtaken = [...commanded, unsigned, made.data];
await publish('overtaken', overtaken);
await publish('invented', [...commanded, made.data]);
await writeFile(
  at('made.tlog-proof'),
  await proofOf(overtaken, overtaken.length - 1, await buildLog(overtaken)),
);
await writeFile(at('made.jwt'), await receiptOf(made, cast));

const policy = ['--policy', 'policy'];

describe('estelam verify', () => {
  it.each<readonly [number, string, readonly string[]]>([
    [
      0,
      'a log with its receipt and an earlier checkpoint',
      ['log', ...policy, '--receipt', 'receipt.jwt', '--previous', 'log/checkpoint'],
    ],
    [0, 'a log by its hashes', ['log', ...policy, '--hashes-only']],
    [0, 'a proof with its receipt', ['proof.tlog-proof', ...policy, '--receipt', 'receipt.jwt']],
    [0, 'a proof, and the keys on record', ['proof.tlog-proof', ...policy, '--keys', 'log']],
    [0, 'a receipt, and the log it promises', ['receipt.jwt', ...policy, '--keys', 'log']],
    [0, 'a receipt and its entry', ['receipt.jwt', ...policy, '--entry', 'entry']],
    [0, 'an entry, and the keys on record', ['entry', ...policy, '--keys', 'log']],
    [2, 'no policy', ['log']],
    [2, 'an unknown option', ['log', ...policy, '--quickly']],
    [2, 'no number of threads', ['log', ...policy, '--jobs', 'many']],
    [2, 'a participant without a key', ['log', ...policy, '--participant', 'auditor:a']],
    [2, 'a receipt alone', ['receipt.jwt', ...policy]],
    [2, 'completeness without entries', ['log', ...policy, '--complete', '--hashes-only']],
    [2, 'an entry alone', ['entry', ...policy]],
    [3, 'a log that is not there', ['nowhere', ...policy]],
    [3, 'a policy that is not there', ['log', '--policy', 'nowhere']],
    [3, 'a policy that is a folder', ['log', '--policy', 'log']],
    [3, 'a folder without a checkpoint', ['unpublished', ...policy]],
    [4, 'a file that is nothing', ['junk', ...policy]],
    [3, 'a log of which a file has no end', ['endless', ...policy]],
    [4, 'a policy that is none', ['log', '--policy', 'bad-policy']],
    [4, 'a receipt that is none', ['log', ...policy, '--receipt', 'junk']],
    [5, 'a log that the policy does not name', ['log', '--policy', 'none']],
    [6, 'a log with an altered tile', ['altered', ...policy]],
    [7, 'a log that was rewritten', ['rewritten', ...policy, '--previous', 'log/checkpoint']],
    [8, 'a log with a forged inquiry', ['forged', ...policy]],
    [
      8,
      'a receipt whose leaf is in the log, and no inquiry',
      ['read.tlog-proof', ...policy, '--receipt', 'read.jwt'],
    ],
    [
      8,
      'a proof by a key that a forged command put on record',
      ['made.tlog-proof', ...policy, '--keys', 'overtaken'],
    ],
    [
      8,
      'a receipt of an inquiry that its counter did not sign',
      ['made.jwt', ...policy, '--keys', 'invented'],
    ],
    [
      9,
      'a log without the leaf of a receipt',
      ['rewritten', ...policy, '--receipt', 'receipt.jwt'],
    ],
    [
      9,
      'a proof of another leaf than the receipt',
      ['other.tlog-proof', ...policy, '--receipt', 'receipt.jwt'],
    ],
    [10, 'a log out of order', ['disordered', ...policy]],
    [0, 'a log of which a number is missing', ['gapped', ...policy]],
    [15, 'the same, where none may be missing', ['gapped', ...policy, '--complete']],
  ])('ends with %i for %s', async (code, _, args) => {
    expect((await verify(...args)).codes).toEqual([code]);
  });

  it.each<readonly [number, readonly string[]]>([
    [0, ['proof.tlog-proof', ...policy]],
    [2, ['log']],
    [3, ['log', '--policy', 'log']],
    [6, ['altered', ...policy]],
    [8, ['forged', ...policy]],
  ])('ends a process with %i', async (code, args) => {
    expect((await verifyProcess(...args)).code).toBe(code);
  });

  it('lets the most serious failure decide', async () => {
    const args = [
      'rewritten',
      ...policy,
      '--receipt',
      'receipt.jwt',
      '--previous',
      'log/checkpoint',
    ];
    expect((await verify(...args)).codes).toEqual([7]);
  });

  it('says what it checked, and what it did not', async () => {
    const { out, err } = await verify('proof.tlog-proof', ...policy);
    expect(out).toContain('✓ inclusion');
    expect(out).toContain('– signatures');
    expect(out).toContain('not checked: the keys on record were not given');
    expect(out).toContain('Everything that was checked is right.');
    expect(err).toBe('');
  });

  it('names every gap, and says that it convicts nobody', async () => {
    const { out } = await verify('gapped', ...policy);
    expect(out).toContain('! completeness');
    expect(out).toContain('2 numbers stated and not in the log');
    expect(out).toContain('    unlogged: counter:72110345 till-1 on 2027-01-15 2\n');
    expect(out).toContain('    unlogged: agency:civil-registry on 2027-01-15 3\n');
    expect(out).toContain('Everything that was checked is right.');
    const json: unknown = JSON.parse((await verify('gapped', ...policy, '--json')).out);
    expect(json).toMatchObject({
      ok: true,
      completeness: {
        series: 5,
        statements: 16,
        counts: [{ kind: 'unlogged', gaps: 2, numbers: 2, open: 0 }],
        gaps: [
          { kind: 'unlogged', by: 'agency:civil-registry', first: 3, last: 3, n: 1 },
          { kind: 'unlogged', by: 'counter:72110345', station: 'till-1', first: 2, last: 2, n: 1 },
        ],
      },
    });
  });

  it('shows colours on a terminal, unless NO_COLOR says otherwise', async () => {
    const args = ['proof.tlog-proof', ...policy];
    expect((await run(args, true, {})).out).toContain('\u001b[32m✓ inclusion');
    expect((await run(args, true, { NO_COLOR: '1' })).out).not.toContain('\u001b');
    expect((await run(args, false, {})).out).not.toContain('\u001b');
    expect((await run([...args, '--json'], true, {})).out).not.toContain('\u001b');
  });

  it('prints one JSON document with --json, for a failure as well', async () => {
    const Report = z.strictObject({
      ok: z.boolean(),
      exitCode: z.int(),
      what: z.string(),
      checks: z.array(z.looseObject({ check: z.string(), result: z.string(), detail: z.string() })),
      findings: z.array(z.looseObject({ fault: z.string(), index: z.int().optional() })),
      notes: z.array(z.unknown()),
      completeness: z.looseObject({ gaps: z.array(z.unknown()) }).optional(),
    });
    const report = async (...args: readonly string[]) =>
      Report.parse(JSON.parse((await verify(...args, '--json')).out));
    expect(await report('log', ...policy)).toMatchObject({
      ok: true,
      exitCode: 0,
      what: at('log'),
    });
    const altered = await report('altered', ...policy);
    expect(altered).toMatchObject({ ok: false, exitCode: 6 });
    expect(altered.findings[0]).toMatchObject({ fault: 'leaf-differs', index: 0 });
    expect(await report('nowhere', ...policy)).toMatchObject({ ok: false, exitCode: 3 });
  });

  it('lists every exit code in its help, and in docs/verify.md', async () => {
    const { code, out } = await verifyProcess('--help');
    const docs = await readFile(new URL('../../docs/verify.md', import.meta.url), 'utf8');
    expect(code).toBe(0);
    for (const one of [0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 14, 15]) {
      expect(out).toMatch(new RegExp(`^  ${one} +\\S`, 'm'));
      expect(docs).toMatch(new RegExp(`^\\| ${one} \\|`, 'm'));
    }
  });
});
