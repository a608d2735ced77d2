import { describe, expect, it } from 'vitest';
import { layerViolations } from './layers.ts';
import { readTree } from './tree.ts';

const violationsIn = (path: string, text: string): readonly string[] =>
  layerViolations(new Map([[path, text]]));

const kernelImport = "import { Problem } from '#shared/kernel/problem.ts';";

describe('who may import whom', () => {
  it('holds for every file of the repository', () => {
    const tree = readTree();
    expect(tree.has('shared/api/routes.ts')).toBe(true);
    expect(layerViolations(tree)).toEqual([]);
  });

  it.each([
    ['an event', 'events/x.ts', "import * as z from 'zod';"],
    ['a neighbour', 'shared/audit/x.ts', "import { leaf } from './leaf.ts';"],
    ['the kernel, by its name', 'shared/audit/x.ts', kernelImport],
    ['the kernel, from next door', 'shared/audit/x.ts', "import '../kernel/problem.ts';"],
    ['an earlier concept', 'shared/registry/x.ts', "import '../audit/leaf.ts';"],
    ['jose in messages', 'shared/message/x.ts', "import { importJWK } from 'jose';"],
    ['a row with a star', 'functions/runtime/x.ts', "import '@aws-lambda-powertools/logger';"],
    ['the runtime in a function', 'functions/read-audit/handler.ts', "import '../runtime/log.ts';"],
    ['the routes in the stacks', 'infra/app.ts', "import '#shared/api/routes.ts';"],
    ['a handler found by its path', 'infra/local/x.ts', 'await import(`../../${path}`);'],
    [
      'the types of the registry',
      'infra/local/x.ts',
      "import type { A } from '#shared/registry/a.ts';",
    ],
    ['the process in the command line', 'shared/client/cli/x.ts', "import 'node:fs';"],
    ['an import that is only a comment', 'events/x.ts', "// import '#shared/kernel/id.ts';"],
    ['an import that is only text', 'events/x.ts', 'export const x = "import \'jose\'";'],
  ])('allows %s', (_, path, text) => {
    expect(violationsIn(path, text)).toEqual([]);
  });

  it.each([
    ['an event that imports ours', 'events/x.ts', kernelImport],
    ['a kernel that imports a concept', 'shared/kernel/x.ts', "import '../persian/digits.ts';"],
    ['a kernel that imports a package', 'shared/kernel/x.ts', "import 'jose';"],
    [
      'a concept that imports a later one',
      'shared/message/x.ts',
      "import '#shared/registry/key.ts';",
    ],
    ['an audit that imports another concept', 'shared/audit/x.ts', "import '../message/sign.ts';"],
    ['AWS in shared', 'shared/inquiry/x.ts', "import '@aws-sdk/client-dynamodb';"],
    ['middy in shared', 'shared/api/x.ts', "import '@middy/core';"],
    ['CDK in shared', 'shared/api/x.ts', "import 'aws-cdk-lib';"],
    ['files in shared', 'shared/audit/x.ts', "import { readFile } from 'node:fs/promises';"],
    ['files in shared, without `node:`', 'shared/audit/x.ts', "import { readFile } from 'fs';"],
    ['http in shared', 'shared/client/x.ts', "import { request } from 'node:http';"],
    ['sockets in shared', 'shared/kernel/x.ts', "import { connect } from 'node:net';"],
    ['jose outside messages', 'shared/inquiry/x.ts', "import 'jose';"],
    ['an SDK that imports functions', 'shared/client/x.ts', "import '#functions/runtime/env.ts';"],
    ['the command line as a library', 'shared/client/x.ts', "import './cli/main.ts';"],
    [
      'a runtime that imports a function',
      'functions/runtime/x.ts',
      "import '../read-audit/handler.ts';",
    ],
    ['a runtime that imports the stacks', 'functions/runtime/x.ts', "import '#infra/config.ts';"],
    ['a function that imports another', 'functions/a/handler.ts', "import '../b/handler.ts';"],
    ['a function that imports a package', 'functions/a/handler.ts', "import '@middy/core';"],
    ['stacks that import functions', 'infra/app.ts', "import '../functions/a/handler.ts';"],
    ['stacks that import the rest of shared', 'infra/app.ts', "import '#shared/api/openapi.ts';"],
    ['CDK on one machine', 'infra/local/x.ts', "import 'aws-cdk-lib';"],
    [
      'a handler as a module on one machine',
      'infra/local/x.ts',
      "import '#functions/a/handler.ts';",
    ],
    [
      'more than the types of the registry',
      'infra/local/x.ts',
      "import { a } from '#shared/registry/a.ts';",
    ],
    ['a type-only import', 'events/x.ts', "import type { Id } from '#shared/kernel/id.ts';"],
    ['an import of types only', 'events/x.ts', "import { type Id } from '#shared/kernel/id.ts';"],
    ['an import inside a type', 'events/x.ts', "type Id = import('#shared/kernel/id.ts').Id;"],
    ['a dynamic import', 'events/x.ts', "await import('#shared/kernel/id.ts');"],
    ['a dynamic import in a template', 'events/x.ts', 'await import(`jose`);'],
    ['an export from', 'events/x.ts', "export { Id } from '#shared/kernel/id.ts';"],
    ['an export of everything', 'events/x.ts', "export * from '#shared/kernel/id.ts';"],
    ['a require', 'events/x.ts', "const jose = require('jose');"],
    ['an import with an equals sign', 'events/x.ts', "import jose = require('jose');"],
    ['a computed import', 'shared/api/x.ts', 'await import(name);'],
    ['an absolute path', 'infra/local/x.ts', "import '/srv/x.ts';"],
    ['an address', 'infra/local/x.ts', "import 'https://example.org/x.js';"],
    ['a way out of the repository', 'infra/local/x.ts', "import '../../../x.ts';"],
    ['a concept nobody wrote a row for', 'shared/weather/x.ts', 'export const x = 1;'],
    ['a file outside every concept', 'shared/x.ts', 'export const x = 1;'],
  ])('refuses %s', (_, path, text) => {
    expect(violationsIn(path, text)).toHaveLength(1);
  });

  it('says where, what, and what would be right', () => {
    expect(violationsIn('shared/kernel/x.ts', "\nimport 'jose';")).toEqual([
      "shared/kernel/x.ts:2 imports 'jose': shared/kernel may import node:crypto, canonicalize, dataloader, zod",
    ]);
  });

  it('fails on a file it cannot read', () => {
    expect(() => violationsIn('events/x.ts', 'import from;')).toThrow('events/x.ts');
  });
});
