import { type Replay, replayRegistry } from '../../registry/replay.ts';
import { type AskedLeaf, readAsked } from '../verify/read-asked.ts';
import { isRecord, readLeaf } from '../verify/read-leaf.ts';

/** An inquiry of the log; `whole` when every change up to the one it names was there. */
export type PastInquiry = AskedLeaf & { readonly index: number; readonly whole: boolean };

export type ReplayedLog = {
  readonly replay: Replay;
  /** Takes the next entry of the log. */
  readonly look: (index: number, data: Uint8Array) => void;
  /** Hands over what still waits: no change will come any more. */
  readonly finish: () => void;
  /** Inquiries that could not be read. */
  readonly unread: () => number;
};

/** Inquiries that may wait for the leaf of a change that came late. */
const mostWaiting = 10_000;

type Waiting = AskedLeaf & { readonly index: number };

/**
 * Plays a log again while it goes by: its changes of the registry, and each inquiry that `isWanted`
 * once the changes up to the one that it names are there. Nothing of an inquiry is kept longer.
 */
export const replayLog = (
  take: (inquiry: PastInquiry, replay: Replay) => void,
  isWanted: (data: Uint8Array) => boolean = () => true,
): ReplayedLog => {
  const replay = replayRegistry();
  let waiting: Waiting[] = [];
  let unread = 0;

  const isReady = ({ intent }: Waiting): boolean => replay.isWhole(intent.dec.registry);
  const hand = (all: readonly Waiting[], whole: boolean): void => {
    for (const one of all) take({ ...one, whole }, replay);
  };
  const settle = (): void => {
    if (waiting.length === 0) return;
    hand(waiting.filter(isReady), true);
    waiting = waiting.filter((one) => !isReady(one));
  };
  const record = (data: Uint8Array): void => {
    const { leaf } = readLeaf(data);
    if (leaf?.kind === 'command') replay.commanded(leaf.event);
    else if (leaf?.kind === 'registry') replay.changed(leaf.event);
    else return;
    settle();
  };
  const inquiry = (index: number, data: Uint8Array): void => {
    const asked = readAsked(data);
    if (asked === undefined) {
      unread += 1;
      return;
    }
    const one = { ...asked, index };
    if (isReady(one)) return hand([one], true);
    waiting.push(one);
    if (waiting.length > mostWaiting) hand(waiting.splice(0, mostWaiting / 2), false);
  };

  return {
    replay,
    look: (index, data) => {
      if (isRecord(data)) record(data);
      else if (isWanted(data)) inquiry(index, data);
    },
    finish: () => {
      settle();
      hand(waiting, false);
      waiting = [];
    },
    unread: () => unread,
  };
};
