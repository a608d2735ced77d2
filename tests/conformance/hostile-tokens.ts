import { hostileClaims } from './hostile/claims.ts';
import { hostileClaimsJson } from './hostile/claims-json.ts';
import { hostileDisclosures } from './hostile/disclosures.ts';
import { hostileFraming } from './hostile/framing.ts';
import { hostileHeaders } from './hostile/header.ts';
import type { HostileToken } from './hostile/row.ts';
import { hostileSignatures } from './hostile/signature.ts';

/**
 * The corpus: every row is a request that must be refused with exactly this problem and status,
 * whether it is handed to `receiveRequest` or POSTed to a running exchange. All of it but the layer
 * under attack is right and rightly signed, so that only the rule in question can refuse it. Each
 * build makes a new token with a new `inq.id`; rows do not depend on one another.
 *
 * To send one: the text as it is, or the `body` bytes as they are, with `application/sd-jwt`.
 */
export const hostileTokens: readonly HostileToken[] = [
  ...hostileFraming,
  ...hostileHeaders,
  ...hostileSignatures,
  ...hostileClaimsJson,
  ...hostileClaims,
  ...hostileDisclosures,
];
