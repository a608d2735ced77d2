/** `npm start`: the whole exchange on this machine, from a fresh clone on. */
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { runOnNode } from './node.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
ensureInstalled(root);
runOnNode(root, ['infra/local/main.ts', ...process.argv.slice(2)]);
