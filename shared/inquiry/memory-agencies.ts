import type { Agencies, AgencyCall, AgencyReply } from './ports.ts';

/** What the agencies of a test do with a call. */
export type AgencyScript = (call: AgencyCall) => AgencyReply | Promise<AgencyReply>;

/** Agencies without a network. They keep the promise of the port if the script throws nothing. */
export type MemoryAgencies = {
  readonly agencies: Agencies;
  /** Every call so far, in its order, noted before the script sees it. */
  readonly calls: readonly AgencyCall[];
  /** Replaces the script for all later calls. */
  readonly play: (script: AgencyScript) => void;
};

export const memoryAgencies = (script: AgencyScript): MemoryAgencies => {
  const calls: AgencyCall[] = [];
  let playing = script;
  return {
    calls,
    play: (next) => {
      playing = next;
    },
    agencies: {
      ask: async (call) => {
        calls.push(call);
        return playing(call);
      },
    },
  };
};
