import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    // Pure modules run in node; a test of a component has `@vitest-environment jsdom` in its first line.
    environment: "node",
    setupFiles: ["./vitest.setup.ts"],
    restoreMocks: true,
    // The Python checks run at the same time: more workers would only wait for each other.
    pool: "threads",
    maxWorkers: 2,
    // A deadline against hanging, not a measure: on a busy machine one keystroke may take a second.
    testTimeout: 60_000,
    // Modules are loaded once for all files of a project: what is tested keeps nothing of a test but in what it draws.
    isolate: false,
    projects: [
      { extends: true, test: { name: "modules", include: ["src/**/*.test.ts"] } },
      { extends: true, test: { name: "page", include: ["src/**/*.test.tsx"] } },
    ],
  },
});
