// The sheet of an open wave, checked on the page without a name before anything is asked.

import { DoesNotFit, catchUp, forgetTakenBack, mustBeInChain, payloadFrom } from "./chainwatch.js";
import { SheetError, checkAgainst, readKeySheet, readWaveSheet } from "./sheets.js";

/** The ticket that was kept is of a key sheet that was taken back; it is forgotten, and another can be fetched. */
export class TakenBack extends Error {}

/**
 * The wave's sheet, checked: with the chain, with its key sheet, and with what was seen with a name.
 *
 * @param {import("./devicestore.js").WaveRow} row
 * @param {{wave: string, waveSheet: string}[]} listed
 * @param {{store: import("./devicestore.js").DeviceStore, door: object}} parts
 * @throws {DoesNotFit} @throws {TakenBack}
 * @throws {import("./doors.js").NoNetwork} where it was never seen and there is no network
 */
export async function checkedSheet(row, listed, { store, door }) {
  const entry = listed.find((candidate) => candidate.wave === row.wave);
  if (row.waveSheetSignedIn !== null && row.waveSheetSignedIn !== entry.waveSheet) throw new DoesNotFit("two-versions", "wave sheet");
  try {
    const bytes = row.waveSheetBytes ?? (await fetchSheet(entry.waveSheet, { store, door }));
    const sheet = await readWaveSheet(bytes);
    if (sheet.hash !== entry.waveSheet || sheet.wave !== row.wave) throw new DoesNotFit("two-versions", "wave sheet");
    const isAnother = sheet.key_sheet !== row.keySheet;
    if (isAnother && (await forgetTakenBack([row], { store, door }))) throw new TakenBack();
    checkAgainst(sheet, await readKeySheet(row.keySheetBytes));
    if (row.waveSheetBytes === null) {
      await store.changeWave(row.wave, { waveSheetBytes: bytes, waveSheet: sheet.hash, opensAt: sheet.opens_at, closesAt: sheet.closes_at });
    }
    return sheet;
  } catch (error) {
    throw error instanceof SheetError ? new DoesNotFit("sheet-differs", error.code) : error;
  }
}

async function fetchSheet(hash, { store, door }) {
  const device = await store.changeDevice(await catchUp(await store.device(), door));
  mustBeInChain(device.sheets, hash, "wave-sheet");
  return payloadFrom(door, hash);
}
