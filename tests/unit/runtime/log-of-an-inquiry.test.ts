import { afterEach, describe, expect, it, vi } from 'vitest';
import { serve } from '#functions/runtime/http.ts';
import { observer } from '#functions/runtime/observe.ts';
import { answers } from '#functions/submit-inquiry/handler.ts';
import { identityFacts, makeExchange, payloadOf, replied } from '#tests/support/exchange.ts';
import { requestFactsExample, withInquiry } from '#tests/support/messages.ts';
import { eventFor } from './events.ts';

const headers = { 'content-type': 'application/sd-jwt' } as const;

/** Submits texts as Lambda would, and gives back all that was printed. */
const printedFor = async (
  texts: readonly string[],
  { exchange }: Pick<Awaited<ReturnType<typeof makeExchange>>, 'exchange'>,
): Promise<string> => {
  const printed: string[] = [];
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, 'write').mockImplementation((text) => printed.push(text.toString()) > 0);
  }
  const observe = observer({ LOG_LEVEL: 'INFO' });
  const handle = serve(() => ({ answers: answers(() => Promise.resolve(exchange)), observe }));
  for (const body of texts) await handle(eventFor('submitInquiry', { headers, body }));
  vi.restoreAllMocks();
  return printed.join('');
};

/** What may never be in a log: the person, who asked at the counter, and any part of a message. */
const forbidden = (text: string): readonly string[] => [
  requestFactsExample.subject.value,
  requestFactsExample.params.birthDate,
  requestFactsExample.case,
  requestFactsExample.operator,
  ...Object.values(identityFacts),
  JSON.stringify(payloadOf(text)['jti']),
  ...text.split(/[.~]/).filter((part) => part !== ''),
  'eyJ',
];

afterEach(() => {
  vi.restoreAllMocks();
});

describe('the log of an inquiry', () => {
  it('names its id, its organisations and its outcome, and no person, when it is answered', async () => {
    const stage = await makeExchange();
    const text = await stage.request();
    const printed = await printedFor([text, text, await stage.retry(text)], stage);
    expect(printed).toContain('"counter":"counter:72110345"');
    expect(printed).toContain('"outcome":"FOUND"');
    expect(printed).toContain('"problem":"replayed"');
    expect(printed).toContain('"retry":true');
    for (const part of forbidden(text)) expect(printed).not.toContain(part);
  });

  it('names no person when it is denied, or its answer is worth nothing', async () => {
    const stage = await makeExchange();
    const denied = await stage.request({ claims: withInquiry({ purpose: 'curiosity' }) });
    const invalid = await stage.request();
    stage.agencies.play(() => replied(`${invalid}${JSON.stringify(identityFacts)}`));
    const printed = await printedFor([denied, invalid], stage);
    expect(printed).toContain('"problem":"policy-denied"');
    expect(printed).toContain('"outcome":"INVALID_ANSWER"');
    for (const part of [...forbidden(denied), ...forbidden(invalid)]) {
      expect(printed).not.toContain(part);
    }
  });

  it('names no person when the message is refused before anything is written', async () => {
    const stage = await makeExchange();
    const text = await stage.request();
    const bent = await stage.request({ claims: withInquiry({ seq: 'x0499370899' }) });
    const printed = await printedFor([`${text}${text}`, `x${text}`, bent, ''], stage);
    expect(printed.match(/"message":"outcome"/g)).toHaveLength(4);
    for (const part of [...forbidden(text), ...forbidden(bent)])
      expect(printed).not.toContain(part);
  });
});
