import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roles } from '#shared/kernel/participant-id.ts';
import {
  counterOf,
  delegateOf,
  isPartyTo,
  namesCounter,
  RequestClaims,
} from '#shared/message/claims.ts';
import { parseClaims } from '#shared/message/parse-claims.ts';
import { requestClaimsAt, testNow, withInquiry } from '#tests/support/messages.ts';

const counter = 'counter:72110345';
const house = 'vendor:rayan';

const claimsOf = (iss: string, named?: string) => ({
  iss,
  inq: named === undefined ? {} : { for: named },
});

const anyId = fc
  .tuple(fc.constantFrom(...roles), fc.constantFrom('1', 'a'))
  .map(([role, name]) => `${role}:${name}`);

describe('a request', () => {
  it.each([
    ['of a counter is its own', claimsOf(counter), counter, undefined, true],
    [
      'of a counter that names itself is its own',
      claimsOf(counter, counter),
      counter,
      undefined,
      true,
    ],
    [
      'of a vendor is for the counter that it names',
      claimsOf(house, counter),
      counter,
      house,
      true,
    ],
    ['of a guild as well', claimsOf('guild:all', counter), counter, 'guild:all', true],
    ['of a vendor that names none is nobody’s', claimsOf(house), house, undefined, false],
    [
      'of a counter for another is nobody’s',
      claimsOf('counter:1', counter),
      counter,
      'counter:1',
      false,
    ],
    ['of an agency is nobody’s', claimsOf('agency:post', counter), counter, 'agency:post', false],
    ['for an agency is nobody’s', claimsOf(house, 'agency:post'), 'agency:post', house, false],
  ] as const)('%s', (_, claims, whose, by, named) => {
    expect([counterOf(claims), delegateOf(claims), namesCounter(claims)]).toEqual([
      whose,
      by,
      named,
    ]);
  });

  it('has as parties whoever signed it and whoever it is for, and nobody else', () => {
    fc.assert(
      fc.property(anyId, fc.option(anyId, { nil: undefined }), anyId, (iss, named, reader) => {
        const claims = claimsOf(iss, named);
        expect(isPartyTo(claims, reader)).toBe([iss, named].includes(reader));
        expect(new Set([counterOf(claims), delegateOf(claims) ?? iss])).toEqual(
          new Set([named ?? iss, iss]),
        );
      }),
    );
  });

  it('from before there were delegates reads as it did, member for member', () => {
    const claims = requestClaimsAt(testNow, counter);
    expect(parseClaims(RequestClaims, claims)).toEqual(claims);
    expect(parseClaims(RequestClaims, claims).inq).not.toHaveProperty('for');
  });

  it('names a counter, or it is refused at the place', () => {
    const named = withInquiry({ for: counter })(requestClaimsAt(testNow, house));
    expect(parseClaims(RequestClaims, named).inq.for).toBe(counter);
    for (const wrong of [
      'agency:post',
      house,
      'counter:',
      'counter',
      '',
      `${counter} `,
      null,
      [counter],
    ]) {
      const claims = withInquiry({ for: wrong })(requestClaimsAt(testNow, house));
      expect(() => parseClaims(RequestClaims, claims)).toThrow('invalid-claims');
      const { error } = RequestClaims.safeParse(claims);
      expect(error?.issues.map(({ path }) => path.join('/'))).toEqual(['inq/for']);
    }
  });
});
