/** An object of the index is not what it should be; the index is made again from the log. */
export class IndexInvalid extends Error {
  override readonly name = 'IndexInvalid';
}

/** An object of the index is missing, or ends before the index is said to. */
export class IndexIncomplete extends Error {
  override readonly name = 'IndexIncomplete';
}
