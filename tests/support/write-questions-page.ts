/** `npm run docs:questions`: writes docs/questions.md. */
import { writeFile } from 'node:fs/promises';
import { questionsPage, questionsPageUrl } from './questions-page.ts';

await writeFile(questionsPageUrl, questionsPage());
