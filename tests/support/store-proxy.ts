/** A store that can be broken: stands between an exchange and its DynamoDB-compatible store. */
import { once } from 'node:events';
import { createServer, request as httpRequest } from 'node:http';
import { readAtMost } from '#shared/kernel/read-at-most.ts';

/** One call as the store would see it. */
export type StoreCall = {
  /** For example `PutItem`. */
  readonly operation: string;
  readonly body: string;
};

/**
 * `pass`: as if nothing were between; `refuse`: the connection breaks before the store sees the call
 * (not persisted); `lose`: the store does the work and its answer is lost (persisted, not
 * acknowledged); `hang`: the store sees nothing and the caller hears nothing.
 */
export type Fault = 'pass' | 'refuse' | 'lose' | 'hang';

export type StoreProxy = {
  readonly endpoint: string;
  /** Asked for every call from now on; gives what makes all pass again. */
  readonly breakCalls: (choose: (call: StoreCall) => Fault) => () => void;
  readonly close: () => Promise<void>;
};

const passAll = (): Fault => 'pass';

export const startStoreProxy = async (target: string): Promise<StoreProxy> => {
  const { hostname, port } = new URL(target);
  let choose: (call: StoreCall) => Fault = passAll;

  const server = createServer((incoming, outgoing) => {
    const pass = async (): Promise<void> => {
      const body = Buffer.from((await readAtMost(incoming, 10_000_000)) ?? []);
      const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
      const fault = choose({ operation, body: body.toString('utf8') });
      if (fault === 'refuse') {
        incoming.socket.destroy();
        return;
      }
      if (fault === 'hang') return;
      const onward = httpRequest(
        { hostname, port, method: 'POST', path: '/', headers: incoming.headers },
        (answer) => {
          if (fault === 'lose') {
            answer.resume();
            answer.once('end', () => incoming.socket.destroy());
            return;
          }
          outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
          answer.pipe(outgoing);
        },
      );
      onward.once('error', () => incoming.socket.destroy());
      onward.end(body);
    };
    pass().catch(() => incoming.socket.destroy());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The proxy has no port.');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    breakCalls: (next) => {
      choose = next;
      return () => {
        choose = passAll;
      };
    },
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
};
