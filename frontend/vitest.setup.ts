import { afterEach } from "vitest";

/** jsdom lays nothing out, so it has no queries of media: none holds. */
if (typeof window !== "undefined") {
  window.matchMedia = (media) => Object.assign(new EventTarget(), { media, matches: false }) as MediaQueryList;
  // As `testTimeout`: a second, which it is by itself, is a measure of how busy the machine is.
  const { configure } = await import("@testing-library/react");
  configure({ asyncUtilTimeout: 30_000 });
}

afterEach(async () => {
  if (typeof document === "undefined") return;
  const { cleanup } = await import("@testing-library/react");
  cleanup();
});
