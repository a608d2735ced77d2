/** Why a log does not go on until somebody has looked. */
export type StopReason =
  /** A row of the journal is not what it was: an intent and its outcome do not belong together. */
  | 'journal-damaged'
  /** The right edge of the tree, as it is stored, does not have the root that the head says. */
  | 'edge-damaged'
  /** A leaf hash came out different the second time. */
  | 'hash-differs'
  /** What was staged for the head is gone or altered. */
  | 'staging-lost'
  /** Another object stands where a tile or a bundle belongs. */
  | 'tile-differs'
  /** A tile or a bundle of the log is gone, or cannot be read. */
  | 'file-missing'
  /** What is published is no checkpoint. */
  | 'published-damaged'
  /** A tree was signed or published that the head does not know: the head was lost or rolled back. */
  | 'head-behind'
  /** The signer will not sign what the head says: it knows another history. */
  | 'signer-refused';

/** The log must not go on: nothing was lost, nothing was signed; an alarm and a person are due. */
export class LogStopped extends Error {
  override readonly name = 'LogStopped';
  readonly reason: StopReason;
  readonly shard: number;

  constructor(reason: StopReason, shard: number, options?: ErrorOptions) {
    super(`Log ${shard} stopped: ${reason}.`, options);
    this.reason = reason;
    this.shard = shard;
  }
}
