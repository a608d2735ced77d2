import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import type { Bound } from '#shared/api/authorize.ts';
import { type Language, languageOf } from '#shared/api/problem-document.ts';
import { type Route, type RouteName, routes } from '#shared/api/routes.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { isJsonObject, type JsonObject, parseStrictJson } from '#shared/kernel/strict-json.ts';
import { refusalOf } from '#shared/message/checks.ts';
import { maxBody } from '#shared/message/kind.ts';
import type { Timing } from './timing.ts';

export type NamedRoute = Route & { readonly name: RouteName };

/** One request as the functions see it. */
export type Call = {
  /** What the answer names the request. */
  readonly requestId: string;
  readonly route: NamedRoute;
  readonly bound: Bound;
  readonly path: Readonly<Record<string, string | undefined>>;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly authorization: string | undefined;
  readonly accept: string;
  /** The one that it wants to be answered in, where an answer is in one. */
  readonly language: Language;
  /** The body, decoded exactly once, as Latin-1: one character a byte. */
  readonly body: () => string;
  /** The body as a JSON object; the problem `invalid-body` for every other. */
  readonly json: () => JsonObject;
  readonly traceparent: string;
  readonly timing: Timing;
};

const routeByKey = new Map<string, NamedRoute>(
  routes.map((route) => [`${route.method} ${route.path}`, route]),
);

/** The route of a payload 2.0 event; undefined for an address that is not in the table. */
export const routeOf = ({ routeKey }: APIGatewayProxyEventV2): NamedRoute | undefined =>
  routeByKey.get(routeKey);

const readBytes = (event: APIGatewayProxyEventV2, consumes: readonly string[]): Buffer => {
  const mediaType = event.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (!consumes.includes(mediaType)) {
    throw refusalOf('media-type', `Send ${consumes.join(' or ')}.`);
  }
  const { body = '', isBase64Encoded } = event;
  return Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8');
};

const jsonOf = (bytes: Uint8Array): JsonObject => {
  if (bytes.length > maxBody) throw new Problem('too-large', `Send at most ${maxBody} bytes.`);
  try {
    const json = parseStrictJson(bytes);
    if (isJsonObject(json)) return json;
  } catch (cause) {
    if (!(cause instanceof Problem)) throw cause;
  }
  throw new Problem('invalid-body', 'Send one JSON object, strictly as RFC 8259 has it.');
};

/** A body that an access token must name: a signed message says itself who sent it. */
const boundBody = (event: APIGatewayProxyEventV2, { proof, consumes }: Route) =>
  proof === 'access-token' && consumes.length > 0 ? { body: readBytes(event, consumes) } : {};

/** Reads an API Gateway HTTP API event, payload format 2.0. */
export const toCall = (
  event: APIGatewayProxyEventV2,
  { traceparent, timing }: Pick<Call, 'traceparent' | 'timing'>,
): Call => {
  const route = routeOf(event);
  if (route === undefined) throw new Problem('not-found', 'There is no such address.');
  return {
    requestId: event.requestContext.requestId,
    route,
    bound: {
      method: route.method,
      path: event.rawPath,
      query: event.rawQueryString,
      ...boundBody(event, route),
    },
    path: event.pathParameters ?? {},
    query: event.queryStringParameters ?? {},
    authorization: event.headers['authorization'],
    accept: event.headers['accept'] ?? '',
    language: languageOf(event.headers['accept-language'] ?? ''),
    body: () => readBytes(event, route.consumes).toString('latin1'),
    json: () => jsonOf(readBytes(event, route.consumes)),
    traceparent,
    timing,
  };
};
