import type * as z from 'zod';
import { Problem, type ProblemPointer } from '../kernel/problem.ts';
import type { JsonObject } from '../kernel/strict-json.ts';
import { isMessageCheck, type MessageCheck, messageCodes } from './checks.ts';
import { parseClaims } from './parse-claims.ts';

const known = (code: string): MessageCheck => (isMessageCheck(code) ? code : 'claims-members');

/** `/inq/seq` is looked at by `inq-seq`, `/iss` by `claim-iss`; all else by `claims-members`. */
const claimCheck = ({ pointer }: ProblemPointer): MessageCheck => {
  const [, name = '', inner] = pointer.split('/');
  if (name !== 'inq') return known(`claim-${name}`);
  return inner === undefined ? 'inq-members' : known(`inq-${inner}`);
};

const factCheck = ({ pointer }: ProblemPointer): MessageCheck =>
  known(`fact-${pointer.split('/')[1] ?? ''}`);

/** The checks that an `invalid-claims` stands for, in the order of the table, each with its pointers. */
export type FormErrors = ReadonlyMap<MessageCheck, readonly ProblemPointer[]>;

/** The digests have checks of their own (disclosure.ts). */
const isOfDigests = ({ pointer }: ProblemPointer): boolean =>
  /^\/_sd(?:_alg)?(?:\/|$)/.test(pointer);

const formErrors = (
  { extras: { errors = [] } }: Problem,
  checkOf: (error: ProblemPointer) => MessageCheck,
): FormErrors => {
  const byCheck = Map.groupBy(
    errors.filter((error) => !isOfDigests(error)),
    checkOf,
  );
  const present = messageCodes.forming.filter((code) => byCheck.has(code));
  return new Map(present.map((code) => [code, byCheck.get(code) ?? []]));
};

const asForm =
  (checkOf: (error: ProblemPointer) => MessageCheck) =>
  <Shape>(schema: z.ZodType<Shape>, json: JsonObject): Shape => {
    try {
      return parseClaims(schema, json);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const [check = 'claims-members'] = formErrors(error, checkOf).keys();
      throw new Problem(error.name, error.detail, { ...error.extras, check });
    }
  };

/** Parses the claims of a message; what does not fit is told with the check that it failed. */
export const parseAsClaims = asForm(claimCheck);

/** The same for what the disclosures say. */
export const parseAsFacts = asForm(factCheck);

/** Every check of the claims' form that a problem of {@link parseAsClaims} stands for. */
export const claimFormErrors = (problem: Problem): FormErrors => formErrors(problem, claimCheck);

/** The same for {@link parseAsFacts}. */
export const factFormErrors = (problem: Problem): FormErrors => formErrors(problem, factCheck);
