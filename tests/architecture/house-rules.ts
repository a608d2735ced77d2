import { globalUses } from './globals.ts';
import { nodesOf } from './nodes.ts';
import { parseSource, type Source, type Tree } from './source.ts';

/** What one file does against the house rules: a line and a sentence each. */
type Finding = { readonly line: number; readonly says: string };

type Rule = {
  /** The files it holds for. */
  readonly in: RegExp;
  readonly find: (source: Source, path: string) => readonly Finding[];
};

const code = /^(events|shared|functions|infra|tests)\/.*\.ts$/;

/** `import * as z from 'zod'` lets the bundler drop what is unused; every other form brings all of it. */
const zodByNamespace: Rule = {
  in: code,
  find: ({ imports }) =>
    imports
      .filter(({ specifier, typeOnly }) => /^zod(\/|$)/.test(specifier ?? '') && !typeOnly)
      .filter(({ names }) => names.includes('z') || names.includes('default'))
      .map(({ line, specifier }) => ({
        line,
        says: `write import * as z from '${specifier}': the named z brings the whole library into a Lambda`,
      })),
};

/** A name is imported from the file that makes it. */
const noReexports: Rule = {
  in: code,
  find: ({ imports, program, lineOf }) => {
    const own = new Set(
      program.body.flatMap((node) =>
        node.type === 'ImportDeclaration' ? node.specifiers.map(({ local }) => local.name) : [],
      ),
    );
    const passedOn = program.body.flatMap((node) =>
      node.type === 'ExportNamedDeclaration' && node.source === null
        ? node.specifiers.filter(({ local }) => local.type === 'Identifier' && own.has(local.name))
        : [],
    );
    return [
      ...imports.filter(({ reexport }) => reexport).map(({ line }) => line),
      ...passedOn.map(({ start }) => lineOf(start)),
    ].map((line) => ({ line, says: 'passes on what another file exports: import it from there' }));
  },
};

/** The environment is read in one place; oxlint sees `process.env` only when it is written so. */
const environmentInOnePlace: Rule = {
  in: /^(?!functions\/runtime\/env\.ts$)(events|shared\/(?!client\/cli\/)|functions)\/?.*\.ts$/,
  find: ({ program, imports, lineOf }) =>
    [
      ...globalUses(program)
        .filter(({ name }) => name === 'process')
        .filter(({ around: [parent] }) => {
          if (parent?.type !== 'MemberExpression' || parent.computed) return true;
          return parent.property.type === 'Identifier' && parent.property.name === 'env';
        })
        .map(({ start }) => lineOf(start)),
      ...imports
        .filter(({ specifier }) => /^(node:)?process$/.test(specifier ?? ''))
        .map(({ line }) => line),
    ].map((line) => ({ line, says: 'reads the environment: only functions/runtime/env.ts does' })),
};

/** What oxlint does not see: a test that is switched by an option. */
const noSwitchedTests: Rule = {
  in: /^tests\/.*\.ts$/,
  find: ({ program, lineOf }) =>
    nodesOf(program).flatMap((node) => {
      if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier') return [];
      if (!['describe', 'it', 'test'].includes(node.callee.name)) return [];
      const options = node.arguments.filter((one) => one.type === 'ObjectExpression');
      return options
        .flatMap(({ properties }) => properties)
        .flatMap((one) =>
          one.type === 'Property' &&
          one.key.type === 'Identifier' &&
          ['only', 'skip', 'todo'].includes(one.key.name)
            ? [{ line: lineOf(one.start), says: `has the option ${one.key.name}: every test runs` }]
            : [],
        );
    }),
};

/** A check may be silenced for one line with its reason (`-- …` for oxlint, `: …` for biome); the type checker never. */
const silencedWithReason: Rule = {
  in: code,
  find: ({ comments }) =>
    comments.flatMap(({ text, line }) => {
      if (/^[\s/*]*@ts-(ignore|nocheck)/.test(text)) {
        return [{ line, says: 'silences the type checker' }];
      }
      if (/^\s*(oxlint|eslint|biome)-(disable|ignore)/.test(text) && !/( --|:) \S/.test(text)) {
        return [{ line, says: 'silences a check and does not say why' }];
      }
      return /^\s*(oxlint|eslint)-disable(?!-(next-)?line)/.test(text)
        ? [{ line, says: 'silences a check for a whole file: do it for one line' }]
        : [];
    }),
};

/** A name says what a thing is; these fit everything. */
const vagueNames = /(^|\/)(utils?|helpers?|common|misc|managers?)(\/|\.\w+$)/;

const namesSaySomething: Rule = {
  in: code,
  find: (_, path) =>
    vagueNames.test(path) ? [{ line: 1, says: 'has a name that fits everything' }] : [],
};

const rules: readonly Rule[] = [
  zodByNamespace,
  noReexports,
  environmentInOnePlace,
  noSwitchedTests,
  silencedWithReason,
  namesSaySomething,
];

/** Every breach of a house rule that the linter cannot see, one sentence each. */
export const houseViolations = (tree: Tree): readonly string[] =>
  [...tree].flatMap(([path, text]) => {
    const applicable = rules.filter((rule) => rule.in.test(path));
    if (applicable.length === 0) return [];
    const source = parseSource(path, text);
    return applicable
      .flatMap((rule) => rule.find(source, path))
      .map(({ line, says }) => `${path}:${line} ${says}`);
  });
