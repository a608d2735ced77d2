import { type RouteName, routes } from '../api/routes.ts';

type RouteOf<Name extends RouteName> = Extract<(typeof routes)[number], { readonly name: Name }>;

type Plain<Name extends string> = Name extends `${infer Base}+` ? Base : Name;

type Parameters<Path extends string> = Path extends `${string}{${infer Name}}${infer Rest}`
  ? Plain<Name> | Parameters<Rest>
  : never;

/** What the path of a route is filled with, by the names that stand in it. */
export type PathValues<Name extends RouteName> = Readonly<
  Record<Parameters<RouteOf<Name>['path']>, string>
>;

/** A query; members that are undefined are left out. */
export type Query = Readonly<Record<string, string | number | undefined>>;

const search = (query: Query): string => {
  const text = new URLSearchParams(
    Object.entries(query).flatMap(([name, value]): [string, string][] =>
      value === undefined ? [] : [[name, String(value)]],
    ),
  ).toString();
  return text === '' ? '' : `?${text}`;
};

/** The path and query of a route, exactly as they are sent and as an access token names them. */
export const targetOf = <Name extends RouteName>(
  name: Name,
  values: PathValues<Name>,
  query: Query = {},
): string => {
  const route = routes.find((one) => one.name === name);
  if (route === undefined) throw new TypeError(`There is no route ${name}.`);
  const filled = new Map<string, string>(Object.entries(values));
  // One that ends with `+` takes many segments: its slashes stay.
  const path = route.path.replace(/\{(\w+)(\+?)\}/g, (_, part: string, many: string) => {
    const value = filled.get(part) ?? '';
    return many === ''
      ? encodeURIComponent(value)
      : value.split('/').map(encodeURIComponent).join('/');
  });
  return path + search(query);
};
