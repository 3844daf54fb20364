/* Small behaviours of every signed-in page. Each works on a data attribute; none is needed to use the page. */

for (const button of document.querySelectorAll("[data-send-once]"))
  button.form?.addEventListener("submit", () => { button.disabled = true; });

addEventListener("pageshow", () => {  // back from the next page: the button works again
  for (const button of document.querySelectorAll("[data-send-once]")) button.disabled = false;
});

const first = document.querySelector("[data-focus-here]");
first?.focus();
addEventListener("load", () => {  // an address that ends in #main, after the skip link, moves the focus there
  if (document.activeElement?.id === "main") first?.focus();
});

for (const button of document.querySelectorAll("[data-print]"))
  button.addEventListener("click", () => print());

for (const strip of document.querySelectorAll("[data-start-at-end]"))
  strip.scrollLeft = strip.scrollWidth;  // the latest weeks are at the right

for (const more of document.querySelectorAll("[data-more]")) {  // its list lies over the page: it goes when one goes on
  const close = () => { more.open = false; };
  more.addEventListener("focusout", (event) => { if (event.relatedTarget && !more.contains(event.relatedTarget)) close(); });
  addEventListener("click", (event) => { if (!more.contains(event.target)) close(); });
  more.addEventListener("keydown", (event) => { if (event.key === "Escape") { close(); more.querySelector("summary").focus(); } });
}
