/* After an update of the server a page asks for files that are gone: wait until the new ones are served, then load them. */
(function () {
  const AGAIN_MS = 1000;

  /** Whether the page of now is there, with the script it begins with. */
  async function isServed() {
    const page = await fetch("/", { cache: "no-store" });
    const script = page.ok && /src="([^"]+\/assets\/[^"]+\.js)"/.exec(await page.text());
    if (!script) return false;
    const answer = await fetch(script[1], { method: "HEAD", cache: "no-store" });
    return answer.ok && /javascript/.test(answer.headers.get("Content-Type") || "");
  }

  window.reloadWhenServed = async function reloadWhenServed() {
    if (await isServed().catch(() => false)) window.location.reload();
    else setTimeout(reloadWhenServed, AGAIN_MS);
  };

  window.addEventListener(
    "error",
    (event) => {
      if (!(event.target instanceof HTMLScriptElement) || document.getElementById("root")?.childElementCount) return;
      const said = document.createElement("p");
      said.setAttribute("role", "alert");
      said.style.cssText =
        "margin: 20vh auto; max-width: 30em; padding: 0 1em; font: 14px/1.5 system-ui, sans-serif; text-align: center";
      said.textContent =
        "KubeOrch is being updated. This page loads by itself as soon as the new version is served; if it does not, start the server again.";
      document.body.replaceChildren(said);
      window.reloadWhenServed();
    },
    true,
  );
})();
