import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { inspect } from 'node:util';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { type FunctionName, type Route, routes } from '#shared/api/routes.ts';
import { readAtMost } from '#shared/kernel/read-at-most.ts';

type Handler = (event: APIGatewayProxyEventV2) => Promise<APIGatewayProxyStructuredResultV2>;
export type Handlers = ReadonlyMap<FunctionName, Handler>;

/** What API Gateway itself takes in a payload; the functions say 413 far below it. */
const gatewayBody = 10_485_760;

/** Milliseconds after which API Gateway gives a request up. */
const requestTime = 30_000;

type Match = { readonly route: Route; readonly parameters: Readonly<Record<string, string>> };

/** One segment in braces matches one segment of an address, one that ends with `+` all the rest. */
const matcher = (route: Route): ((method: string, path: string) => Match | undefined) => {
  const names = [...route.path.matchAll(/\{([a-z]+)\+?\}/g)].map(([, name]) => name ?? '');
  const pattern = new RegExp(
    `^${route.path
      .replaceAll('.', '\\.')
      .replaceAll(/\{[a-z]+\}/g, '([^/]+)')
      .replaceAll(/\{[a-z]+\+\}/g, '(.+)')}$`,
  );
  return (method, path) => {
    const found = method === route.method ? pattern.exec(path) : null;
    if (found === null) return undefined;
    const values = found.slice(1).map(decode);
    return {
      route,
      parameters: Object.fromEntries(names.map((name, n) => [name, values[n] ?? ''])),
    };
  };
};

const decode = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** A segment as text, so that the more it says of an address the earlier it sorts. */
const rank = (segment: string): string => {
  if (!segment.startsWith('{')) return '0';
  return segment.endsWith('+}') ? '2' : '1';
};

const rankOf = ({ path }: Route): string => path.split('/').map(rank).join('');

/** API Gateway takes the route that says most of an address, whatever the order of the table. */
const matchers = routes
  .toSorted((a, b) => Number(rankOf(a) > rankOf(b)) - Number(rankOf(a) < rankOf(b)))
  .map(matcher);

const match = (method: string, path: string): Match | undefined => {
  for (const tryRoute of matchers) {
    const found = tryRoute(method, path);
    if (found !== undefined) return found;
  }
  return undefined;
};

/** What comes twice is joined by a comma, whichever header it is. */
const headersOf = ({ headersDistinct }: IncomingMessage): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headersDistinct).map(([name, values]) => [name, values?.join(',') ?? '']),
  );

/** The same of parameters, in one pass: somebody may name thousands. */
const queryOf = ({ searchParams }: URL): Record<string, string> => {
  const named = Map.groupBy(searchParams, ([name]) => name);
  return Object.fromEntries(
    [...named].map(([name, found]) => [name, found.map(([, value]) => value).join(',')]),
  );
};

/** A time as the gateway writes it: `15/Jan/2027:08:00:00 +0000`. */
const logTime = (milliseconds: number): string => {
  const [, day, month, year, time] = new Date(milliseconds).toUTCString().split(' ');
  return `${day}/${month}/${year}:${time} +0000`;
};

/** A text body travels as it is when the gateway knows its media type as text; all else as base64. */
const isText = (mediaType: string): boolean => /^(?:text\/|application\/json\b)/.test(mediaType);

/** The event that API Gateway's HTTP API makes of a request (payload format 2.0). */
const toEvent = (
  request: IncomingMessage,
  url: URL,
  { route, parameters }: Match,
  body: Buffer,
): APIGatewayProxyEventV2 => {
  const headers = headersOf(request);
  const plain = isText(headers['content-type'] ?? '');
  const routeKey = `${route.method} ${route.path}`;
  const now = Date.now();
  return {
    version: '2.0',
    routeKey,
    rawPath: url.pathname,
    rawQueryString: url.search.slice(1),
    headers,
    ...(url.search.length > 1 && { queryStringParameters: queryOf(url) }),
    ...(Object.keys(parameters).length > 0 && { pathParameters: parameters }),
    isBase64Encoded: body.length > 0 && !plain,
    ...(body.length > 0 && { body: body.toString(plain ? 'utf8' : 'base64') }),
    requestContext: {
      accountId: 'local',
      apiId: 'local',
      domainName: url.hostname,
      domainPrefix: 'local',
      http: {
        method: route.method,
        path: url.pathname,
        protocol: 'HTTP/1.1',
        sourceIp: request.socket.remoteAddress ?? '',
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey,
      stage: '$default',
      time: logTime(now),
      timeEpoch: now,
    },
  };
};

const send = (response: ServerResponse, result: APIGatewayProxyStructuredResultV2): void => {
  response.statusCode = result.statusCode ?? 200;
  for (const [name, value] of Object.entries(result.headers ?? {})) {
    response.setHeader(name, typeof value === 'string' ? value : String(value));
  }
  response.end(
    result.body === undefined
      ? undefined
      : Buffer.from(result.body, result.isBase64Encoded === true ? 'base64' : 'utf8'),
  );
};

const gatewayAnswer = (response: ServerResponse, status: number, message: string): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify({ message }));
};

const answer = async (
  handlers: Handlers,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> => {
  const url = URL.parse(request.url ?? '', 'http://127.0.0.1');
  const found = url === null ? undefined : match(request.method ?? '', url.pathname);
  if (url === null || found === undefined) {
    gatewayAnswer(response, 404, 'Not Found');
    return;
  }
  const body = await readAtMost(request, gatewayBody);
  if (body === undefined) {
    gatewayAnswer(response, 413, 'Request Too Long');
    return;
  }
  const handler = handlers.get(found.route.function);
  if (handler === undefined) throw new Error(`No handler for ${found.route.function}.`);
  send(response, await handler(toEvent(request, url, found, Buffer.from(body))));
};

/** Serves the one table of routes on 127.0.0.1 through the very handlers that run in AWS Lambda. */
export const startServer = async (handlers: Handlers, port: number): Promise<Server> => {
  const server = createServer((request, response) => {
    answer(handlers, request, response).catch((error: unknown) => {
      // Lambda logs what a handler throws; a request that was broken off is nobody's fault here.
      if (request.complete) process.stderr.write(`${inspect(error)}\n`);
      if (response.headersSent) response.destroy();
      else gatewayAnswer(response, 500, 'Internal Server Error');
    });
  });
  server.requestTimeout = requestTime;
  server.headersTimeout = 10_000;
  server.keepAliveTimeout = 60_000;
  // The default queue of 511 overflows when a thousand connections open at once.
  server.listen({ port, host: '127.0.0.1', backlog: 4096 });
  await once(server, 'listening');
  return server;
};

const isHandler = (value: unknown): value is Handler => typeof value === 'function';

/** Loads a function's handler by its path, as Lambda does. */
const loadHandler = async (name: FunctionName): Promise<Handler> => {
  const path = new URL(`../../functions/${name}/handler.ts`, import.meta.url);
  const module: unknown = await import(path.href);
  const handler =
    typeof module === 'object' && module !== null && 'handler' in module
      ? module.handler
      : undefined;
  if (!isHandler(handler)) throw new TypeError(`functions/${name}/handler.ts has no handler.`);
  return handler;
};

/** Every handler that the table of routes names. */
export const loadHandlers = async (): Promise<Handlers> => {
  const names = [...new Set(routes.map((route) => route.function))];
  const loaded = await Promise.all(
    names.map(async (name): Promise<[FunctionName, Handler]> => [name, await loadHandler(name)]),
  );
  return new Map(loaded);
};
