import * as z from 'zod';
import { ParticipantId } from '../message/claims.ts';
import { Licence } from './licence.ts';

/** A name in both languages of the exchange. */
export const Title = z.strictObject({ fa: z.string().min(1), en: z.string().min(1) });
export type Title = z.infer<typeof Title>;

/** A counter, an agency, an auditor, the registrar, the guild: whoever owns keys. */
export const Participant = z.strictObject({
  kind: z.literal('participant'),
  id: ParticipantId,
  title: Title,
  status: z.enum(['active', 'suspended', 'left']),
  /** Counters have one. */
  licence: Licence.optional(),
  version: z.int().min(1),
});
export type Participant = z.infer<typeof Participant>;
