import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { readAnswer } from '#functions/runtime/read-answer.ts';

/** Reads what a server of this machine sends, at most so many bytes. */
const read = async (
  send: (response: ServerResponse) => void,
  max: number,
): Promise<{
  readonly bytes: Promise<Uint8Array | undefined>;
  readonly answer: IncomingMessage;
}> => {
  const server = createServer((_request, response) => send(response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, resolve).once('error', reject);
  });
  const bytes = readAnswer(answer, max);
  server.close();
  return { bytes, answer };
};

describe('the bytes of an answer', () => {
  it('are read whole, whatever they are', async () => {
    const { bytes } = await read((response) => response.end(Buffer.from([0, 255, 10])), 3);
    expect([...((await bytes) ?? [])]).toEqual([0, 255, 10]);
  });

  it('are nothing for an empty answer', async () => {
    const { bytes } = await read((response) => response.end(), 3);
    expect((await bytes)?.length).toBe(0);
  });

  it('are given up with their connection as soon as there are too many', async () => {
    const { bytes, answer } = await read((response) => response.write('four'), 3);
    expect(await bytes).toBeUndefined();
    expect(answer.destroyed).toBe(true);
  });

  it('reject when the answer breaks off', async () => {
    const { bytes } = await read((response) => {
      response.writeHead(200, { 'content-length': 10 });
      response.write('half', () => response.destroy());
    }, 100);
    await expect(bytes).rejects.toThrow('aborted');
  });

  it('reject when the reader itself gives up', async () => {
    const { bytes, answer } = await read((response) => response.write('half'), 100);
    answer.destroy();
    await expect(bytes).rejects.toThrow(/aborted|broke off/);
  });
});
