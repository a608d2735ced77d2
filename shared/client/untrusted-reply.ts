/** Which check an exchange's reply failed. */
export type FailedCheck =
  | 'shape'
  | 'receipt-signature'
  | 'receipt-not-ours'
  | 'answer-not-receipted'
  | 'answer-signature'
  | 'answer-not-ours'
  | 'proof-invalid'
  | 'proof-not-ours'
  | 'checkpoint-untrusted'
  | 'disclosure-not-signed';

/**
 * The exchange said something that its own signature, the agency's or the request does not bear out.
 * Nothing of it may be used. The text holds no part of the reply.
 */
export class UntrustedReply extends Error {
  override readonly name = 'UntrustedReply';
  readonly check: FailedCheck;

  constructor(check: FailedCheck, detail: string, options?: ErrorOptions) {
    super(`${check}: ${detail}`, options);
    this.check = check;
  }
}
