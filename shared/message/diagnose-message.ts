import { Problem, type ProblemPointer } from '../kernel/problem.ts';
import { isJsonObject, type JsonObject } from '../kernel/strict-json.ts';
import { type MessageCheck, messageCodes } from './checks.ts';
import { judgeClaims } from './claim-checks.ts';
import { RequestClaims, RequestFacts, requestFacts } from './claims.ts';
import {
  claimFormErrors,
  type FormErrors,
  factFormErrors,
  parseAsClaims,
  parseAsFacts,
} from './claims-form.ts';
import { kinds } from './kind.ts';
import type { Receiver } from './receive.ts';
import { factsIn, openFacts, openSigned, type Signed } from './verify.ts';

/** How a check came out; what is wrong, and where, is safe to show. */
export type Finding =
  | { readonly result: 'passed' }
  | {
      readonly result: 'failed';
      readonly detail: string;
      readonly errors?: readonly ProblemPointer[];
    };

export type Findings<Code extends string> = ReadonlyMap<Code, Finding>;

/** What could be made out of a request, and how each check came out that could be made. */
export type DiagnosedRequest = {
  /** In the order of checks.ts. A check that is missing looks at what an earlier one did not find. */
  readonly findings: Findings<MessageCheck>;
  readonly claims?: RequestClaims;
  readonly facts?: RequestFacts;
  /**
   * Whether it is whole and its sender could send it now: only then may more be told of the sender. The
   * signed part alone is in the log, so it proves nothing about who holds it.
   */
  readonly authentic: boolean;
};

const passed: Finding = { result: 'passed' };

export const failedFinding = ({ detail, extras: { errors } }: Problem): Finding => ({
  result: 'failed',
  detail,
  ...(errors !== undefined && { errors }),
});

type Attempt<Value> = { readonly value: Value } | { readonly problem: Problem };

/** Lets everything through that is no refusal of a check: a store that is away says nothing. */
const refused = (error: unknown): Problem => {
  if (error instanceof Problem && error.extras.check !== undefined) return error;
  throw error;
};

const attempt = <Value>(work: () => Value): Attempt<Value> => {
  try {
    return { value: work() };
  } catch (error) {
    return { problem: refused(error) };
  }
};

/** Checks of which each stands on the one before: those before the one that failed have passed. */
const inTurn = <Code extends string>(
  codes: readonly Code[],
  outcome: Attempt<unknown>,
): readonly (readonly [Code, Finding])[] => {
  if ('value' in outcome) return codes.map((code) => [code, passed]);
  const { problem } = outcome;
  const at = codes.findIndex((code) => code === problem.extras.check);
  return codes
    .slice(0, at + 1)
    .map((code, n) => [code, n === at ? failedFinding(problem) : passed]);
};

const isOfFacts = (code: MessageCheck): boolean => code.startsWith('fact-');
const isOfInquiry = (code: MessageCheck): boolean => /^inq-(?!members)/.test(code);

/** Checks that all look at the same parsed text: each is known, whatever the others say. */
const sideBySide = (
  codes: readonly MessageCheck[],
  errors: FormErrors,
  detail: string,
): readonly (readonly [MessageCheck, Finding])[] =>
  codes.map((code) => {
    const found = errors.get(code);
    return [code, found === undefined ? passed : { result: 'failed', detail, errors: found }];
  });

const formFindings = (
  outcome: Attempt<unknown>,
  codes: readonly MessageCheck[],
  errorsOf: (problem: Problem) => FormErrors,
): readonly (readonly [MessageCheck, Finding])[] =>
  'value' in outcome
    ? codes.map((code) => [code, passed])
    : sideBySide(codes, errorsOf(outcome.problem), outcome.problem.detail);

const claimCodes = (json: JsonObject): readonly MessageCheck[] =>
  messageCodes.forming.filter(
    (code) => !isOfFacts(code) && (isJsonObject(json['inq']) || !isOfInquiry(code)),
  );

/** How the checks come out that can be made once the signature holds. */
const diagnoseSigned = (
  signed: Signed,
  { audience, now }: Receiver,
): Omit<DiagnosedRequest, 'findings'> & {
  readonly found: readonly (readonly [MessageCheck, Finding])[];
} => {
  const { json, key } = signed;
  const disclosures = attempt(() => openFacts(signed, requestFacts));
  const claims = attempt(() => parseAsClaims(RequestClaims, json));
  const facts =
    'value' in disclosures
      ? attempt(() => parseAsFacts(RequestFacts, factsIn(disclosures.value)))
      : undefined;
  const context = { kind: kinds.request, owner: key.owner, audience, now: now() };
  const judged = 'value' in claims ? judgeClaims(claims.value, context) : [];
  const found = [
    ...inTurn(messageCodes.disclosing, disclosures),
    ...formFindings(claims, claimCodes(json), claimFormErrors),
    ...(facts === undefined
      ? []
      : formFindings(facts, messageCodes.forming.filter(isOfFacts), factFormErrors)),
    ...judged.map(({ check, broken }): readonly [MessageCheck, Finding] => [
      check,
      broken === undefined ? passed : failedFinding(broken),
    ]),
  ];
  return {
    found,
    ...('value' in claims && { claims: claims.value }),
    ...(facts !== undefined && 'value' in facts && { facts: facts.value }),
    authentic:
      'value' in disclosures &&
      'value' in claims &&
      judged.every(({ broken }) => broken === undefined),
  };
};

/**
 * Makes every check of a request that can be made, by the very steps of verify.ts, where that stops
 * at the first that fails. Writes nothing. Rejects only where the registry cannot be read.
 */
export const diagnoseRequest = async (
  text: string,
  receiver: Receiver,
): Promise<DiagnosedRequest> => {
  const opening = await openSigned(text, { ...receiver, kind: kinds.request }).then(
    (value) => ({ value }),
    (error: unknown) => ({ problem: refused(error) }),
  );
  const opened = inTurn(messageCodes.opening, opening);
  if ('problem' in opening) return { findings: new Map(opened), authentic: false };
  const { found, ...rest } = diagnoseSigned(opening.value, receiver);
  return { ...rest, findings: new Map([...opened, ...found]) };
};
