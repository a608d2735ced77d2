import { describe, expect, it } from 'vitest';
import { diagnose } from '#shared/inquiry/diagnose.ts';
import { findDiagnosis } from '#shared/inquiry/find-diagnosis.ts';
import { withInquiry } from '#tests/support/messages.ts';
import { replyOf, type Wired, wire } from './exchange-transport.ts';

/** A client whose exchange diagnoses as the real one does. */
const diagnosing = async (): Promise<Wired> => {
  const wired = await wire();
  const { exchange } = wired.test;
  wired.disturbLater(async ({ url, call }, honest) => {
    const { pathname } = new URL(url);
    if (pathname === '/v1/diagnose') return replyOf(200, await diagnose(exchange)(call.body ?? ''));
    const [, id] = /^\/v1\/diagnoses\/(.+)$/.exec(pathname) ?? [];
    if (id === undefined) return honest();
    return replyOf(200, await findDiagnosis(exchange)(decodeURIComponent(id), 'counter:72110345'));
  });
  return wired;
};

describe('a client', () => {
  it('learns what a message would come to, without a token', async () => {
    const { client, test, sent } = await diagnosing();
    const diagnosis = await client.diagnose(await test.request());
    expect(diagnosis).toMatchObject({ outcome: 'sent-on', decision: { effect: 'allow' } });
    expect(sent.at(-1)?.call.headers).toMatchObject({ 'content-type': 'application/sd-jwt' });
    expect(sent.at(-1)?.call.headers).not.toHaveProperty('authorization');
    expect(test.journal.dump()).toEqual([]);
  });

  it('learns why an inquiry was denied, with a token for this very URL', async () => {
    const { client, test, sent } = await diagnosing();
    const text = await test.request({ claims: withInquiry({ purpose: 'curiosity' }) });
    await test.submit(text);
    const diagnosis = await client.diagnosis(test.addressOf(text).id);
    expect(diagnosis).toMatchObject({ outcome: 'DENIED', check: 'policy-purpose-allowed' });
    expect(sent.at(-1)?.call.headers['authorization']).toMatch(/^Bearer /);
  });

  it('names a request as it is told of it', async () => {
    const { client, sent } = await diagnosing();
    await expect(client.diagnosis('JKJaXmPLvHcESHA=')).rejects.toMatchObject({
      cause: { name: 'not-found' },
    });
    expect(sent.at(-1)?.url).toBe('http://127.0.0.1:1/v1/diagnoses/JKJaXmPLvHcESHA%3D');
  });

  it('is told why when it is refused, and takes nothing else for a diagnosis', async () => {
    const { client, disturbLater } = await wire();
    disturbLater(async () =>
      replyOf(415, {
        type: 'https://docs.estelam.example/problems/unsupported-media-type',
        check: 'media-type',
      }),
    );
    await expect(client.diagnose('x')).rejects.toMatchObject({
      name: 'ReadRefused',
      problem: { name: 'unsupported-media-type', check: 'media-type' },
    });
    disturbLater(async () => replyOf(200, { outcome: 'sent-on' }));
    await expect(client.diagnose('x')).rejects.toMatchObject({ name: 'UntrustedReply' });
    disturbLater(() => Promise.reject(new TypeError('fetch failed')));
    await expect(client.diagnose('x')).rejects.toThrow('The exchange was not reached.');
  });
});
