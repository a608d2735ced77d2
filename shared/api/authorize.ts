import type { AccessReceiver } from '../inquiry/exchange.ts';
import { sha256Url } from '../kernel/bytes.ts';
import { type Role, roleOf } from '../kernel/participant-id.ts';
import { Problem } from '../kernel/problem.ts';
import { receiveAccess } from '../message/receive.ts';
import type { UsedToken } from '../oversight/use-token.ts';
import type { Route } from './routes.ts';

/** The request that an access token must be bound to. */
export type Bound = {
  readonly method: string;
  readonly path: string;
  /** Without the question mark; empty when there is none. */
  readonly query: string;
  /** The bytes of the body, of a request that has one. */
  readonly body?: Uint8Array;
};

const bearer = /^Bearer +([!-~]+)$/i;

/** The token of an Authorization field (RFC 6750 §2.1); undefined where it has none. */
export const bearerToken = (authorization: string | undefined): string | undefined =>
  authorization === undefined ? undefined : bearer.exec(authorization)?.[1];

/** Gateways re-encode a query, so two are the same when they say the same in the same order. */
const normalised = (query: string): string => new URLSearchParams(query).toString();

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

/** They do so with a path as well: two are the same when each segment says the same. */
const segments = (address: string): string => JSON.stringify(address.split('/').map(decoded));

const isBoundTo = (htu: string, origin: string, { path, query }: Bound): boolean => {
  const [address = '', rest = '', more] = htu.split('?');
  const sameAddress = segments(address) === segments(origin + path);
  return more === undefined && sameAddress && normalised(rest) === normalised(query);
};

/**
 * Those who read what is about others: no longer once they are suspended or have left. The rest read
 * what is their own, which stays theirs.
 */
const supervisors: ReadonlySet<Role> = new Set(['auditor', 'registrar', 'guild', 'operator']);

/** Who sent an access token, and the key that signed it. */
export type Sender = { readonly by: string; readonly kid: string };

/** The same, and what tells the token from others. */
export type TokenSender = Sender & { readonly token: UsedToken };

/**
 * Who sent an access token (protocol.md §3): signed by an active key, bound to this method, URL and body, of
 * a role that the route admits, and active where it reads what is not its own. `receiver.audience` is
 * the origin.
 */
export const authorizeToken = async (
  authorization: string | undefined,
  route: Pick<Route, 'roles'>,
  bound: Bound,
  receiver: AccessReceiver,
): Promise<TokenSender> => {
  const token = bearerToken(authorization);
  if (token === undefined) {
    throw new Problem('unauthenticated', 'Send Authorization: Bearer with an inq-access+jwt.');
  }
  const { claims, key } = await receiveAccess(token, receiver);
  if (claims.htm !== bound.method || !isBoundTo(claims.htu, receiver.audience, bound)) {
    throw new Problem('wrong-audience', 'The htm and htu must name this very request.');
  }
  const digest = bound.body === undefined ? undefined : sha256Url(bound.body);
  if (claims.body_s256 !== digest) {
    throw new Problem('wrong-audience', 'The body_s256 must be the digest of the very body.');
  }
  const role = roleOf(claims.iss);
  if (role === undefined || !route.roles.includes(role)) {
    throw new Problem('wrong-role', `Only ${route.roles.join(', ')} may read this.`);
  }
  if (supervisors.has(role) && !(await receiver.isActive(claims.iss))) {
    throw new Problem('wrong-role', 'Only an active participant may read this.');
  }
  const { iss: by, jti, exp } = claims;
  const { kid } = key;
  return { by, kid, token: { kid, jti, exp } };
};

/** Who sent an access token, as {@link authorizeToken} finds it. */
export const authorizeSender = async (
  ...asked: Parameters<typeof authorizeToken>
): Promise<Sender> => {
  const { by, kid } = await authorizeToken(...asked);
  return { by, kid };
};

/** The participant that sent an access token, as {@link authorizeSender} finds it. */
export const authorize = async (...asked: Parameters<typeof authorizeSender>): Promise<string> => {
  const { by } = await authorizeSender(...asked);
  return by;
};
