import { fileURLToPath } from 'node:url';
import { type BundlingOptions, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';
import type { BuildOptions } from 'esbuild';

export const projectRoot = fileURLToPath(new URL('../../', import.meta.url));

/** The one file a function's bundle starts from. */
export const entryOf = (name: string): string => `${projectRoot}functions/${name}/handler.ts`;

const target = 'node24';
/** Prefers the ES module form of a package: only that form can be shaken. */
const mainFields = ['module', 'main'];
/** CommonJS dependencies call `require` for Node's own modules, which an ES module does not have. */
const banner =
  "import{createRequire as $require}from'node:module';const require=$require(import.meta.url);";

/** What CDK passes to esbuild. The SDK is bundled too: what runs is what the lock file names. */
export const bundling = {
  format: OutputFormat.ESM,
  target,
  mainFields,
  banner,
  minify: true,
  bundleAwsSDK: true,
  metafile: false,
} satisfies BundlingOptions;

/** The same bundle through esbuild's own interface, to measure what is deployed. */
export const esbuildOptions = (entry: string) =>
  ({
    entryPoints: [entry],
    absWorkingDir: projectRoot,
    bundle: true,
    platform: 'node',
    format: bundling.format,
    target,
    mainFields,
    banner: { js: banner },
    minify: bundling.minify,
    metafile: true,
    write: false,
    logLevel: 'warning',
    outfile: 'index.mjs',
  }) satisfies BuildOptions;
