/// <reference types="vite/client" />

interface Window {
  /** Reloads once the page of the running server can be loaded whole; see public/updated.js. */
  reloadWhenServed: () => Promise<void>;
}
