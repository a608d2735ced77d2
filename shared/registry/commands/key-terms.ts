import { roleOf } from '../../kernel/participant-id.ts';
import type { KeyRole, RegisteredKey } from '../registered-key.ts';
import { invalid, refused } from './refusals.ts';
import { minute, tenYears } from './times.ts';

/** An agency answers by its servers; it has no desk. */
export const checkKeyRole = (owner: string, role: KeyRole): void => {
  if (roleOf(owner) === 'agency' && role === 'station') {
    throw invalid('/role', 'must be server or officer for an agency');
  }
};

type Span = { readonly notBefore: number; readonly notAfter: number };

/** A key begins no earlier than now: what it signed before it was registered never counts. */
export const checkSpan = ({ notBefore, notAfter }: Span, now: number): void => {
  if (notBefore < now - minute) {
    throw invalid('/notBefore', 'must lie at most a minute in the past');
  }
  if (notBefore > now + tenYears) throw invalid('/notBefore', 'must lie at most ten years ahead');
  if (notAfter <= notBefore) throw invalid('/notAfter', 'must be later than notBefore');
  if (notAfter <= now) throw invalid('/notAfter', 'must lie in the future');
  if (notAfter - notBefore > tenYears) {
    throw invalid('/notAfter', 'must be at most ten years after notBefore');
  }
};

/** From when on a revoked key does not count: a compromise found later reaches back. */
export const checkFrom = (from: number, { notBefore }: RegisteredKey, now: number): void => {
  if (from > now + minute) throw invalid('/from', 'must not lie in the future');
  if (from < Math.min(notBefore, now)) {
    throw refused('A key is revoked from its notBefore at the earliest.');
  }
};
