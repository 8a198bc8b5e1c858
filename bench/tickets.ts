/**
 * `npm run bench:tickets`: tickets signed and verified per second of one core, against what the vendor's
 * own library signs. Half are UserSigs, half PrivateMapKeys; each for another user. A second is one of CPU time
 * of the whole process, so that garbage collection on other threads counts and other programs do not.
 */
import { presets, TicketIssuer, verifyPrivateMapKey, verifyUserSig } from '@roomkey/tickets';
import { Api } from 'tls-sig-api-v2';
import { readOptions } from './options.ts';
import { median, report } from './report.ts';

const help = `Measures tickets signed and verified per second of one core.

Usage: npm run bench:tickets -- [options]

  --json    print the figures as one JSON object
  --runs N  runs that count (9)
  --help`;

const { runs } = readOptions(help, { runs: 9 });
const pairsPerRun = 10_000;

const sdkAppId = 1_400_000_000;
const secretKey = '5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e';
const expire = 86_400;
const roomId = 10_000;

const users = Array.from({ length: pairsPerRun }, (_, index) => `user_${index}`);
const ours = new TicketIssuer({ sdkAppId, secretKey });
const theirs = new Api(sdkAppId, secretKey);

type Issuer = Pick<TicketIssuer, 'genUserSig' | 'genPrivateMapKey'>;

interface TicketPair {
  readonly userId: string;
  readonly userSig: string;
  readonly privateMapKey: string;
}

function pairsOf(issuer: Issuer): TicketPair[] {
  return users.map((userId) => ({
    userId,
    userSig: issuer.genUserSig(userId, expire),
    privateMapKey: issuer.genPrivateMapKey(userId, expire, roomId, presets.anchor),
  }));
}

function verify(pairs: readonly TicketPair[]): void {
  for (const { userId, userSig, privateMapKey } of pairs) {
    verifyUserSig(userSig, { sdkAppId, secretKeys: secretKey, userId });
    verifyPrivateMapKey(privateMapKey, { sdkAppId, secretKeys: secretKey, userId, roomId });
  }
}

function sign(issuer: Issuer): void {
  let characters = 0;
  for (const userId of users) {
    characters += issuer.genUserSig(userId, expire).length;
    characters += issuer.genPrivateMapKey(userId, expire, roomId, presets.anchor).length;
  }
  if (characters === 0) throw new Error('Nothing was signed.');
}

/** Tickets per second of CPU time. */
function rate(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (2 * pairsPerRun * 1e6) / (user + system);
}

const ourTickets = pairsOf(ours);
const theirTickets = pairsOf(theirs);
const rates = {
  peer: [] as number[],
  signed: [] as number[],
  verified: [] as number[],
  verifiedTheirs: [] as number[],
};
for (let run = -1; run < runs; run++) {
  const results = {
    peer: rate(() => sign(theirs)),
    signed: rate(() => sign(ours)),
    verified: rate(() => verify(ourTickets)),
    verifiedTheirs: rate(() => verify(theirTickets)),
  };
  if (run < 0) continue; // The first only warms up.
  for (const name of Object.keys(rates) as (keyof typeof rates)[]) rates[name].push(results[name]);
}

const peer = median(rates.peer);
report('tickets', [
  { figure: 'signed', unit: '1/s', ours: median(rates.signed), peer, target: { atLeast: 3 } },
  { figure: 'verified', unit: '1/s', ours: median(rates.verified), peer, target: { atLeast: 2 } },
  { figure: 'verified, made by the peer', unit: '1/s', ours: median(rates.verifiedTheirs), peer },
]);
