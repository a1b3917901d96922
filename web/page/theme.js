// Runs before the first paint, so that a chosen theme does not flash.
(() => {
  let theme = "auto";
  try {
    theme = JSON.parse(localStorage.getItem("catchpost.settings") || "{}").theme || "auto";
  } catch { /* storage may be shut; the system's choice holds */ }
  if (theme !== "auto") document.documentElement.dataset.theme = theme;
})();
