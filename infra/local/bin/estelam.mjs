#!/usr/bin/env node
/** `npx estelam verify …` in a clone: the command line, on this project's Node and in the folder it is called from. */
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { memoryFlags } from './memory-flags.mjs';
import { runOnNode } from './node.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
ensureInstalled(root);
const main = fileURLToPath(new URL('../../../shared/client/cli/main.ts', import.meta.url));
runOnNode(root, [...memoryFlags, main, ...process.argv.slice(2)], process.cwd());
