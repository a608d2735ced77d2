import { once } from 'node:events';
import { createServer, request } from 'node:http';
import * as z from 'zod';
import { type Account, exchangeAccount, region, type Target } from './aws.ts';

export type Front = AsyncDisposable & { readonly url: string };

/** An API of the emulated AWS. */
export type EmulatedApi = Target & { readonly apiId: string };

/** The Host header by which MiniStack knows an API. */
export const hostOf = (apiId: string): string => `${apiId}.execute-api.localhost`;

/**
 * What MiniStack wants to know of a request to another account's API: it reads the account, and no
 * more, of a signature that nothing here asks for. AWS finds an API by its host alone.
 */
const inAccount = ({ id, credentials }: Account): Readonly<Record<string, string>> =>
  id === exchangeAccount.id
    ? {}
    : {
        authorization: `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/20260101/${region}/execute-api/aws4_request, SignedHeaders=host, Signature=0`,
      };

/**
 * Gives an emulated API an address of its own, as a custom domain does on AWS.
 *
 * MiniStack tells APIs apart by the Host header, and `fetch` lets nobody choose that header.
 */
export const startFront = async ({ endpoint, account, apiId }: EmulatedApi): Promise<Front> => {
  const set = { host: hostOf(apiId), ...inAccount(account) };
  const server = createServer((incoming, answer) => {
    const { method, url, headers } = incoming;
    const onward = request(endpoint, { method, path: url, headers: { ...headers, ...set } });
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
