import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { freePort } from '#infra/local/free-port.ts';

const module = fileURLToPath(new URL('../../infra/local/free-port.ts', import.meta.url));

/** Ports that a process of its own was given, which it tells of when all have been. */
const given = async (count: number): Promise<readonly number[]> => {
  const program = `
    import { freePort } from ${JSON.stringify(module)};
    const ports = [];
    for (let n = 0; n < ${count}; n += 1) ports.push(await freePort());
    console.log(JSON.stringify(ports));
    process.stdin.resume().once('end', () => process.exit());
  `;
  const running = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program]);
  const { child } = running;
  const said: readonly unknown[] = await once(child.stdout?.setEncoding('utf8') ?? child, 'data');
  held.push(async () => {
    child.stdin?.end();
    await running;
  });
  return z.array(z.int()).parse(JSON.parse(String(said[0])));
};

const held: (() => Promise<void>)[] = [];

describe('freePort', () => {
  it('gives a port that can be listened at, and that no connection of this machine gets', async () => {
    const port = await freePort();
    const server = createServer().listen(port, '127.0.0.1');
    await once(server, 'listening');
    expect(server.listening).toBe(true);
    expect(port).toBeLessThan(32_768);
    server.close();
    await once(server, 'close');
  });

  it('gives no port twice, also to several processes', async () => {
    const ports = (await Promise.all([given(250), given(250)])).flat();
    await Promise.all(held.map((release) => release()));
    expect(ports).toHaveLength(500);
    expect(new Set(ports).size).toBe(500);
  });

  it('passes over ports at which somebody listens', async () => {
    await using servers = new AsyncDisposableStack();
    for (let port = 20_007; port < 32_768; port += 40) {
      const server = createServer().listen(port, '127.0.0.1');
      // Somebody else may listen there already, which serves as well.
      await once(server, 'listening').catch(() => undefined);
      servers.defer(() => void server.close());
    }
    const ports = new Set<number>();
    for (let n = 0; n < 320; n += 1) ports.add(await freePort());
    expect([...ports].filter((port) => port % 40 === 7)).toEqual([]);
  });
});
