import { fileURLToPath } from "node:url";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  test: {
    // Pure modules run in node; a test of a component has `@vitest-environment jsdom` in its first line.
    environment: "node",
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["./vitest.setup.ts"],
    restoreMocks: true,
    // The Python checks run at the same time: more workers would only wait for each other.
    pool: "threads",
    maxWorkers: 2,
    // A deadline against hanging, not a measure: on a busy machine one keystroke may take a second.
    testTimeout: 60_000,
  },
});
