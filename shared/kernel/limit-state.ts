/**
 * How a limit stands for a caller, as the fields RateLimit-Policy and RateLimit say it
 * (draft-ietf-httpapi-ratelimit-headers-10).
 */
export type LimitState = {
  readonly name: string;
  /** So many in each window of so many seconds. */
  readonly quota: number;
  readonly window: number;
  /** How many are left, as far as is known. */
  readonly left: number;
  /** Seconds until the window ends. */
  readonly reset: number;
};
