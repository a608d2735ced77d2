import { faults } from './faults.ts';
import { lies } from './lies.ts';

export type LieName = keyof typeof lies;
export type FaultName = keyof typeof faults;
export type BehaviourName = 'normal' | 'down' | LieName | FaultName;

/** What a sample agency does with the inquiries it gets. */
export type Behaviour = {
  readonly name: BehaviourName;
  /** For `slow` until it answers, for `drip` between two bytes; in milliseconds. */
  readonly ms: number;
};

/** Every behaviour and what comes of it. The rows are the whole list. */
export const behaviours = {
  normal: 'answers as it should',
  down: 'refuses connections',
  slow: 'answers after a while (slow:3000, in milliseconds)',
  unavailable: 'HTTP 503',
  hang: 'takes the inquiry and never answers',
  drip: 'sends its answer byte by byte (drip:200, milliseconds between two)',
  huge: 'sends 50 MB',
  redirect: 'sends the asker to a metadata service (HTTP 302)',
  'http-500': 'HTTP 500',
  'http-404': 'HTTP 404',
  'http-204': 'HTTP 204, no body',
  'wrong-media-type': 'a right answer as text/html',
  truncated: 'half of its answer, as if it were whole',
  disconnect: 'breaks the connection in the middle of its answer',
  unsigned: 'alg none and no signature',
  'wrong-key': "signs with a key that is not its own, under its own key's name",
  'wrong-typ': 'signs an answer as if it were a request',
  'other-forward': 'answers another forward (in_reply_to)',
  'wrong-inquiry': 'answers another inquiry (inq_id)',
  'wrong-request-hash': 'answers another request (req_s256)',
  expired: 'signs an answer of ten minutes ago',
  'extra-field': 'discloses a field that the asker may not have',
  'undeclared-field': 'discloses a field that its schema does not know',
  'bad-schema': 'discloses a value that its schema does not allow',
  'duplicate-disclosure': 'discloses one fact twice',
  'decoy-digest': 'signs a digest that it does not open',
  'missing-digest': 'discloses a fact that it did not sign',
} as const satisfies Readonly<Record<BehaviourName, string>>;

export const normal: Behaviour = { name: 'normal', ms: 0 };

const usualTime: Partial<Readonly<Record<BehaviourName, number>>> = { slow: 3000, drip: 200 };

export const isLie = (name: BehaviourName): name is LieName => name in lies;

export const isFault = (name: BehaviourName): name is FaultName => name in faults;

const isBehaviourName = (text: string): text is BehaviourName => Object.hasOwn(behaviours, text);

/** Reads `down` or `slow:3000`; undefined when there is no such behaviour. */
export const parseBehaviour = (text: string): Behaviour | undefined => {
  const [, name = '', ms] = /^([a-z0-9-]+)(?::([0-9]{1,7}))?$/.exec(text) ?? [];
  if (!isBehaviourName(name)) return undefined;
  const usual = usualTime[name];
  if (usual === undefined) return ms === undefined ? { name, ms: 0 } : undefined;
  return { name, ms: ms === undefined ? usual : Number(ms) };
};

export const formatBehaviour = ({ name, ms }: Behaviour): string =>
  usualTime[name] === undefined ? name : `${name}:${ms}`;
