/** Payload 2.0 events as API Gateway hands them over, made from the recorded sample. */
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import sample from '#events/samples/http/submit-inquiry.json' with { type: 'json' };
import { type Route, type RouteName, routes } from '#shared/api/routes.ts';

export const routeNamed = (name: RouteName): Route => {
  const route = routes.find((one) => one.name === name);
  if (route === undefined) throw new Error(`There is no route ${name}.`);
  return route;
};

export type Asked = {
  readonly path?: Readonly<Record<string, string>>;
  /** Without the question mark. */
  readonly query?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
};

/** An address of a route with its parameters filled in. */
export const pathOf = (
  { path }: Pick<Route, 'path'>,
  parameters: Readonly<Record<string, string>> = {},
): string =>
  path.replaceAll(/\{([a-z]+)\+?\}/g, (_, name: string) => parameters[name] ?? `no-${name}`);

/** A request for a route; a body is plain text unless said otherwise. */
export const eventFor = (name: RouteName, asked: Asked = {}): APIGatewayProxyEventV2 => {
  const route = routeNamed(name);
  const rawPath = pathOf(route, asked.path);
  const routeKey = `${route.method} ${route.path}`;
  const parameters = Object.fromEntries(new URLSearchParams(asked.query));
  return {
    version: sample.version,
    routeKey,
    rawPath,
    rawQueryString: asked.query ?? '',
    headers: asked.headers ?? {},
    isBase64Encoded: asked.isBase64Encoded ?? false,
    requestContext: {
      ...sample.requestContext,
      routeKey,
      http: { ...sample.requestContext.http, method: route.method, path: rawPath },
    },
    ...(asked.body !== undefined && { body: asked.body }),
    ...(asked.query !== undefined && { queryStringParameters: parameters }),
    ...(asked.path !== undefined && { pathParameters: { ...asked.path } }),
  };
};
