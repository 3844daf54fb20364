// The browser's half of test_both_languages.py, one line of JSON in and one out at each step.

import { createInterface } from "node:readline/promises";
import { fromBase64, toBase64, utf8 } from "../../../browser/bytes.js";
import { composeAnswer } from "../../../browser/posts.js";
import { DID_NOT_WORK } from "../../../browser/sealing.js";
import { checkAgainst, readKeySheet, readWaveSheet } from "../../../browser/sheets.js";
import { finalize, makeToken } from "../../../browser/tokens.js";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const read = async () => JSON.parse((await lines.next()).value);
const write = (value) => process.stdout.write(`${JSON.stringify(value)}\n`);

const { key_sheet: keyText, wave_sheet: waveText, group, institution_id: institutionId } = await read();
const keys = await readKeySheet(utf8(keyText));
const waveSheet = await readWaveSheet(utf8(waveText));
checkAgainst(waveSheet, keys);

const groupKey = keys.groups[group].public_key;
const begun = await makeToken(groupKey);
write({ blinded: toBase64(begun.blinded) });
const token = await finalize(groupKey, begun, fromBase64((await read()).signature));

for (const [answers, revision] of [[{ workload: 3, voice: 0 }, 1], [DID_NOT_WORK, 2]]) {
  write({ post: toBase64(await composeAnswer({ institutionId, waveSheet, group, token, revision, answers })) });
}
process.exit(0);
