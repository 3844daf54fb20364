// Ed25519 signatures (RFC 8032): WebCrypto where the browser has it, @noble/ed25519 where it does not (iOS 16).

import { verifyAsync } from "@noble/ed25519";

async function nativeKey(publicKey) {
  try {
    return await crypto.subtle.importKey("raw", publicKey, "Ed25519", false, ["verify"]);
  } catch {
    return null;
  }
}

/** The same check without WebCrypto's Ed25519. */
export async function verifyWithoutNative(publicKey, signature, message) {
  try {
    return await verifyAsync(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/**
 * @param {Uint8Array} publicKey 32 bytes
 * @param {Uint8Array} signature 64 bytes
 * @param {Uint8Array} message
 * @returns {Promise<boolean>} whether the key signed the message; false for malformed input, too
 */
export async function verifyEd25519(publicKey, signature, message) {
  const key = await nativeKey(publicKey);
  return key ? crypto.subtle.verify("Ed25519", key, signature, message) : verifyWithoutNative(publicKey, signature, message);
}
