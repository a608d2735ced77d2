import { checkParts } from '#shared/inquiry/checks.ts';
import { problems } from '#shared/kernel/problem.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

const rowOf = ([code, { problem, en, fa }]: (typeof checkParts)[keyof typeof checkParts][number]) =>
  `| \`${code}\` | ${cell(en)} | ${cell(fa)} | \`${problem}\` ${problems[problem].status} |`;

const partOf = ([title, rows]: readonly [string, (typeof checkParts)[keyof typeof checkParts]]) =>
  [
    `## ${title}`,
    '',
    '| code | what must hold | به فارسی | refused as |',
    '|---|---|---|---|',
    ...rows.map(rowOf),
  ].join('\n');

const introduction = `# Checks

Every check that the exchange makes on an inquiry, in the order in which a message is refused for them: one
with several faults is refused for the first. A refusal names the check that failed in the member \`check\`
of its problem document; the codes are stable.

* \`POST /v1/diagnose\` makes every check on a message and tells how each came out. It asks no agency and
  keeps nothing: the very message can be sent in earnest afterwards. What the registry, the journal and the
  quotas say is told only for a whole message that its sender could send now.
* \`GET /v1/diagnoses/{id}\` tells whoever sent a message, and the counter that it was for, why it was refused:
  by the \`instance\` of the refusal for a day, or by the id of an inquiry that stands in the journal.

A check is \`passed\`, \`failed\` or \`skipped\`; skipped is what was not made, or looks at something that an
earlier failure left missing. Of a message that was sent only the first failure is known: what stands before
it passed, or was not needed, for a retry need not be fresh.

This page is written by \`npm run docs:checks\` from the tables in \`shared/message/checks.ts\`,
\`shared/inquiry/checks.ts\`, \`shared/registry/decide.ts\` and \`shared/registry/meters.ts\`.`;

/** docs/checks.md: every code, made from the tables. */
export const checksPage = (): string =>
  `${[introduction, ...Object.entries(checkParts).map(partOf)].join('\n\n')}\n`;

export const checksPageUrl = new URL('../../docs/checks.md', import.meta.url);
