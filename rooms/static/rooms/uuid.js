/* Names for what is sent, so that sending it again counts once. */

/** A random UUID. crypto.randomUUID is kept from pages that came by plain http, as they do to the
    phones of a house without a certificate. */
export function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Version 4 and variant 1 of RFC 9562.
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const digits = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
