// The BIP-39 list in English, letters composed (NFC) for reading: loaded only when somebody asks for the ten words.

import { wordlist } from "@scure/bip39/wordlists/english.js";

export default wordlist.map((word) => word.normalize("NFC"));
