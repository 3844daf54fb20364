// Signed-in pages of the council: makes a member's key of twelve words, and signs what the member has read.

import { equal, fromBase64, toBase64 } from "./bytes.js";
import { NotTheWords, entropyOf, newWords, proofOf, publicKeyOf, seedOf, signText } from "./councilkey.js";
import { loadWords } from "./words.js";

const panel = document.querySelector("[data-council]");
const part = (name) => panel.querySelector(`[data-${name}]`);
const form = part("form");
const lists = () => Promise.all([panel.dataset.wordsEn, panel.dataset.wordsEs].map(loadWords));

function complain(name) {
  for (const each of ["wrong", "other"]) {
    if (part(each)) part(each).hidden = each !== name;
  }
  part("typed").setAttribute("aria-invalid", "true");
  part("typed").focus();
}

async function seedTyped() {
  return seedOf(entropyOf(part("typed").value, await lists()));
}

let made = null;

async function make() {
  const [english, spanish] = await lists();
  const words = newWords(document.documentElement.lang.startsWith("es") ? spanish : english);
  made = await publicKeyOf(await seedOf(entropyOf(words.join(" "), [english, spanish])));
  part("words").replaceChildren(...words.map((word) => Object.assign(document.createElement("li"), { textContent: word })));
  part("made").hidden = false;
  part("make").hidden = true;
  part("heading").focus();
}

const sends = {
  /** The words were copied: only then is the public key sent. */
  async key() {
    const seed = await seedTyped();
    const key = await publicKeyOf(seed);
    if (made === null || !equal(key, made)) throw new NotTheWords();
    form.elements.public_key.value = toBase64(key);
    form.elements.proof.value = toBase64(await proofOf(seed));
  },
  async sign() {
    const seed = await seedTyped();
    if (!equal(await publicKeyOf(seed), fromBase64(panel.dataset.key))) return "other";
    form.elements.signature.value = toBase64(await signText(part("text").textContent, seed));
    return "";
  },
};

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  sends[panel.dataset.council]().then((trouble) => {
    if (trouble) return complain(trouble);
    part("typed").value = ""; // the words stay on paper
    return form.submit();
  }).catch(() => complain("wrong"));
});
part("make")?.addEventListener("click", () => make());
for (const each of panel.querySelectorAll("[data-needs-script]")) each.hidden = false;
