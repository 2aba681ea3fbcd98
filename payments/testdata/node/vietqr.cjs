// Writes and reads VietQR codes with the npm package "vietnam-qr-pay": takes
// {encode: [...], decode: [...]} on the standard input.
const { QRPay } = require("vietnam-qr-pay");

const q = JSON.parse(require("node:fs").readFileSync(0, "utf8"));

const encoded = q.encode.map((c) =>
  QRPay.initVietQR({ bankBin: c.bin, bankNumber: c.account, amount: c.amount || undefined, purpose: c.reference || undefined }).build(),
);

const decoded = q.decode.map((text) => {
  const c = new QRPay(text);
  return {
    valid: c.isValid,
    bin: c.consumer.bankBin ?? "",
    account: c.consumer.bankNumber ?? "",
    amount: c.amount ?? "",
    reference: c.additionalData.purpose ?? "",
    method: c.initMethod,
  };
});

console.log(JSON.stringify({ encoded, decoded }));
