import type { Failure } from '../verify/failure.ts';

/** An input that stops a verification before it begins: which file, and why. */
export class FailedInput extends Error {
  override readonly name = 'FailedInput';
  readonly failure: Failure;

  constructor(failure: Failure, message: string, options?: ErrorOptions) {
    super(message, options);
    this.failure = failure;
  }
}

/** A command line that cannot be carried out. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
