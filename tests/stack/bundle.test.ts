import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { entryOf, esbuildOptions } from '#infra/constructs/bundling.ts';
import { type FunctionName, routes } from '#shared/api/routes.ts';

type Bundle = { readonly bytes: number; readonly files: readonly string[] };

/** The files that left bytes in the bundle: one that was read and shaken off whole does not count. */
const bundle = async (name: FunctionName): Promise<Bundle> => {
  const { metafile } = await build(esbuildOptions(entryOf(name)));
  const outputs = Object.values(metafile.outputs);
  return {
    bytes: outputs.reduce((sum, { bytes }) => sum + bytes, 0),
    files: outputs.flatMap(({ inputs }) =>
      Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
        bytesInOutput > 0 ? [file] : [],
      ),
    ),
  };
};

const names = [...new Set(routes.map((route): FunctionName => route.function))];
const bundles = new Map<FunctionName, Bundle>();

beforeAll(async () => {
  for (const name of names) bundles.set(name, await bundle(name));
});

const filesOf = (name: FunctionName) => bundles.get(name)?.files ?? [];

describe.each(names)('the bundle of %s', (name) => {
  it('starts from its own handler', () => {
    expect(filesOf(name)).toContain(`functions/${name}/handler.ts`);
  });

  it.each([
    ['the infrastructure or a test', /(^|\/)(infra|tests)\/|aws-cdk|constructs\//],
    ['another function', new RegExp(`^functions/(?!${name}/|runtime/)`)],
    ['a test tool', /node_modules\/(vitest|fast-check|@sd-jwt|autocannon)\//],
    ['an old zod', /node_modules\/zod\/(v3|v4-mini)\//],
    ["zod's languages but English", /node_modules\/zod\/v4\/locales\/(?!en\.js)/],
    ['all of zod by its named export', /node_modules\/zod\/(index|v4\/classic\/external)\.js/],
  ])('does not carry %s', (_, forbidden) => {
    expect(filesOf(name).filter((file) => forbidden.test(file))).toEqual([]);
  });

  it('is small enough to start cold: 600 KB', () => {
    expect(bundles.get(name)?.bytes).toBeLessThanOrEqual(600 * 1024);
  });
});
