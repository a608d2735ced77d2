import * as z from 'zod';
import { type Limit, Target, terms } from '../access.ts';
import { accessName, participantName } from '../entry.ts';
import { Reason } from '../reason.ts';
import { accessAt, accessFilled, accessWith, CounterId, checkRoom } from './access-entry.ts';
import { command } from './command.ts';
import { grantCommands } from './grants.ts';
import { presentAt } from './participants.ts';
import { invalid, refused } from './refusals.ts';

const everybody = '*';

const narrow = command({
  with: z.strictObject({ target: Target, justification: Reason }),
  senders: ['agency'],
  main: (_, by) => accessName(by.id, everybody),
  plan: ({ target, justification }, state, by) => {
    const standing = accessAt(state, by.id, everybody);
    if (standing.narrowed.some((one) => one.target === target)) {
      throw refused('The target is narrowed already.');
    }
    checkRoom(standing.narrowed);
    const narrowed = [...standing.narrowed, { target, justification, from: by.now }];
    return [accessFilled(standing, { narrowed })];
  },
});

const open = command({
  with: z.strictObject({ target: Target }),
  senders: ['agency'],
  main: (_, by) => accessName(by.id, everybody),
  plan: ({ target }, state, by) => {
    const standing = accessAt(state, by.id, everybody);
    const narrowed = standing.narrowed.filter((one) => one.target !== target);
    if (narrowed.length === standing.narrowed.length) throw refused('The target is open already.');
    return [accessWith(standing, { narrowed })];
  },
});

/** A counter, or everybody. */
const LimitHolder = z.union([CounterId, z.literal(everybody)]);

const limitsAnything = ({ stopped, purposes, level, fields, quota }: Limit): boolean =>
  stopped || [purposes, level, fields, quota].some((term) => term !== undefined);

/** Takes the place of the limit that stands for the target. A stop without terms is never too long. */
const set = command({
  with: z.strictObject({
    holder: LimitHolder,
    target: Target,
    stopped: z.boolean(),
    ...terms,
    reason: Reason,
  }),
  senders: ['agency'],
  main: ({ holder }, by) => accessName(by.id, holder),
  reads: ({ holder }) => (holder === everybody ? [] : [participantName(holder)]),
  plan: ({ holder, ...limit }, state, by) => {
    if (!limitsAnything(limit)) throw invalid('', 'must stop the holder or name a term');
    if (holder !== everybody) presentAt(state, holder);
    const standing = accessAt(state, by.id, holder);
    const others = standing.limits.filter((one) => one.target !== limit.target);
    checkRoom(others);
    const isPlain = !limitsAnything({ ...limit, stopped: false });
    const limits = [...others, limit];
    return [isPlain ? accessWith(standing, { limits }) : accessFilled(standing, { limits })];
  },
});

const lift = command({
  with: z.strictObject({ holder: LimitHolder, target: Target, reason: Reason }),
  senders: ['agency'],
  main: ({ holder }, by) => accessName(by.id, holder),
  plan: ({ holder, target }, state, by) => {
    const standing = accessAt(state, by.id, holder);
    const limits = standing.limits.filter((one) => one.target !== target);
    if (limits.length === standing.limits.length) throw refused('There is no such limit.');
    return [accessWith(standing, { limits })];
  },
});

export const accessCommands = {
  ...grantCommands,
  'access.narrow': narrow,
  'access.open': open,
  'limit.set': set,
  'limit.lift': lift,
} as const;
