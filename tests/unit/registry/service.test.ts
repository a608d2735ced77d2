import { describe, expect, it } from 'vitest';
import { isAgencyEndpoint, Service } from '#shared/registry/service.ts';
import { identityService } from '#tests/support/registry.ts';

describe('isAgencyEndpoint', () => {
  it.each([
    'https://civil-registry.example/inquiries',
    'https://civil-registry.example:8443/a/b?c=d',
    'https://10.20.30.40/inquiries',
    'https://[2001:db8::1]/inquiries',
    'https://xn--mgba3a4f16a.example/',
    'http://127.0.0.1:4001/identity',
    'http://localhost:4001/identity',
    'http://[::1]:4001/identity',
  ])('accepts %s', (endpoint) => {
    expect(isAgencyEndpoint(endpoint)).toBe(true);
  });

  it.each([
    ['no address', ''],
    ['a path alone', '/inquiries'],
    ['no scheme', 'civil-registry.example/inquiries'],
    ['another scheme', 'ftp://civil-registry.example/'],
    ['a file', 'file:///etc/passwd'],
    ['script', 'javascript:alert(1)'],
    ['http over a network', 'http://civil-registry.example/inquiries'],
    ['http to a private address', 'http://10.0.0.1/'],
    ['http to all addresses of the machine', 'http://0.0.0.0/'],
    ['a name that begins like this machine', 'http://localhost.evil.example/'],
    ['a user', 'https://user@civil-registry.example/'],
    ['a password', 'https://user:secret@civil-registry.example/'],
    ['a password alone', 'https://:secret@civil-registry.example/'],
    ['a fragment', 'https://civil-registry.example/#x'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data'],
    ['the metadata service as one number', 'https://2852039166/'],
    ['the metadata service in octal', 'https://0251.0376.0251.0376/'],
    ['the metadata service with a last dot', 'https://169.254.169.254./'],
    ['the metadata service inside IPv6', 'https://[::ffff:169.254.169.254]/'],
    ['the metadata service inside IPv6, in hex', 'https://[0:0:0:0:0:FFFF:A9FE:A9FE]/'],
    ['the metadata service through NAT64', 'https://[64:ff9b::169.254.169.254]/'],
    ['the metadata service over IPv6', 'https://[fd00:ec2::254]/'],
    ['a link-local address', 'https://[fe80::1]/'],
    ['a link-local address of the upper range', 'https://[febf::1]/'],
  ])('refuses %s', (_, endpoint) => {
    expect(isAgencyEndpoint(endpoint)).toBe(false);
  });
});

describe('Service', () => {
  it('refuses an endpoint that no agency may have', () => {
    const endpoint = 'https://169.254.169.254/';
    expect(Service.safeParse({ ...identityService, endpoint }).success).toBe(false);
  });

  it.each([
    ['a member that it does not know', { note: 'x' }],
    ['no purpose at all', { purposes: [] }],
    ['a time-out longer than the exchange waits', { timeout: 20_001 }],
    [
      'a schema that lets other members through',
      { output: { ...identityService.output, additionalProperties: true } },
    ],
  ])('refuses %s', (_, change) => {
    expect(Service.safeParse({ ...identityService, ...change }).success).toBe(false);
  });
});
