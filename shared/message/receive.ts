import * as z from 'zod';
import type { Clock } from '../kernel/clock.ts';
import {
  AccessClaims,
  CommandClaims,
  ForwardClaims,
  KeyProofClaims,
  ReceiptClaims,
  RequestClaims,
  RequestFacts,
  ResponseClaims,
  requestFacts,
  StatementClaims,
} from './claims.ts';
import type { KeyDirectory } from './key.ts';
import { kinds } from './kind.ts';
import { type Verified, verifyMessage } from './verify.ts';

/** Who receives: which keys it knows, its clock, and the `aud` it answers to. */
export type Receiver = {
  readonly audience: string;
  readonly keyOf: KeyDirectory;
  readonly now: Clock;
};

export type VerifiedRequest = Verified<RequestClaims, RequestFacts>;

/** A counter's request with its four facts opened. */
export const receiveRequest = (text: string, by: Receiver): Promise<VerifiedRequest> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.request,
    claims: RequestClaims,
    names: requestFacts,
    facts: RequestFacts,
  });

/** For messages whose disclosures, if they have any, are judged by others. */
const anyFacts = z.unknown();

export const receiveForward = (text: string, by: Receiver): Promise<Verified<ForwardClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.forward,
    claims: ForwardClaims,
    names: [],
    facts: anyFacts,
  });

/** An agency's answer; what it must be bound to is judged by inquiry/accept-answer.ts. */
export const receiveResponse = (text: string, by: Receiver): Promise<Verified<ResponseClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.response,
    claims: ResponseClaims,
    names: 'any',
    facts: anyFacts,
  });

export const receiveReceipt = (text: string, by: Receiver): Promise<Verified<ReceiptClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.receipt,
    claims: ReceiptClaims,
    names: [],
    facts: anyFacts,
  });

/** A command; what it does and whether its sender may is judged by registry/commands. */
export const receiveCommand = (text: string, by: Receiver): Promise<Verified<CommandClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.command,
    claims: CommandClaims,
    names: [],
    facts: anyFacts,
  });

/** A proof of possession; `keyOf` should know the new key alone, and as its owner the one to be. */
export const receiveKeyProof = (text: string, by: Receiver): Promise<Verified<KeyProofClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.keyProof,
    claims: KeyProofClaims,
    names: [],
    facts: anyFacts,
  });

/** A statement; whether its day may be stated is judged by inquiry/take-statement.ts. */
export const receiveStatement = (text: string, by: Receiver): Promise<Verified<StatementClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.statement,
    claims: StatementClaims,
    names: [],
    facts: anyFacts,
  });

export const receiveAccess = (text: string, by: Receiver): Promise<Verified<AccessClaims>> =>
  verifyMessage(text, {
    ...by,
    kind: kinds.access,
    claims: AccessClaims,
    names: [],
    facts: anyFacts,
  });
