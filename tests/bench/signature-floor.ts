import { generateKeyPairSync, randomBytes, sign, verify } from 'node:crypto';

/** As long as what is signed in a request or in an answer. */
const signedLength = 850;

/** Bare verifications by node:crypto, each of one signature. */
export const bareVerifications = () => {
  const text = randomBytes(signedLength);
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const ed25519 = generateKeyPairSync('ed25519');
  const dsaEncoding = 'ieee-p1363';
  const [open, secret] = [
    { key: p256.publicKey, dsaEncoding },
    { key: p256.privateKey, dsaEncoding },
  ] as const;
  const signatures = {
    p256: sign('sha256', text, secret),
    ed25519: sign(null, text, ed25519.privateKey),
  };
  return {
    p256: () => verify('sha256', text, open, signatures.p256),
    ed25519: () => verify(null, text, ed25519.publicKey, signatures.ed25519),
  };
};
