/**
 * Takes objects away for good. Apart from {@link ObjectStore}, since nothing of a log may ever go: who has
 * one has it for a store of what can be made again. Rejects with the problem `store-unavailable`, and
 * then some of them may be gone.
 */
export type ObjectRemover = {
  /**
   * Removes every object whose key begins with the segments of `folder`, durably once it resolves; where
   * there is none, there is none to remove. What is put at the same time may stay.
   */
  readonly removeBelow: (folder: string) => Promise<void>;
};
