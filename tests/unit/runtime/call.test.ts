import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCall } from '#functions/runtime/call.ts';
import { startTiming } from '#functions/runtime/timing.ts';
import { Problem } from '#shared/kernel/problem.ts';
import { traceparent } from '#tests/support/exchange.ts';
import { type Asked, eventFor } from './events.ts';

const sdJwt = { 'content-type': 'application/sd-jwt' } as const;

const bodyOf = (asked: Asked): string =>
  toCall(eventFor('submitInquiry', { headers: sdJwt, ...asked }), {
    traceparent,
    timing: startTiming(),
  }).body();

const base64 = (text: string, encoding: 'utf8' | 'latin1' = 'utf8'): string =>
  Buffer.from(text, encoding).toString('base64');

describe('the body of a call', () => {
  it('is the same from plain text and from base64', () => {
    expect(bodyOf({ body: 'a.b.c~' })).toBe('a.b.c~');
    expect(bodyOf({ body: base64('a.b.c~'), isBase64Encoded: true })).toBe('a.b.c~');
  });

  it('is decoded once: base64 of base64 is base64 text, and so is base64 sent as plain', () => {
    const once = base64('a.b.c~');
    expect(bodyOf({ body: base64(once), isBase64Encoded: true })).toBe(once);
    expect(bodyOf({ body: once, isBase64Encoded: false })).toBe(once);
  });

  it('is empty when there is none', () => {
    expect(bodyOf({})).toBe('');
  });

  it('keeps every byte, one character each, so that none that is not ASCII is lost', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const latin1 = Buffer.from(bytes).toString('latin1');
        const body = Buffer.from(bytes).toString('base64');
        expect(bodyOf({ body, isBase64Encoded: true })).toBe(latin1);
      }),
    );
    expect(bodyOf({ body: 'é~' })).toBe('Ã©~');
  });

  it.each([
    'application/sd-jwt',
    'Application/SD-JWT',
    'application/sd-jwt; charset=utf-8',
    'application/sd-jwt;charset="us-ascii"; x=y',
    ' application/sd-jwt ; charset=utf-8',
  ])('is taken as %j', (type) => {
    expect(bodyOf({ body: 'a.b.c~', headers: { 'content-type': type } })).toBe('a.b.c~');
  });

  it.each([
    [undefined],
    [''],
    ['application/json'],
    ['application/jwt'],
    ['application/sd-jwt+json'],
    ['application/sd-jwts'],
    ['text/plain; application/sd-jwt'],
    ['application/sd-jwt, application/json'],
    ['application/x-www-form-urlencoded'],
  ])('is refused as %j, which says what would be right', (type) => {
    const headers = type === undefined ? {} : { 'content-type': type };
    const check = { check: 'media-type' };
    const refused = new Problem('unsupported-media-type', 'Send application/sd-jwt.', check);
    expect(() => bodyOf({ body: 'a.b.c~', headers })).toThrow(refused);
  });
});

describe('toCall', () => {
  const call = (asked: Asked) =>
    toCall(eventFor('listAuditEntries', asked), { traceparent, timing: startTiming() });

  it('knows its route, what it is bound to, its parameters and what it accepts', () => {
    expect(
      call({ query: 'from=a%3Ab&to=c', headers: { accept: 'x/y', authorization: 'Bearer z' } }),
    ).toMatchObject({
      route: { name: 'listAuditEntries', function: 'read-audit' },
      bound: { method: 'GET', path: '/v1/audit/entries', query: 'from=a%3Ab&to=c' },
      query: { from: 'a:b', to: 'c' },
      path: {},
      authorization: 'Bearer z',
      accept: 'x/y',
      language: 'en',
      traceparent,
    });
    const headers = { 'accept-language': 'fa-IR,fa;q=0.9' };
    expect(call({ headers }).language).toBe('fa');
  });

  it('reads what the gateway leaves out as empty', () => {
    expect(call({})).toMatchObject({ path: {}, query: {}, authorization: undefined, accept: '' });
  });

  it('has no body on a read, whatever its media type', () => {
    expect(() => call({ headers: sdJwt, body: 'x' }).body()).toThrow('unsupported-media-type');
  });

  it('refuses an address that is not in the table', () => {
    const event = { ...eventFor('readHealth'), routeKey: '$default' };
    expect(() => toCall(event, { traceparent, timing: startTiming() })).toThrow('not-found');
  });
});
