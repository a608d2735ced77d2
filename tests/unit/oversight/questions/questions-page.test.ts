import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { questions } from '#shared/oversight/questions/table.ts';
import { questionsPage, questionsPageUrl } from '#tests/support/questions-page.ts';

describe('docs/questions.md', () => {
  it('is what `npm run docs:questions` writes', async () => {
    expect(await readFile(questionsPageUrl, 'utf8')).toBe(questionsPage());
  });

  it.each([...questions.keys()])('has a part for %s, with a row for each parameter', (name) => {
    const page = questionsPage();
    expect(page.split(`## \`${name}\`\n`)).toHaveLength(2);
    for (const parameter of questions.get(name)?.parameters ?? []) {
      expect(page).toContain(`| \`${parameter.name}\` | \`${parameter.usual}\` |`);
    }
  });
});
