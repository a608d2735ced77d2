import * as z from 'zod';
import { Instant } from '../../kernel/clock.ts';
import { Problem, type ProblemPointer } from '../../kernel/problem.ts';
import { ServiceRef } from '../../message/claims.ts';
import { Target } from '../access.ts';
import { serviceName } from '../entry.ts';
import { namesOf, ObjectSchema } from '../json-schema.ts';
import { NewTitle } from '../participant.ts';
import { Reason } from '../reason.ts';
import { checkSchema } from '../schema-profile.ts';
import { isAnswered, Service } from '../service.ts';
import { command, nextOf, type Sender, type State } from './command.ts';
import { invalid, notForSender, refused } from './refusals.ts';
import { minute } from './times.ts';

/** A schema as it was sent: the profile says what is wrong with it. */
const Sent = z.record(z.string(), z.json());

const Published = Service.omit({
  kind: true,
  agency: true,
  status: true,
  deprecated: true,
  retired: true,
  version: true,
  n: true,
}).extend({ title: NewTitle, input: Sent, output: Sent });
type Published = z.infer<typeof Published>;

/** The agency whose services have references like this one. */
const ownerOf = (ref: ServiceRef): string => `agency:${ref.slice(0, ref.indexOf('/'))}`;

const checkOwner = (ref: ServiceRef, by: Sender): void => {
  if (by.id !== ownerOf(ref)) throw notForSender('The service belongs to another agency.');
};

/** The version before; undefined for the first. */
const previousOf = (ref: ServiceRef): ServiceRef | undefined => {
  const place = ref.lastIndexOf('@');
  const version = Number(ref.slice(place + 1)) - 1;
  return version === 0 ? undefined : ServiceRef.parse(`${ref.slice(0, place)}@${version}`);
};

const checkPlace = (ref: ServiceRef, state: State): void => {
  if (state(serviceName(ref)) !== undefined) {
    throw refused('This version is published already, and a published version never changes.');
  }
  const previous = previousOf(ref);
  if (previous !== undefined && state(serviceName(previous)) === undefined) {
    throw refused('Versions are published in their order; the one before is missing.');
  }
};

/** Both schemas, in the profile that a service may use. */
const schemasOf = ({ input, output }: Published) => {
  const errors: readonly ProblemPointer[] = [
    ...checkSchema(input, '/cmd/with/input'),
    ...checkSchema(output, '/cmd/with/output'),
  ];
  if (errors.length > 0) {
    throw new Problem('invalid-claims', 'A schema leaves the profile that services may use.', {
      errors,
    });
  }
  return { input: ObjectSchema.parse(input), output: ObjectSchema.parse(output) };
};

const checkUnique = (place: string, words: readonly string[] = []): void => {
  if (new Set(words).size !== words.length) throw invalid(place, 'must name nothing twice');
};

const checkFields = ({ fields, level }: Published, output: ObjectSchema): void => {
  checkUnique('/fields', fields);
  if (level === 'verify' && fields.length > 0) {
    throw invalid('/fields', 'must be empty at the level verify, which passes nothing on');
  }
  const declared = new Set(namesOf(output));
  if (fields.some((field) => !declared.has(field))) {
    throw invalid('/fields', 'must name properties of the output schema only');
  }
  const isYesOrNo = (field: string): boolean => output.properties[field]?.['type'] === 'boolean';
  if (level === 'match' && !fields.every(isYesOrNo)) {
    throw invalid('/fields', 'must be booleans at the level match, which tells yes or no');
  }
};

const checkWords = ({ group, purposes, bases }: Published): void => {
  if (!Target.safeParse(`group:${group}`).success) {
    throw invalid('/group', 'must be 2 to 41 letters, digits and hyphens, as grants name it');
  }
  checkUnique('/purposes', purposes);
  checkUnique('/bases', bases);
};

const publish = command({
  with: Published,
  senders: ['agency'],
  main: ({ ref }) => serviceName(ref),
  reads: ({ ref }) => {
    const previous = previousOf(ref);
    return previous === undefined ? [] : [serviceName(previous)];
  },
  plan: (what, state, by) => {
    checkOwner(what.ref, by);
    const schemas = schemasOf(what);
    checkFields(what, schemas.output);
    checkWords(what);
    checkPlace(what.ref, state);
    const version = nextOf(undefined);
    return [{ ...what, ...schemas, kind: 'service', agency: by.id, status: 'active', version }];
  },
});

/** A service of the sender that is still answered. */
const answeredAt = (state: State, ref: ServiceRef, by: Sender): Service => {
  checkOwner(ref, by);
  const standing = state(serviceName(ref));
  if (standing?.kind !== 'service') throw refused('There is no such service.');
  if (!isAnswered(standing, by.now)) throw refused('The service is retired, and that is final.');
  return standing;
};

const deprecate = command({
  with: z.strictObject({
    ref: ServiceRef,
    from: Instant,
    until: Instant.optional(),
    reason: Reason,
  }),
  senders: ['agency'],
  main: ({ ref }) => serviceName(ref),
  plan: ({ ref, ...deprecated }, state, by) => {
    const { from, until } = deprecated;
    if (until !== undefined && until <= from) throw invalid('/until', 'must be later than from');
    const standing = answeredAt(state, ref, by);
    return [{ ...standing, deprecated, version: nextOf(standing) }];
  },
});

/** Until it takes effect a retirement can be moved, but not taken back. */
const retire = command({
  with: z.strictObject({ ref: ServiceRef, from: Instant, reason: Reason }),
  senders: ['agency'],
  main: ({ ref }) => serviceName(ref),
  plan: ({ ref, ...retired }, state, by) => {
    if (retired.from < by.now - minute) {
      throw invalid('/from', 'must lie at most a minute in the past');
    }
    const standing = answeredAt(state, ref, by);
    return [{ ...standing, retired, version: nextOf(standing) }];
  },
});

/** Where it is asked from then on; everything else of a published version stays. */
const move = command({
  with: z.strictObject({
    ref: ServiceRef,
    endpoint: Service.shape.endpoint,
    reason: Reason.optional(),
  }),
  senders: ['agency'],
  main: ({ ref }) => serviceName(ref),
  plan: ({ ref, endpoint }, state, by) => {
    const standing = answeredAt(state, ref, by);
    if (standing.endpoint === endpoint) throw refused('The service is asked there already.');
    return [{ ...standing, endpoint, version: nextOf(standing) }];
  },
});

export const serviceCommands = {
  'service.publish': publish,
  'service.move': move,
  'service.deprecate': deprecate,
  'service.retire': retire,
} as const;
