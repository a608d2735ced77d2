/** `npm test`: every test, from a fresh clone on; `npm test -- tests/unit/x.test.ts` runs one file. */
import { fileURLToPath } from 'node:url';
import { ensureInstalled } from './install.mjs';
import { runOnNode } from './node.mjs';

const root = fileURLToPath(new URL('../../../', import.meta.url));
ensureInstalled(root);
runOnNode(root, ['node_modules/vitest/vitest.mjs', 'run', ...process.argv.slice(2)]);
