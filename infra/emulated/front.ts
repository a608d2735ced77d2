import { once } from 'node:events';
import { createServer, request } from 'node:http';
import * as z from 'zod';

export type Front = AsyncDisposable & { readonly url: string };

/**
 * Gives the emulated API an address of its own, as a custom domain does on AWS.
 *
 * MiniStack tells APIs apart by the Host header, and `fetch` lets nobody choose that header.
 */
export const startFront = async (endpoint: string, host: string): Promise<Front> => {
  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    const onward = request(endpoint, { method, path: url, headers: { ...headers, host } });
    onward.once('response', (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(answer);
    });
    onward.once('error', () => answer.writeHead(502).end());
    incoming.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = z.object({ port: z.int() }).parse(server.address());
  return {
    url: `http://127.0.0.1:${String(port)}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
