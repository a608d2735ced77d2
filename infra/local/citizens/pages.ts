import type { ServerResponse } from 'node:http';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text as it may stand in HTML, in an attribute too. */
export const inHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities[character] ?? '');

const style =
  'body{font-family:system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;line-height:1.5}' +
  '.mark{background:#fff3cd;border:1px solid #b58900;padding:.5rem 1rem}' +
  'pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f4f4f4;padding:1rem}' +
  'input,button{font:inherit;padding:.4rem .6rem}';

/** Says on every page what this is. */
const mark =
  '<p class="mark"><strong>For development only.</strong> This provider knows nobody but the made-up ' +
  'persons of the sample data, and asks for no password. <span lang="fa" dir="rtl">فقط برای آزمایش: ' +
  'این سامانه جز اشخاص ساختگی کسی را نمی‌شناسد.</span></p>';

const page = (title: string, body: string): string =>
  '<!doctype html><html lang="en"><head><meta charset="utf-8">' +
  `<meta name="viewport" content="width=device-width"><title>${title}</title><style>${style}</style>` +
  `</head><body><h1>${title}</h1>${mark}${body}</body></html>`;

/** Sends a page that loads nothing from anywhere, and is not kept. */
export const sendPage = (response: ServerResponse, status: number, html: string): void => {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
  });
  response.end(html);
};

export const startPage = (origin: string): string =>
  page(
    'Who asked about me?',
    `<p>Sign in as one of the sample persons, and see who asked the exchange at ${inHtml(origin)} ` +
      'about you.</p><p><a href="/portal/begin">Sign in</a></p>',
  );

/** `refused`: what was wrong with the number that was sent. */
export const loginPage = (
  uid: string,
  samples: readonly string[],
  refused: string | undefined,
): string => {
  const options = samples.map((id) => `<option value="${inHtml(id)}">`).join('');
  const said = refused === undefined ? '' : `<p role="alert">${inHtml(refused)}</p>`;
  return page(
    'Sign in',
    `${said}<form method="post" action="/login/${inHtml(uid)}">` +
      '<p><label>National id of a sample person <span lang="fa">(کد ملی)</span><br>' +
      '<input name="national_id" list="samples" inputmode="numeric" autocomplete="off" required autofocus>' +
      `</label><datalist id="samples">${options}</datalist></p>` +
      `<p>For example <bdi dir="ltr">${inHtml(samples[0] ?? '')}</bdi></p>` +
      '<p><button>Sign in</button></p></form>',
  );
};

/** What the exchange answered to the token. */
export const accessesPage = (origin: string, token: string, answer: string): string =>
  page(
    'Who asked about me',
    `<pre dir="auto">${inHtml(answer)}</pre><h2>The same from a terminal, for ten minutes</h2>` +
      `<pre>curl -H 'Authorization: Bearer ${inHtml(token)}' ${inHtml(origin)}/v1/subjects/me/accesses</pre>` +
      '<p><a href="/">Back</a></p>',
  );

export const faultPage = (said: string): string =>
  page('This did not work', `<p>${inHtml(said)}</p><p><a href="/">Begin anew</a></p>`);
