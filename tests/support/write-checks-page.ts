/** `npm run docs:checks`: writes docs/checks.md. */
import { writeFile } from 'node:fs/promises';
import { checksPage, checksPageUrl } from './checks-page.ts';

await writeFile(checksPageUrl, checksPage());
