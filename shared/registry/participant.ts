import * as z from 'zod';
import { ParticipantId } from '../message/claims.ts';
import { Licence } from './licence.ts';
import { plainText } from './plain-text.ts';
import { mostScopes, Scope } from './scope.ts';
import { stamp } from './stamp.ts';

/** A name in both languages of the exchange. */
export const Title = z.strictObject({ fa: z.string().min(1), en: z.string().min(1) });
export type Title = z.infer<typeof Title>;

/** A title as a command gives it. */
export const NewTitle = z.strictObject({ fa: plainText(120), en: plainText(120) });

/** A counter, an agency, an auditor, the registrar, the guild: whoever owns keys. */
export const Participant = z.strictObject({
  kind: z.literal('participant'),
  id: ParticipantId,
  title: Title,
  status: z.enum(['active', 'suspended', 'left']),
  /** Counters have one. */
  licence: Licence.optional(),
  /** How many active keys it has. */
  keys: z.int().min(0).optional(),
  /** What an auditor may read of the journal; everything where the registrar never said. */
  scopes: z.array(Scope).max(mostScopes).optional(),
  /** Why its status, its licence or its scopes are what they are, in the registrar's words. */
  reason: z.string().optional(),
  ...stamp,
});
export type Participant = z.infer<typeof Participant>;
