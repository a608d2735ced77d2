import * as z from 'zod';
import { DigestName, OrderNumber, ParticipantName } from './names.ts';

/** Version of the record, its `v`. */
export const logReadVersion = 1;

/**
 * Somebody read entries of the log: a leaf by itself, durable before anything is shown. `by` is who,
 * `kid` the key that signed the request, `act` what was read, `filter` what was asked (RFC 8785 JSON of
 * an object, without a subject and without a cursor), `order` and `reason` why, where the act needs it,
 * `n` how many entries were shown, 0 where the read was `refused`. `t` in milliseconds since 1970.
 */
export const LogRead = z.strictObject({
  v: z.literal(logReadVersion),
  k: z.literal('access'),
  id: z.string(),
  t: z.int(),
  by: ParticipantName,
  kid: DigestName,
  act: z.enum([
    'entries',
    'summary',
    'bundle',
    'subject-search',
    'disclosure',
    'export',
    'question',
    'reconciliation',
    'disputes',
  ]),
  filter: z.string(),
  order: OrderNumber.exactOptional(),
  reason: z.string().min(3).max(300).exactOptional(),
  n: z.int().min(0),
  /** It was refused: the reader may not read what it asked for, and nothing was shown. */
  refused: z.literal(true).exactOptional(),
});
export type LogRead = z.infer<typeof LogRead>;

export const logReadExample: LogRead = {
  v: 1,
  k: 'access',
  id: '01a9b4a5-3800-7abc-9def-0123456789ab',
  t: 1_800_000_000_000,
  by: 'auditor:inspection',
  kid: 'NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs',
  act: 'entries',
  filter:
    '{"counter":"counter:72110345","from":"2027-01-15T07:00:00.000Z","limit":100,"to":"2027-01-15T08:00:00.000Z"}',
  n: 42,
};
