import { fromBase64Url, toBase64Url } from '#shared/kernel/bytes.ts';
import { buildRequest, type RequestParts } from './messages.ts';

/** The bytes whose base64url has this many characters; none has 1 more than a multiple of 4. */
const bytesFor = (characters: number): number => Math.floor((characters * 3) / 4);

const base64Length = (bytes: number): number => Math.ceil((bytes * 4) / 3);

const isLength = (characters: number): boolean => characters % 4 !== 1;

const signatureAndDots = 88;

/** A request whose JWS part is exactly so long, by white space inside its JSON, which is legal. */
export const requestWithJwsOf = (length: number, parts: RequestParts): Promise<string> => {
  const headerPad = (header: string): number =>
    [0, 1, 2].find((spaces) =>
      isLength(length - signatureAndDots - base64Length(header.length + spaces)),
    ) ?? 0;
  const { key } = parts;
  const header = JSON.stringify({ alg: key.alg, kid: key.kid, typ: 'inq-request+sd-jwt' });
  const padded = header + ' '.repeat(headerPad(header));
  const payloadLength = length - signatureAndDots - base64Length(padded.length);
  return buildRequest({
    ...parts,
    headerText: () => padded,
    payload: (json) => json.padEnd(bytesFor(payloadLength)),
  });
};

const lengthen = (disclosure: string, bytes: number): string => {
  const json = Buffer.from(fromBase64Url(disclosure) ?? []).toString();
  return toBase64Url(Buffer.from(json.padEnd(bytes)));
};

const grow = (disclosure: string, spaces: number): string =>
  lengthen(disclosure, (fromBase64Url(disclosure)?.length ?? 0) + spaces);

/** A request that is exactly so long as a whole, by white space inside its disclosures. */
export const requestOf = async (length: number, parts: RequestParts): Promise<string> => {
  const extra = length - (await buildRequest(parts)).length;
  return buildRequest({
    ...parts,
    disclosures: ([first = '', second = '', ...rest]) => {
      const target = (spaces: number): number =>
        first.length + extra - (grow(second, spaces).length - second.length);
      const spaces = [0, 1, 2].find((count) => isLength(target(count))) ?? 0;
      return [lengthen(first, bytesFor(target(spaces))), grow(second, spaces), ...rest];
    },
  });
};
