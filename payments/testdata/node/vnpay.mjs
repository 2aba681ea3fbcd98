// Answers one question, read as JSON from the standard input, with the npm
// package "vnpay".
import { VNPay, ignoreLogger } from "vnpay";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const q = JSON.parse(text);

const client = new VNPay({
  tmnCode: q.tmnCode,
  secureSecret: q.secret,
  vnpayHost: q.host,
  queryDrAndRefundHost: q.host,
  testMode: false,
  hashAlgorithm: "SHA512",
  enableLog: false,
  loggerFn: ignoreLogger,
});

const fields = (query) => Object.fromEntries(new URLSearchParams(query));

const answers = {
  build: () => client.buildPaymentUrl(q.fields),
  ipn: () => client.verifyIpnCall(fields(q.query)),
  return: () => client.verifyReturnUrl(fields(q.query)),
  query: () => client.queryDr(q.fields),
  refund: () => client.refund(q.fields),
};

console.log(JSON.stringify(await answers[q.ask]()));
