import { text } from 'node:stream/consumers';
import { verifierKeyOf } from './verifier-key.ts';

const usage = `Prints the verifier key of a log, which its witnesses are told (C2SP signed-note).

  aws kms get-public-key --key-id ARN --query PublicKey --output text |
    node infra/print-verifier-key.ts exchange.example/log/0
`;

const [name] = process.argv.slice(2);
if (name === undefined || name.startsWith('-')) {
  process.stderr.write(usage);
  process.exitCode = 64;
} else {
  process.stdout.write(`${verifierKeyOf(name, await text(process.stdin))}\n`);
}
