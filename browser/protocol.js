// The wave protocol in the browser, version 1: what it offers, in one list.
//
// Same formats, same checks and the same test vectors (tests/vectors) as callroom.core.anonymity.
// Tokens are made with "./tokens.js", imported by its own name: it brings the blind-signature library
// (13 kB compressed) along, which the check-in page does not need, since it only spends tokens.

export { BytesError, equal, fromBase64, fromHex, sha256, sha256Hex, toBase64, toHex, utf8 } from "./bytes.js";
export * as canonical from "./canonical.js";
export { CanonicalError } from "./canonical.js";
export { ChainError, NO_PREVIOUS, fingerprint, headOf, parseLine, rotatedKey, splitLines, verifyLinks } from "./chain.js";
export { verifyEd25519 } from "./ed25519.js";
export { newOneTimeKey, tokenMessage } from "./onetime.js";
export { POST_LENGTH, PostError, composeAnswer, packPost } from "./posts.js";
export { SCALES, scoreOf, stepOf, valuesOf } from "./scales.js";
export { DID_NOT_WORK, SealError, answerInfo, encodeAnswers, seal } from "./sealing.js";
export { FEWEST_ELIGIBLE, SheetError, checkAgainst, leafOf, partsOfWave, readKeySheet, readWaveSheet } from "./sheets.js";
export { loadWords, tenWords } from "./words.js";
