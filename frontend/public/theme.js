// Runs before the first paint so that a dark page never flashes white.
(function () {
  var choice = null;
  try {
    choice = localStorage.getItem("kubeorch.theme");
  } catch {
    // A browser that refuses storage gets the system's theme.
  }
  var dark = choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
})();
