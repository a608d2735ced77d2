import { expect } from 'vitest';

/** A matcher is typed as anything at all; inside a larger expectation it is some value. */
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern);

export const containing = (members: object): unknown => expect.objectContaining(members);

export const someNumber: unknown = expect.any(Number);
