/** An HTTP server of a test, on a free port of this machine. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Listener = AsyncDisposable & {
  readonly url: string;
  /** Every request whose head has arrived, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Every connection that was made, in order. */
  readonly sockets: readonly Socket[];
};

export type Respond = (request: IncomingMessage, response: ServerResponse) => void;

/** Listens until it is disposed of; then every connection is closed too. */
export const listen = async (respond: Respond): Promise<Listener> => {
  const requests: IncomingMessage[] = [];
  const sockets: Socket[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    respond(request, response);
  });
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server has no port.');
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    sockets,
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};

/** The text of a request's body. */
export const textOf = async (request: IncomingMessage): Promise<string> =>
  Buffer.concat(await request.toArray()).toString('utf8');
