import { accessCommands } from './access.ts';
import { auditorCommands } from './auditors.ts';
import { beginCommands } from './begin.ts';
import type { Command } from './command.ts';
import { delegationCommands } from './delegations.ts';
import { keyCommands } from './keys.ts';
import { licenceCommands } from './licences.ts';
import { participantCommands } from './participants.ts';
import { serviceCommands } from './services.ts';

/** Every command there is, by its name: `cmd.do` of a command message. */
export const commands: ReadonlyMap<string, Command> = new Map<string, Command>(
  Object.entries({
    ...beginCommands,
    ...participantCommands,
    ...licenceCommands,
    ...auditorCommands,
    ...keyCommands,
    ...serviceCommands,
    ...accessCommands,
    ...delegationCommands,
  }),
);
