/* Day, night or as the device: kept in this browser only, never in a cookie. Runs before the page is drawn. */
(() => {
  const kept = () => { try { return localStorage.getItem("callroom-theme"); } catch { return null; } };
  const keep = (choice) => { try { localStorage.setItem("callroom-theme", choice); } catch { /* private mode */ } };
  const show = (choice) => {
    if (choice === "day" || choice === "night") document.documentElement.dataset.theme = choice;
    else delete document.documentElement.dataset.theme;
    for (const button of document.querySelectorAll("[data-theme-choice]"))
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (choice ?? "device")));
  };
  show(kept());
  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll("[data-theme-switch]")) group.hidden = false;
    for (const button of document.querySelectorAll("[data-theme-choice]"))
      button.addEventListener("click", () => { keep(button.dataset.themeChoice); show(button.dataset.themeChoice); });
    show(kept());
  });
})();
