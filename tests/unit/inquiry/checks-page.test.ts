import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { checks } from '#shared/inquiry/checks.ts';
import { checksPage, checksPageUrl } from '#tests/support/checks-page.ts';

describe('docs/checks.md', () => {
  it('is what `npm run docs:checks` writes', async () => {
    expect(await readFile(checksPageUrl, 'utf8')).toBe(checksPage());
  });

  it('has a line for every code', () => {
    const lines = checksPage().split('\n');
    for (const [code, { problem }] of checks) {
      const found = lines.filter((line) => line.startsWith(`| \`${code}\` |`));
      expect(found).toHaveLength(1);
      expect(found[0]).toContain(`\`${problem}\``);
    }
  });
});
