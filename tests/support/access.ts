/** What the civil registry decides about who may use its identity service, and for what. */
import { Access, Grant, Limit, Narrowing } from '#shared/registry/access.ts';
import { testNow } from './messages.ts';

const year = 365 * 86_400_000;

/** A grant for the identity service, active from a year ago for two years. */
export const grantOf = (change: Partial<Grant> = {}): Grant =>
  Grant.parse({
    id: '01890a5d-ac96-774b-bcce-b302099a8057',
    target: 'identity',
    status: 'active',
    from: testNow - year,
    until: testNow + year,
    ...change,
  });

/** A limit on the identity service that takes nothing away yet. */
export const limitOf = (change: Partial<Limit> = {}): Limit =>
  Limit.parse({ target: 'identity', stopped: false, reason: 'An inspection.', ...change });

export const accessOf = (change: Partial<Access>): Access =>
  Access.parse({
    kind: 'access',
    agency: 'agency:civil-registry',
    holder: 'counter:72110345',
    grants: [],
    limits: [],
    narrowed: [],
    version: 1,
    ...change,
  });

/** What stands about everybody once the identity service is narrowed. */
export const narrowed = (change: Partial<Narrowing> = {}): Access => {
  const since = { target: 'identity', justification: 'A pilot.', from: testNow - year, ...change };
  return accessOf({ holder: '*', narrowed: [Narrowing.parse(since)] });
};
