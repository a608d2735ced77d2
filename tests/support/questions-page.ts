import type { Question } from '#shared/oversight/questions/question.ts';
import { questions } from '#shared/oversight/questions/table.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const rtl = (text: string): string => `<div dir="rtl">\n\n${text}\n\n</div>`;

const parametersOf = ({ parameters }: Question): readonly string[] =>
  parameters.length === 0
    ? ['It has no parameters of its own.']
    : [
        [
          '| parameter | usually | what it says | به فارسی |',
          '|---|---|---|---|',
          ...parameters.map(
            ({ name, usual, en, fa }) =>
              `| \`${name}\` | \`${usual}\` | ${cell(en)} | ${cell(fa)} |`,
          ),
        ].join('\n'),
      ];

const partOf = ([name, question]: readonly [string, Question]): string =>
  [
    `## \`${name}\``,
    `**${question.title.en}.** ${question.means.en}`,
    rtl(`**${question.title.fa}.** ${question.means.fa}`),
    ...parametersOf(question),
  ].join('\n\n');

const introduction = `# Ready-made questions

What auditors ask again and again, as addresses: \`GET /v1/audit/questions/{name}?from=…&to=…\`, and
\`GET /v1/audit/questions\` for this list as JSON. Each takes the filters of \`GET /v1/audit/entries\` too
(\`counter\`, \`agency\`, \`service\`, \`province\`, …) and \`limit\`, how many findings are told.

* A question is answered from the index of entries, for what lies within its reader's scope, as a whole or not
  at all. Where that would be more than one answer may look at (some two million entries), it is
  \`invalid-query\`: ask of a shorter time, of one counter, agency or province, or export the entries.
* \`until\` says how far was looked: the index ends there, or what was asked for does. \`n\` says how many
  entries were looked at.
* \`findings\` are the gravest first. Each says in \`why\`, in the language of \`Accept-Language\`, why it is told,
  and names some inquiries in \`ids\` to begin with; a listing shows them all.
* A finding is a reason to look, and no proof of anything. Whom inquiries were about never shows, not even as
  a pseudonym: where it matters that it is one person, findings have a number, \`group\`, that means something
  within one answer only.
* Each answer is an \`access\` leaf of the log: who asked which question, of what, and how many entries were
  looked at.

This page is written by \`npm run docs:questions\` from the table in \`shared/oversight/questions/table.ts\`.`;

/** docs/questions.md: every question, made from the table. */
export const questionsPage = (): string =>
  `${[introduction, ...[...questions].map(partOf)].join('\n\n')}\n`;

export const questionsPageUrl = new URL('../../docs/questions.md', import.meta.url);
