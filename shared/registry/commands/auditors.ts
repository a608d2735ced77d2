import * as z from 'zod';
import { roleOf } from '../../kernel/participant-id.ts';
import { ParticipantId } from '../../message/claims.ts';
import { participantName } from '../entry.ts';
import { Reason } from '../reason.ts';
import { mostScopes, Scope } from '../scope.ts';
import { command, nextOf } from './command.ts';
import { presentAt } from './participants.ts';

const AuditorId = ParticipantId.refine((id) => roleOf(id) === 'auditor');

const scopeText = (scope: Scope): string =>
  scope.kind === 'all' ? scope.kind : `${scope.kind} ${scope.value}`;

/** None twice; an empty list lets an auditor read nothing. */
const Scopes = z
  .array(Scope)
  .max(mostScopes)
  .refine((scopes) => new Set(scopes.map(scopeText)).size === scopes.length);

const scope = command({
  with: z.strictObject({ id: AuditorId, scopes: Scopes, reason: Reason }),
  senders: ['registrar'],
  main: ({ id }) => participantName(id),
  plan: ({ id, scopes, reason }, state) => {
    const standing = presentAt(state, id);
    return [{ ...standing, scopes, reason, version: nextOf(standing) }];
  },
});

export const auditorCommands = { 'auditor.scope': scope } as const;
