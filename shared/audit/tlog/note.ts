import { concat, utf8 } from '../../kernel/bytes.ts';
import { fromBase64, toBase64 } from './base64.ts';
import { isKeyName } from './verifier-key.ts';

/** A signature line: who says it signed, and the bytes after the key's id. */
export type NoteSignature = {
  readonly name: string;
  /** Eight hexadecimal digits. */
  readonly id: string;
  readonly signature: Uint8Array;
};

/** A signed note (C2SP signed-note). `text` ends with a newline; nothing in it is trusted yet. */
export type Note = { readonly text: string; readonly signatures: readonly NoteSignature[] };

/** The most signatures a note may have: what every verifier must take. */
export const maxSignatures = 16;

/** The most bytes of a note: room for 16 post-quantum signatures of 5 kB. */
export const maxNote = 131_072;

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const toText = (bytes: Uint8Array): string | undefined => {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
};

// biome-ignore lint/suspicious/noControlCharactersInRegex: the range is the rule
const forbidden = /[\x00-\x09\x0b-\x1f]/;

const line = /^— (?<name>[^ ]+) (?<box>[A-Za-z0-9+/]+=*)$/u;

/** One signature line without its newline; undefined when its form is not exactly right. */
export const parseSignature = (text: string): NoteSignature | undefined => {
  const { name = '', box = '' } = line.exec(text)?.groups ?? {};
  const bytes = fromBase64(box);
  if (bytes === undefined || bytes.length < 5 || !isKeyName(name)) return undefined;
  const id = Buffer.from(bytes.subarray(0, 4)).toString('hex');
  return { name, id, signature: bytes.subarray(4) };
};

const keyOf = ({ name, id }: NoteSignature): string => `${name}+${id}`;

/**
 * Reads a signed note; undefined when anything about its form is not exactly right: UTF-8, newlines
 * only, canonical base64, 1 to 16 signatures, no key twice. Says nothing about whether they hold.
 */
export const parseNote = (bytes: Uint8Array): Note | undefined => {
  const whole = bytes.length > maxNote ? undefined : toText(bytes);
  if (whole === undefined || forbidden.test(whole) || !whole.endsWith('\n')) return undefined;
  const border = whole.lastIndexOf('\n\n');
  if (border < 0) return undefined;
  const lines = whole.slice(border + 2, -1).split('\n');
  const signatures = lines.map(parseSignature).filter((one) => one !== undefined);
  if (signatures.length !== lines.length || lines.length > maxSignatures) return undefined;
  if (new Set(signatures.map(keyOf)).size !== signatures.length) return undefined;
  return { text: whole.slice(0, border + 1), signatures };
};

/** One signature line with its newline. */
export const formatSignature = ({ name, id, signature }: NoteSignature): string =>
  `— ${name} ${toBase64(concat(Buffer.from(id, 'hex'), signature))}\n`;

export const formatNote = ({ text, signatures }: Note): Uint8Array =>
  utf8(`${text}\n${signatures.map(formatSignature).join('')}`);
