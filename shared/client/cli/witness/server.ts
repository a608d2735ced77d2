import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import { maxRequest } from '#shared/audit/add-checkpoint.ts';
import type { WitnessAnswer } from '#shared/audit/witness-answer.ts';
import type { WitnessRequest } from '#shared/audit/witness-service.ts';
import { readAtMost } from '#shared/kernel/read-at-most.ts';

type Service = (request: WitnessRequest) => Promise<WitnessAnswer>;

/** What one request came to. `origin` is the name of a log that is watched, never what was sent. */
export type Told = {
  readonly origin?: string;
  readonly size?: string;
  readonly status: number;
};

/** Milliseconds that a head may take, a whole request, and a connection without one. */
const limits = { headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 15_000 } as const;

/** Connections at once; a log keeps one, and there are a few logs. */
const maxConnections = 64;

/** Milliseconds between two looks for requests that take too long. */
const connectionsCheckingInterval = 1000;

const headers = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' } as const;

const tellOf = ({ status, about }: WitnessAnswer): Told =>
  about === undefined ? { status } : { origin: about.origin, size: String(about.size), status };

const reply = async (
  service: Service,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Told> => {
  // Without destroying what is left: the answer still has to go out.
  const body = await readAtMost(request.iterator({ destroyOnReturn: false }), maxRequest);
  const [path = ''] = (request.url ?? '').split('?', 1);
  const answer = await service({ method: request.method ?? '', path, body });
  if (body === undefined) {
    response.setHeader('connection', 'close');
    request.resume();
  }
  response.writeHead(answer.status, { ...headers, 'content-type': answer.type });
  response.end(answer.body);
  return tellOf(answer);
};

const replyToBug = (error: unknown, response: ServerResponse): Told => {
  process.stderr.write(`${inspect(error)}\n`);
  response.writeHead(500, { ...headers, 'content-type': 'text/plain; charset=utf-8' });
  response.end('Internal Server Error\n');
  return { status: 500 };
};

/** Serves a witness over HTTP and tells of every request it answered. Port 0 is any that is free. */
export const startWitnessServer = async (
  service: Service,
  { host, port }: { readonly host: string; readonly port: number },
  tell: (told: Told) => void,
): Promise<Server> => {
  const server = createServer({ ...limits, connectionsCheckingInterval }, (request, response) => {
    reply(service, request, response).then(tell, (error: unknown) => {
      // A request that was broken off is nobody's fault here.
      if (request.complete && !response.headersSent) tell(replyToBug(error, response));
      else response.destroy();
    });
  });
  server.maxConnections = maxConnections;
  server.listen({ host, port });
  await once(server, 'listening');
  return server;
};
