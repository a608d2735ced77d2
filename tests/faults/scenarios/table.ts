/** The thirty scenarios that must be detected or survived (the threat list of the audit log). */
export type Scenario = {
  readonly name: string;
  /** In which file of this folder the test of this very name stands. */
  readonly in: string;
};

export const scenarios: readonly Scenario[] = [
  { name: 'altered bundle byte', in: 'tree.test.ts' },
  { name: 'leaf and tile rewritten together', in: 'tree.test.ts' },
  { name: 'truncated tail', in: 'tree.test.ts' },
  { name: 'full rewrite with the real key', in: 'tree.test.ts' },
  { name: 'split view', in: 'tree.test.ts' },
  { name: 'two entries swapped', in: 'tree.test.ts' },
  { name: 'answered but O never written', in: 'journal.test.ts' },
  { name: 'receipt issued and entry dropped', in: 'tree.test.ts' },
  { name: 'journal row deleted before sealing', in: 'journal.test.ts' },
  { name: 'journal row modified before sealing', in: 'journal.test.ts' },
  { name: "fabricated inquiry in a counter's name", in: 'tree.test.ts' },
  { name: 'replayed request', in: 'journal.test.ts' },
  { name: 'agency disclosed and the broker died before O', in: 'journal.test.ts' },
  { name: 'zombie after tombstone', in: 'journal.test.ts' },
  { name: 'two sequencers at once', in: 'sequencers.test.ts' },
  { name: 'bit flip in a leaf hash', in: 'sequencers.test.ts' },
  { name: 'sequencer code compromised', in: 'sequencers.test.ts' },
  { name: 'log key stolen', in: 'sequencers.test.ts' },
  { name: 'witness down, lying or rolled back', in: 'operators.test.ts' },
  { name: 'delete marker over a locked tile', in: 'operators.test.ts' },
  { name: 'clock moved', in: 'operators.test.ts' },
  { name: 'export that omits rows', in: 'exports.test.ts' },
  { name: 'export with an altered decoded view', in: 'exports.test.ts' },
  { name: 'erased person', in: 'persons.test.ts' },
  { name: 'brute force of a digest', in: 'persons.test.ts' },
  { name: 'throttling and a hot slot', in: 'operators.test.ts' },
  { name: 'object store or KMS away for hours', in: 'operators.test.ts' },
  { name: 'unsequenced journal lost', in: 'journal.test.ts' },
  { name: 'index lost or poisoned', in: 'operators.test.ts' },
  { name: 'malformed notes', in: 'tree.test.ts' },
];
