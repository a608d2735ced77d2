/**
 * Logs of ours before judges that are not ours: Go's `golang.org/x/mod/sumdb/{note,tlog}`, tessera's
 * client and its fsck (go/judge.go). The logs are made by the real sequencer (go/make-log.ts).
 */
import { execFile } from 'node:child_process';
import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { bundlePath, tilePath } from '#shared/audit/tlog/tile-path.ts';
import { edgeTiles, tileWidth, widthIn } from '#shared/audit/tlog/tree.ts';
import { type TemporaryFolder, temporaryFolder } from '#tests/support/temporary-folder.ts';

const run = promisify(execFile);

/** The judge's binary, as go/run builds it. */
const judgeBinary = process.env['ESTELAM_GO_JUDGE'];

const needJudge = (test: TestContext): string => {
  if (judgeBinary !== undefined) return judgeBinary;
  const reason = 'no judge in Go: build it with tests/conformance/go/run';
  console.warn(`SKIPPED ${test.task.name}: ${reason}`);
  return test.skip(reason);
};

const makeLog = fileURLToPath(new URL('./go/make-log.ts', import.meta.url));

type Verdict = { readonly accepted: boolean; readonly said: string };

const judge = async (binary: string, directory: string, vkey: string): Promise<Verdict> => {
  const { code, stdout } = await run(binary, [directory, vkey]).then(
    ({ stdout: said }) => ({ code: 0, stdout: said }),
    (error: { readonly code: unknown; readonly stdout: string }) => error,
  );
  return { accepted: code === 0, said: stdout };
};

/** The files of a log that hold its last entry, its last hashes, and what is signed. */
const filesOf = (size: number): readonly string[] => {
  const last = Math.floor((size - 1) / tileWidth);
  return [
    'checkpoint',
    bundlePath({ index: last, width: widthIn(size, 0, last) }),
    bundlePath({ index: 0, width: widthIn(size, 0, 0) }),
    ...edgeTiles(size).map(tilePath),
  ];
};

const flipByte = async (path: string): Promise<void> => {
  const bytes = await readFile(path);
  const place = Math.floor(bytes.length / 2);
  bytes.writeUInt8(bytes.readUInt8(place) ^ 0x01, place);
  await writeFile(path, bytes);
};

describe.each([255, 256, 257, 70_000])('a log of %d entries before Go', (size) => {
  const made: { folder?: TemporaryFolder; directory: string; vkey: string } = {
    directory: '',
    vkey: '',
  };
  beforeAll(async () => {
    if (judgeBinary === undefined) return;
    const folder = await temporaryFolder();
    const { stdout } = await run(process.execPath, [makeLog, folder.path, String(size)]);
    Object.assign(made, {
      folder,
      directory: join(folder.path, 'log', '0'),
      vkey: stdout.trim(),
    });
  }, 180_000);
  afterAll(() => made.folder?.[Symbol.asyncDispose]());

  it('is accepted', async (test) => {
    const binary = needJudge(test);
    expect(await judge(binary, made.directory, made.vkey)).toEqual({
      accepted: true,
      said: 'accepted\n',
    });
  });

  it.for(filesOf(size))('is refused with one bit changed in %s', async (path, test) => {
    const binary = needJudge(test);
    await using altered = await temporaryFolder();
    await cp(made.directory, altered.path, { recursive: true });
    await flipByte(join(altered.path, path));
    const { accepted, said } = await judge(binary, altered.path, made.vkey);
    expect(accepted).toBe(false);
    expect(said).toMatch(/^refused: /);
  });
});
