import { describe, expect, it } from 'vitest';
import { routes } from '#shared/api/routes.ts';
import { synthesise } from './synthesise.ts';
import { routesOf, stagesOf } from './template.ts';

const { exchange } = synthesise();

const byKey = (a: { readonly key: string }, b: { readonly key: string }) =>
  a.key < b.key ? -1 : 1;

describe('the deployed API', () => {
  it('has the routes of the table and no other, each answered by its function', () => {
    const table = routes.map((route) => ({
      key: `${route.method} ${route.path}`,
      payload: '2.0',
      function: route.function,
    }));
    expect(routesOf(exchange).toSorted(byKey)).toEqual(table.toSorted(byKey));
  });

  it('is throttled as a whole', () => {
    expect(stagesOf(exchange)).toMatchObject([
      {
        StageName: '$default',
        DefaultRouteSettings: { ThrottlingBurstLimit: 2_000, ThrottlingRateLimit: 1_000 },
      },
    ]);
  });

  it('logs no path, query, address or agent of a caller', () => {
    const formats = stagesOf(exchange).map((stage) => stage.AccessLogSettings.Format);
    expect(
      formats
        .join()
        .match(/\$context\.[\w.]+/g)
        ?.toSorted(),
    ).toEqual([
      '$context.error.responseType',
      '$context.integrationLatency',
      '$context.integrationStatus',
      '$context.requestId',
      '$context.requestTimeEpoch',
      '$context.responseLatency',
      '$context.routeKey',
      '$context.status',
    ]);
  });
});
