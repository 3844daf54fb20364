/* Passkeys: asks the device for one, puts its answer into the form and sends it. Where no browser knows them, the form
   stays hidden and the page says what to do instead. */

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) => btoa(Array.from(new Uint8Array(buffer), (byte) => String.fromCharCode(byte)).join(""))
  .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const known = (list = []) => list.map((one) => ({ ...one, id: bytes(one.id) }));

async function create(asked) {
  const { response, ...made } = plain(await navigator.credentials.create({ publicKey: {
    ...asked,
    challenge: bytes(asked.challenge),
    user: { ...asked.user, id: bytes(asked.user.id) },
    excludeCredentials: known(asked.excludeCredentials),
    authenticatorSelection: { ...asked.authenticatorSelection, residentKey: "required", requireResidentKey: true },
  } }));
  const transports = response.getTransports?.() ?? [];
  return { ...made, response: { ...texts(response, ["clientDataJSON", "attestationObject"]), transports } };
}

async function get(asked) {
  const { response, ...given } = plain(await navigator.credentials.get({ publicKey: {
    ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials),
  } }));
  return { ...given, response: texts(response, ["clientDataJSON", "authenticatorData", "signature", "userHandle"]) };
}

const texts = (response, names) => Object.fromEntries(names.map((name) => [name, response[name] ? text(response[name]) : null]));
const plain = (credential) => ({
  id: credential.id, rawId: text(credential.rawId), type: credential.type, response: credential.response,
  clientExtensionResults: credential.getClientExtensionResults(),
});

async function options(form) {
  const { passkeyFrom: address } = form.dataset;
  const said = address === undefined
    ? JSON.parse(document.getElementById("passkey-options").textContent)
    : await (await fetch(address, { headers: { Accept: "application/json" } })).json();
  return (said.creation_options ?? said.request_options).publicKey;
}

async function press(form) {
  const failed = form.querySelector("[data-passkey-failed]");
  failed.hidden = true;
  try {
    const answer = await { create, get }[form.dataset.passkey](await options(form));
    form.elements.credential.value = JSON.stringify(answer);
    form.submit();
  } catch {
    failed.hidden = false;
  }
}

if (window.PublicKeyCredential !== undefined) {
  for (const part of document.querySelectorAll("[data-passkey-missing]")) part.hidden = true;
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => { event.preventDefault(); press(form); });
  }
}
