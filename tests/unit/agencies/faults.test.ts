import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { readArguments } from '#infra/local/agencies/arguments.ts';
import { behaviours, formatBehaviour, parseBehaviour } from '#infra/local/agencies/behaviour.ts';
import { controlServer } from '#infra/local/agencies/control.ts';
import { listenerOf } from '#infra/local/agencies/listener.ts';
import { payloadOf } from '../../support/exchange.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { behave, post, runAgency, textOf } from './posting.ts';
import { forwardOf, person, serviceAt } from './sample-forward.ts';

const service = serviceAt('civil-registry/identity@1');
const asked = () => forwardOf({ service, subject: person, params: { birthDate: '1985-03-21' } });

describe('a behaviour', () => {
  it('is read from a word, with milliseconds where it takes some', () => {
    expect(parseBehaviour('down')).toEqual({ name: 'down', ms: 0 });
    expect(parseBehaviour('slow')).toEqual({ name: 'slow', ms: 3000 });
    expect(parseBehaviour('slow:250')).toEqual({ name: 'slow', ms: 250 });
  });

  it.each(['', 'rude', 'down:5', 'slow:', 'slow:fast', 'Down', 'toString', '__proto__'])(
    'is not %j',
    (text) => {
      expect(parseBehaviour(text)).toBeUndefined();
    },
  );

  it.each(Object.keys(behaviours))('%s is read as it is written', (name) => {
    const behaviour = parseBehaviour(name);
    expect(behaviour).toBeDefined();
    expect(behaviour && parseBehaviour(formatBehaviour(behaviour))).toEqual(behaviour);
  });
});

describe('an agency on the wire', () => {
  it.each([
    ['unavailable', 503],
    ['http-500', 500],
    ['http-404', 404],
    ['http-204', 204],
  ] as const)('%s answers %i without a body', async (name, status) => {
    await using running = await runAgency();
    await behave(running.agency, name);
    const response = await post(running.agency, (await asked()).token);
    expect(response.statusCode).toBe(status);
    expect(await textOf(response)).toBe('');
  });

  it('down refuses connections, and is back at the same port', async () => {
    await using running = await runAgency();
    const { token } = await asked();
    await behave(running.agency, 'down');
    await expect(post(running.agency, token)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await behave(running.agency, 'normal');
    expect((await post(running.agency, token)).statusCode).toBe(200);
  });

  it('slow answers after its time', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'slow', 120);
    const begun = performance.now();
    const response = await post(running.agency, (await asked()).token);
    expect(performance.now() - begun).toBeGreaterThanOrEqual(115);
    expect(response.statusCode).toBe(200);
  });

  it('hang takes the inquiry and says nothing', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'hang');
    const { token } = await asked();
    const response = post(running.agency, token).catch(() => 'broken');
    while (running.agency.calls().count === 0) await new Promise(setImmediate);
    await running.agency.close();
    expect(await response).toBe('broken');
  });

  it('drip sends its answer in pieces', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'drip', 1);
    const response = await post(running.agency, (await asked()).token);
    const length = Number(response.headers['content-length']);
    const pieces: unknown[] = await once(response, 'data');
    const [first] = pieces;
    expect(first instanceof Buffer && first.length < length / 10).toBe(true);
    response.destroy();
  });

  it('huge sends far more than anybody reads', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'huge');
    const response = await post(running.agency, (await asked()).token);
    let size = 0;
    for await (const chunk of response) size += chunk instanceof Buffer ? chunk.length : 0;
    expect(size).toBeGreaterThanOrEqual(50_000_000);
  });

  it('redirect points at a metadata service', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'redirect');
    const response = await post(running.agency, (await asked()).token);
    expect(response.statusCode).toBe(302);
    expect(response.headers['location']).toMatch(/^http:\/\/169\.254\.169\.254\//);
    response.resume();
  });

  it('wrong-media-type sends a right answer as a page', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'wrong-media-type');
    const response = await post(running.agency, (await asked()).token);
    expect(response.headers['content-type']).toBe('text/html');
    expect(await textOf(response)).toMatch(/~$/);
  });

  it('truncated ends early, and says so of its length', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'truncated');
    const response = await post(running.agency, (await asked()).token);
    expect(await textOf(response)).not.toMatch(/~$/);
  });

  it('disconnect breaks off in the middle', async () => {
    await using running = await runAgency();
    await behave(running.agency, 'disconnect');
    const response = await post(running.agency, (await asked()).token);
    await expect(textOf(response)).rejects.toMatchObject({ code: 'ECONNRESET' });
  });
});

describe('an agency refuses with a problem document', () => {
  it.each([
    ['what the exchange did not sign', 'a.b.c', {}, 400],
    ['another media type', 'x', { mediaType: 'text/plain' }, 415],
    ['another address', 'x', { path: '/' }, 404],
    ['a read', '', { method: 'GET' }, 404],
  ] as const)('%s', async (_, body, options, status) => {
    await using running = await runAgency();
    const response = await post(running.agency, body, options);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toBe('application/problem+json');
    expect(running.agency.calls()).toEqual({ count: 0, inquiries: [] });
    response.resume();
  });

  it('a forward that it has answered', async () => {
    await using running = await runAgency();
    const { token } = await asked();
    (await post(running.agency, token)).resume();
    const again = await post(running.agency, token);
    expect(again.statusCode).toBe(409);
    again.resume();
  });

  it('more than a forward may hold', async () => {
    await using running = await runAgency();
    const sent = post(running.agency, 'A'.repeat(1_000_000)).then(
      (response) => response.statusCode,
      () => 'broken',
    );
    expect([413, 'broken']).toContain(await sent);
    expect(running.agency.calls().count).toBe(0);
  });
});

describe('an agency keeps', () => {
  it('the ids of the inquiries it opened and nothing about whom they were', async () => {
    await using running = await runAgency();
    const forward = await asked();
    (await post(running.agency, forward.token)).resume();
    expect(running.agency.calls()).toEqual({ count: 1, inquiries: [forward.inquiryId] });
  });

  it('the number of its last answer over a restart', async () => {
    await using folder = await temporaryFolder();
    const answered = async (): Promise<unknown> => {
      await using running = await runAgency('agency:civil-registry', { directory: folder.path });
      const response = await post(running.agency, (await asked()).token);
      return payloadOf(await textOf(response))['seq'];
    };
    expect([await answered(), await answered(), await answered()]).toEqual([1, 2, 3]);
    expect(await readFile(`${folder.path}/agency_civil-registry.seq`, 'utf8')).toBe('3\n');
  });
});

describe('a person at the terminal', () => {
  it('makes one agency behave otherwise while it runs', async () => {
    await using running = await runAgency();
    const listener = listenerOf(controlServer(new Map([['civil-registry', running.agency]])), 0);
    await listener.up();
    const url = `http://127.0.0.1:${listener.port()}`;
    const put = async (path: string, body: string): Promise<number> =>
      (await fetch(url + path, { method: 'PUT', body })).status;
    expect(await put('/civil-registry', 'slow:5')).toBe(200);
    expect(running.agency.behaviour()).toEqual({ name: 'slow', ms: 5 });
    expect(await put('/civil-registry', 'rude')).toBe(400);
    expect(await put('/civil-registry', 'x'.repeat(1000))).toBe(413);
    expect(await put('/nobody', 'down')).toBe(404);
    const seen: unknown = await (await fetch(url)).json();
    expect(seen).toMatchObject({ 'civil-registry': { behaviour: 'slow:5', calls: 0 } });
    await listener.down();
  });

  const needed = ['--keys', 'k', '--sequences', 's', '--exchange-url', 'u', '--origin', 'o'];
  const start = [...needed, '--exchange-id', 'exchange:estelam'];

  it('names a behaviour when the agencies are started', () => {
    const { behaviours: wanted } = readArguments([...start, '--behave', 'police=slow:10']);
    expect(wanted.get('police')).toEqual({ name: 'slow', ms: 10 });
    expect(wanted.get('post')).toEqual({ name: 'normal', ms: 0 });
  });

  it('is told where it was last', () => {
    const { ports } = readArguments([...start, '--port', 'police=40123']);
    expect([...ports]).toEqual([['police', 40_123]]);
  });

  it.each([
    [['--behave', 'fire-brigade=down'], /agencies: civil-registry, telecom/],
    [['--behave', 'police=rude'], /takes one of: normal, down/],
    [['--behave', 'police'], /takes one of/],
    [['--port', 'police'], /--port names an agency and its port/],
    [['--port', 'police=0'], /--port names an agency and its port/],
    [['--port', 'fire-brigade=4000'], /--port names an agency and its port/],
  ])('is told what would be right: %j', (args, said) => {
    expect(() => readArguments([...start, ...args])).toThrow(said);
  });

  it('is told which argument is missing', () => {
    expect(() => readArguments(needed)).toThrow('--exchange-id must be given.');
  });
});
