/** What a witness answers: always text, and never a part of what was sent. */
export type WitnessAnswer = {
  readonly status: 200 | 400 | 403 | 404 | 409 | 413 | 422 | 503;
  readonly type: 'text/plain; charset=utf-8' | 'text/x.tlog.size';
  readonly body: string;
  /** The checkpoint that it was about: only when one of the log's keys had signed it. */
  readonly about?: { readonly origin: string; readonly size: bigint };
  /** Why a 503 is one: for operators, never for callers. */
  readonly cause?: unknown;
};

const plain = (status: WitnessAnswer['status'], body: string): WitnessAnswer => ({
  status,
  type: 'text/plain; charset=utf-8',
  body,
});

/** The answers that never differ, by what they say. */
export const refusals = {
  malformed: plain(400, 'The request is not as C2SP tlog-witness has it.\n'),
  shrinking: plain(400, 'The old size is above the size of the checkpoint.\n'),
  unsigned: plain(403, 'No trusted key of the log signed the checkpoint.\n'),
  unknownLog: plain(404, 'This witness does not watch that log.\n'),
  noSuchAddress: plain(404, 'There is no such address: POST /add-checkpoint, or GET /.\n'),
  tooLarge: plain(413, 'The request is too large.\n'),
  unproven: plain(422, 'The consistency proof does not hold.\n'),
  unavailable: plain(503, 'Nothing was signed; try again shortly.\n'),
} as const;

/** The text of a page, or signature lines. */
export const answerText = (body: string): WitnessAnswer => plain(200, body);

/** The size that is on record: what the next request must grow from. */
export const answerSize = (size: bigint): WitnessAnswer => ({
  status: 409,
  type: 'text/x.tlog.size',
  body: `${size}\n`,
});
