/**
 * What deflate may point back to, by version. A version never changes once a row was written with
 * it; the texts likeliest to occur stand last, where a reference is cheapest (RFC 1950 §2.2).
 */
const version1 = [
  'SOURCE_UNAVAILABLEINVALID_ANSWERINDETERMINATENOT_FOUNDNO_MATCHREFUSEDABORTEDPENDINGTIMEOUT',
  'servicelicencepurposeinputparticipantactivevalidregistereddenydeny"',
  'proxy"none"social-insurancelegal-proceedingsbanking-servicepension-enrolmentpassport-issue',
  'companies/legal-entity@1police/vehicle@1pension/status@1social-security/coverage@1',
  'education/certificate@1post/postal-address@1telecom/mobile-ownership@1',
  'civil-registry/life-status@1civil-registry/identity@1',
  'birthDatefirstNamelastNamefatherNamelifeStatusprovincecitystreetplate',
  '["subject",{"type":"ir-legal-id","value":"["subject",{"type":"ir-postal-code","value":"',
  '","params",{"mobile":"+989","}]"operator","op-"]"case","case-1405-"]',
  '","params",{"birthDate":"13","params",{}]","subject",{"type":"ir-national-id","value":"00',
  '"fee":"tariff","withheld":"","http":200,"i":"","id":"01","k":"o","ms":"out":"FOUND"',
  '"res":"","t":1","v":1}{"alg":"Ed25519","kid":"{"alg":"ES256","kid":"',
  '","typ":"inq-response+sd-jwt"}{"iss":"agency:","aud":"exchange:estelam","iat":1',
  '"jti":"","in_reply_to":"","req_s256":"","inq_id":"01","seq":1,"outcome":"MATCH","_sd":["',
  '{"dec":{"effect":"deny","registry":1,"rule":"{"dec":{"effect":"allow","registry":1,"rule":',
  '"open-service"},"id":"01","k":"i","req":"","t":1","v":1}{"alg":"ES256","kid":"',
  '","typ":"inq-request+sd-jwt"}{"iss":"counter:7","aud":"https://exchange.example/v1/inquiries',
  '","iat":1,"exp":1,"jti":"","inq":{"id":"01,"seq":1,"service":"civil-registry/identity@1',
  '","purpose":"pension-enrolment","basis":"law-","station":"till-1","presence":"in-person"},',
  '"_sd":["","',
].join('');

export const packDictionaries: ReadonlyMap<number, Uint8Array> = new Map([
  [1, Buffer.from(version1, 'utf8')],
]);
