import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, describe, expect, it } from 'vitest';
import { diagnoseCommand } from '#shared/client/cli/diagnose.ts';
import { diagnose } from '#shared/inquiry/diagnose.ts';
import { makeExchange } from '#tests/support/exchange.ts';
import { withInquiry } from '#tests/support/messages.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { listen, textOf } from './http-listener.ts';

const folder = await temporaryFolder();
afterAll(() => folder[Symbol.asyncDispose]());

const test = await makeExchange();
const exchange = await listen((request, response) => {
  const answer = async (): Promise<void> => {
    const json = await diagnose(test.exchange)(await textOf(request));
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(json));
  };
  answer().catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined));
});
afterAll(() => exchange[Symbol.asyncDispose]());

/** What the command writes to a message in a file, and its exit code. */
const run = async (text: string | undefined, ...options: readonly string[]) => {
  const path = join(folder.path, `${crypto.randomUUID()}.txt`);
  if (text !== undefined) await writeFile(path, text);
  const [out, err] = [new PassThrough(), new PassThrough()];
  const codes: number[] = [];
  const command = diagnoseCommand({ out, err, environment: {} }, (code) => codes.push(code));
  const to = options.includes('--exchange') ? [] : ['--exchange', exchange.url];
  await command.parseAsync([path, ...to, ...options], { from: 'user' });
  const said = (stream: PassThrough): string => String(stream.read() ?? '');
  return { out: said(out), err: said(err), codes };
};

describe('estelam diagnose', () => {
  it('says that a message would be sent on, whether or not its file ends its line', async () => {
    const text = await test.request();
    for (const file of [text, `${text}\n`, `${text}\r\n`]) {
      const { out, codes } = await run(file);
      expect(out).toMatch(
        /^\d+ passed, 0 failed, 3 skipped\.\nIt would be sent on to the agency\.\n$/,
      );
      expect(codes).toEqual([0]);
    }
    expect(exchange.requests.at(-1)).toMatchObject({ method: 'POST', url: '/v1/diagnose' });
  });

  it('shows what failed, and where', async () => {
    const { out, codes } = await run(
      await test.request({ claims: withInquiry({ seq: 0, purpose: 'curiosity' }) }),
    );
    expect(out).toMatch(/^✗ inq-seq: .*\n {4}\/inq\/seq must be at least 1\n/);
    expect(out).toContain('It would be refused as invalid-claims.');
    expect(codes).toEqual([13]);
  });

  it('shows every check when it is asked to, and JSON for programs', async () => {
    const text = await test.request();
    const { out } = await run(text, '--all');
    expect(out).toMatch(/^✓ media-type\n✓ message-size\n/);
    expect(out).toContain('– agency-reached\n');
    expect(JSON.parse((await run(text, '--json')).out)).toMatchObject({ outcome: 'sent-on' });
  });

  it.each([
    ['a file that is not there', undefined, [], 3, /there is no such file/],
    ['an address that is none', 'x~', ['--exchange', 'exchange'], 2, /must be the URL/],
    ['an exchange that is away', 'x~', ['--exchange', 'http://127.0.0.1:1'], 3, /not reached/],
  ] as const)('says so of %s', async (_, text, options, code, said) => {
    const { out, err, codes } = await run(text, ...options);
    expect({ out, codes }).toEqual({ out: '', codes: [code] });
    expect(err).toMatch(said);
  });
});
