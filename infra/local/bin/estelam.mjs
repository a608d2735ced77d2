#!/usr/bin/env node
/** `npx estelam verify …` in a clone: the command line, on this project's Node and in the folder it is called from. */
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { memoryFlags } from './memory-flags.mjs';
import { runOnNode } from './node.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
ensureInstalled(root);
const [command, ...args] = process.argv.slice(2);
const asksForHelp = args.includes('--help') || args.includes('-h');
// Of all commands the one that works on the exchange's own stores, which the command line may not.
const works = command === 'reindex' && !asksForHelp;
const script = works ? '../reindex.ts' : '../../../shared/client/cli/main.ts';
const main = fileURLToPath(new URL(script, import.meta.url));
runOnNode(root, [...memoryFlags, main, ...(works ? args : process.argv.slice(2))], process.cwd());
