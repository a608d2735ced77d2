import { once } from 'node:events';
import { access, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { CommanderError } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { bundlePath } from '#shared/audit/tlog/tile-path.ts';
import { exportCommand } from '#shared/client/cli/export.ts';
import { WrongUsage } from '#shared/client/cli/failed-input.ts';
import { verifyCommand } from '#shared/client/cli/verify.ts';
import { writeNewFile } from '#shared/client/cli/write-new-file.ts';
import { utf8 } from '#shared/kernel/bytes.ts';
import {
  buildLog,
  type LogFiles,
  policyText,
  testSigners,
  writeLog,
} from '#tests/support/log-builder.ts';
import { receiptOf } from '#tests/support/log-leaves.ts';
import { makeKey } from '#tests/support/messages.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { censusLeaf, complete, items } from '../unit/verify/sample-complete.ts';
import { bentLines, bentMember, exportOf, partOf } from '../unit/verify/sample-export.ts';
import { changed, flipAt, without } from '../unit/verify/sample-files.ts';
import { filteredOf } from '../unit/verify/sample-filtered.ts';
import { cast, firstLeaves, inquiriesAt, inquiryAt } from '../unit/verify/sample-log.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());
const at = (...parts: readonly string[]): string => join(folder.path, ...parts);

/** Runs a command in this process; what commander refuses ends with 2, as main.ts has it. */
const runCommand = async (make: typeof exportCommand, args: readonly string[]) => {
  const [out, err]: [string[], string[]] = [[], []];
  const into = (texts: string[]) =>
    new Writable({
      write: (chunk: Buffer, _, done) => {
        texts.push(chunk.toString());
        done();
      },
    });
  const codes: number[] = [];
  const streams = { out: into(out), err: into(err), environment: {} };
  const command = make(streams, (code) => codes.push(code))
    .exitOverride()
    .configureOutput({ writeErr: () => undefined });
  try {
    await command.parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    codes.push(2);
  }
  return { codes, out: out.join(''), err: err.join('') };
};

const inquiries = await inquiriesAt([0, 1000, 12_000]);
const [inquiry] = inquiries;
if (inquiry === undefined) throw new Error('no inquiry');
const leaves = [...firstLeaves, ...inquiries.map(({ data }) => data)];
const built = await buildLog(leaves);
const bundle = bundlePath({ index: 0, width: leaves.length });

/** Writes the files of a log below a name, and gives its folder. */
const publish = async (name: string, files: LogFiles): Promise<string> => {
  await writeLog(at(name), files);
  return at(name);
};

const log = await publish('log', built.files);
const unbundled = await publish('unbundled', without(built.files, bundle));
const altered = await publish('altered', changed(built.files, bundle, flipAt(40)));
const unpublished = await publish('unpublished', without(built.files, 'checkpoint'));
const junk = await publish('junk', new Map([['checkpoint', utf8('junk')]]));
const odd = 'exchange.example/elsewhere';
const oddLog = await publish('odd', (await buildLog(leaves, { origin: odd })).files);
const policy = at('policy.txt');
await writeFile(policy, policyText());
const strangers = at('strangers.txt');
await writeFile(strangers, policyText(testSigners('other.example/log/0')));
const receipt = at('receipt.jwt');
await writeFile(receipt, await receiptOf(inquiry, cast));

let made = 0;
/** A name in a folder of its own, so that everything which is left behind is seen. */
const fresh = async () => {
  made += 1;
  const own = at(`made-${made}`);
  await mkdir(own);
  return { own, out: join(own, 'export.tar') };
};

const runExport = (...args: readonly string[]) => runCommand(exportCommand, args);
const verify = (...args: readonly string[]) => runCommand(verifyCommand, args);

describe('estelam export', () => {
  it('makes one file, which estelam verify takes', async () => {
    const { own, out } = await fresh();
    const ran = await runExport(log, '--out', out);
    expect(ran.codes).toEqual([0]);
    expect(ran.out).toContain(`${out}: leaves 0 up to and without 7 of log 0; `);
    expect(await readdir(own)).toEqual(['export.tar']);
    expect(Buffer.compare(await readFile(out), await exportOf([partOf(built)]))).toBe(0);
    const checkpoint = join(log, 'checkpoint');
    const verified = await verify(
      out,
      '--policy',
      policy,
      '--receipt',
      receipt,
      '--previous',
      checkpoint,
    );
    expect(verified.codes).toEqual([0]);
    expect(verified.out).toContain('✓ rows');
    expect(verified.out).toContain('– the rest of the log');
  });

  it('takes a range, and a policy with it', async () => {
    const { out } = await fresh();
    const args = ['--from', '4', '--to', '6', '--shard', '0', '--policy', policy];
    expect((await runExport(log, ...args, '--out', out)).codes).toEqual([0]);
    const wanted = await exportOf([partOf(built, { from: 4, to: 6 })], utf8(policyText()));
    expect(Buffer.compare(await readFile(out), wanted)).toBe(0);
    const alone = await verify(out, '--policy', policy);
    expect(alone.codes).toEqual([0]);
    expect(alone.out).toContain('– keys outside of the range');
    const beside = await verify(out, '--policy', policy, '--keys', log, '--json');
    expect(beside.codes).toEqual([0]);
    expect(JSON.parse(beside.out)).toMatchObject({ ok: true, what: out });
    expect(beside.out).not.toContain('keys outside of the range');
  });

  it('takes what a filter names, and what it is judged by', async () => {
    const { out } = await fresh();
    const filter = '{"outcome":"FOUND","counter":["counter:1","counter:72110345"]}';
    expect((await runExport(log, '--filter', filter, '--out', out)).codes).toEqual([0]);
    const verified = await verify(out, '--policy', policy, '--receipt', receipt);
    expect(verified.codes).toEqual([0]);
    expect(verified.out).toContain('7 entries of 7, each named by the filter');
    const none = await fresh();
    const stranger = '{"counter":"counter:1"}';
    expect((await runExport(log, '--filter', stranger, '--out', none.out)).codes).toEqual([0]);
    const seen = await verify(none.out, '--policy', policy, '--receipt', receipt);
    expect(seen.codes).toEqual([0]);
    expect(seen.out).toContain('4 entries of 7, each named by the filter');
    expect(seen.out).toContain('which the filter does not name');
  });

  it('takes the number of a log whose origin does not say it', async () => {
    const { out } = await fresh();
    expect((await runExport(oddLog, '--out', out)).codes).toEqual([2]);
    expect((await runExport(oddLog, '--out', out, '--shard', '3')).codes).toEqual([0]);
  });

  it('takes several logs', async () => {
    const { out } = await fresh();
    const other = await publish(
      'other',
      (await buildLog(leaves, { origin: 'exchange.example/log/1' })).files,
    );
    expect((await runExport(other, log, '--out', out)).codes).toEqual([0]);
    expect((await readFile(out)).includes('log/1/checkpoint')).toBe(true);
    const again = await fresh();
    expect((await runExport(other, log, '--from', '1', '--out', again.out)).codes).toEqual([2]);
    expect((await runExport(log, log, '--out', again.out)).codes).toEqual([2]);
  });

  it.each<readonly [number, string, readonly string[]]>([
    [2, 'no file to make', [log]],
    [2, 'a file that is no log', [policy]],
    [2, 'the number of another log', [log, '--shard', '1']],
    [2, 'a range beyond the log', [log, '--to', '8']],
    [2, 'a range without leaves', [log, '--from', '3', '--to', '3']],
    [2, 'a range that is no number', [log, '--from', '-1']],
    [2, 'a filter that is none', [log, '--filter', '{"subject":"0499370899"}']],
    [2, 'a filter that is no JSON', [log, '--filter', 'counter:1']],
    [2, 'a filter by province', [log, '--filter', '{"province":"گیلان"}']],
    [2, 'a participant without a key', [log, '--participant', 'auditor:a']],
    [3, 'a log that is not there', [at('nowhere')]],
    [3, 'a log without a checkpoint', [unpublished]],
    [3, 'a log without a bundle', [unbundled]],
    [3, 'a policy that is not there', [log, '--policy', at('nowhere')]],
    [4, 'a checkpoint that is none', [junk]],
    [4, 'a policy that is none', [log, '--policy', receipt]],
    [5, 'a checkpoint that the policy does not believe', [log, '--policy', strangers]],
    [6, 'an altered entry', [altered]],
  ])('ends with %i for %s, and leaves nothing behind', async (code, _, args) => {
    const { own, out } = await fresh();
    const to = code === 2 && args.length === 1 && args[0] === log ? [] : ['--out', out];
    const ran = await runExport(...args, ...to);
    expect(ran.codes).toEqual([code]);
    expect(ran.out).toBe('');
    expect(await readdir(own)).toEqual([]);
  });

  it('overwrites nothing', async () => {
    const { own, out } = await fresh();
    await writeFile(out, 'mine');
    const ran = await runExport(log, '--out', out);
    expect(ran.codes).toEqual([2]);
    expect(ran.err).toContain('nothing is overwritten');
    expect(await readFile(out, 'utf8')).toBe('mine');
    expect(await readdir(own)).toEqual(['export.tar']);
  });

  it('cannot write into a folder that is not there', async () => {
    const ran = await runExport(log, '--out', at('nowhere', 'export.tar'));
    expect(ran.codes).toEqual([3]);
    expect(ran.err).toContain('it cannot be written');
  });

  it('reads entries by URL as an auditor', async () => {
    const server = createServer((request, response) => {
      const path = (request.url ?? '').slice('/log/0/'.length);
      const bytes = built.files.get(path);
      const isEntries = path.startsWith('tile/entries/');
      const admitted =
        !isEntries || request.headers.authorization?.startsWith('Bearer ey') === true;
      response
        .writeHead(admitted ? (bytes === undefined ? 404 : 200) : 401)
        .end(admitted ? bytes : undefined);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const address = server.address();
      const port = typeof address === 'object' ? address?.port : undefined;
      const url = `http://127.0.0.1:${port}/log/0`;
      const key = at('auditor.jwk');
      const { privateJwk } = await makeKey('ES256', 'auditor:court');
      await writeFile(key, JSON.stringify(privateJwk));
      const { out, own } = await fresh();
      expect((await runExport(url, '--out', out)).codes).toEqual([3]);
      expect(await readdir(own)).toEqual([]);
      const args = ['--participant', 'auditor:court', '--key', key, '--out', out];
      expect((await runExport(url, ...args)).codes).toEqual([0]);
      expect(Buffer.compare(await readFile(out), await exportOf([partOf(built)]))).toBe(0);
    } finally {
      server.close();
      server.closeAllConnections();
    }
  });
});

describe('writeNewFile', () => {
  const parts = async function* () {
    yield utf8('one ');
    yield utf8('two');
  };

  it('does not overwrite what came to be there meanwhile', async () => {
    const { own, out } = await fresh();
    const racing = async function* () {
      await writeFile(out, 'mine');
      yield* parts();
    };
    await expect(writeNewFile(out, racing)).rejects.toThrow(WrongUsage);
    expect(await readFile(out, 'utf8')).toBe('mine');
    expect(await readdir(own)).toEqual(['export.tar']);
  });

  it('shows nothing under the name before it is whole, and nothing when the making breaks', async () => {
    const { own, out } = await fresh();
    const seen: string[][] = [];
    const breaking = async function* () {
      yield* parts();
      seen.push(await readdir(own));
      throw new Error('broken');
    };
    await expect(writeNewFile(out, breaking)).rejects.toThrow('broken');
    expect(seen[0]).toHaveLength(2);
    expect(seen[0]).not.toContain('export.tar');
    expect(await readdir(own)).toEqual([]);
    expect(await writeNewFile(out, parts)).toBe(7);
    expect(await readFile(out, 'utf8')).toBe('one two');
  });

  it('gives back what was kept aside', async () => {
    const { out } = await fresh();
    await writeNewFile(out, async function* (spool) {
      await spool.write(utf8('aside, '));
      await spool.write(utf8('and more'));
      yield utf8('first ');
      yield* spool.read();
    });
    expect(await readFile(out, 'utf8')).toBe('first aside, and more');
    await expect(access(`${out}.aside`)).rejects.toThrow('ENOENT');
  });
});

describe('estelam verify, of an export', async () => {
  const right = await exportOf([partOf(built)]);
  const forged = await buildLog([
    ...leaves,
    (await inquiryAt(13_000, { counter: await makeKey() })).data,
  ]);
  const dropped = await buildLog(leaves.toSpliced(4, 1));
  const disordered = await buildLog([...leaves.slice(0, 4), ...leaves.slice(4).toReversed()]);
  const counted = await buildLog([
    ...complete,
    censusLeaf(complete, { from: 0, to: 20, t: items.at(-1)?.t ?? 0 }, { n: 1 }),
  ]);
  const filtered = await filteredOf({ counter: 'counter:2' });
  const ofOne = (line: string) => line.includes('"seq":102');

  it.each<readonly [number, string, Uint8Array, readonly string[]]>([
    [0, 'a right one', right, ['--receipt', receipt]],
    [0, 'one by its hashes', right, ['--hashes-only']],
    [2, 'a range without keys, and keys that are no log', right, ['--keys', receipt]],
    [4, 'one cut short', right.subarray(0, -600), []],
    [4, 'a tar of something else', bentMember(right, 'manifest.json', () => utf8('{}\n')), []],
    [
      5,
      'one of a log that the policy does not name',
      await exportOf([partOf(await buildLog(leaves, { origin: odd }))]),
      [],
    ],
    [6, 'one that omits a row', bentLines(right, (lines) => lines.slice(1)), []],
    [
      6,
      'one with an altered view',
      bentLines(right, (lines) => lines.map((line) => line.replace('"FOUND"', '"DENIED"'))),
      [],
    ],
    [
      7,
      'one of a log that was rewritten',
      await exportOf([partOf(dropped)]),
      ['--previous', join(log, 'checkpoint')],
    ],
    [8, 'one with a forged inquiry', await exportOf([partOf(forged)]), []],
    [
      9,
      'one of a log without the leaf of a receipt',
      await exportOf([partOf(dropped)]),
      ['--receipt', receipt],
    ],
    [10, 'one of a log out of order', await exportOf([partOf(disordered)]), []],
    [0, 'a filtered one', filtered, ['--complete']],
    [14, 'one of a log with a census that counts otherwise', await exportOf([partOf(counted)]), []],
    [
      14,
      'a filtered one that omits a row',
      bentLines(filtered, (lines) => lines.filter((line) => !ofOne(line))),
      ['--complete'],
    ],
  ])('ends with %i for %s', async (code, _, bytes, args) => {
    const { out } = await fresh();
    await writeFile(out, bytes);
    expect((await verify(out, '--policy', policy, ...args)).codes).toEqual([code]);
  });
});
