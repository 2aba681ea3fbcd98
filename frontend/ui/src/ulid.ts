// Ids made on the phone, in the market's own form. Only the random half makes
// an id unlike all others, so a phone whose clock is wrong does no harm.
const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

export function ulid(): string {
  const random = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => digits[byte & 31]);
  let time = "";
  for (let ms = Math.max(0, Date.now()), i = 0; i < 10; i++, ms = Math.floor(ms / 32)) {
    time = digits[ms % 32] + time;
  }
  return time + random.join("");
}
