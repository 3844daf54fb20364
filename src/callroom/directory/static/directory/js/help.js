// Keeps the help page on this phone, and lets "Leave quickly" replace it in the history.

if ("serviceWorker" in navigator) {
  navigator.serviceWorker.register("/help/sw.js", { scope: "/help/", updateViaCache: "none" }).catch(() => {});
}

for (const link of document.querySelectorAll("[data-leave]")) {
  link.addEventListener("click", (event) => {
    event.preventDefault();
    location.replace(link.href);
  });
}
