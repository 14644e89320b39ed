import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = ["auth", "clusters", "editor", "runs", "settings", "workflows"];

/**
 * The rooms of the page, and what each may import of the others; itself always. `contract` is types alone, so every
 * room may name what the server says.
 */
const rooms = {
  contract: [],
  model: ["contract"],
  ui: [],
  api: ["contract", "model"],
  realtime: ["contract", "model"],
  product: ["contract", "model", "ui", "api", "realtime"],
  features: ["contract", "model", "ui", "api", "realtime", "product"],
};
const MAY = {
  contract: "contract/ is types alone.",
  model: "model/ is pure TypeScript: values in, values out.",
  ui: "ui/ knows neither data nor product: hand it in as props.",
  api: "api/ fetches, and keeps nothing.",
  realtime: "realtime/ knows the socket and its state.",
  product: "product/ is what several features share; it knows none of them.",
  features: "app/ puts features together; nothing imports it.",
};
const everyRoom = [...Object.keys(rooms), "app"];
const patterns = (names, message) => ({ group: names.flatMap((name) => [`@/${name}`, `@/${name}/**`]), message });

const restricted = (files, ...groups) => ({
  files,
  ignores: ["**/*.test.ts", "**/*.test.tsx"],
  rules: { "no-restricted-imports": ["error", { patterns: groups }] },
});
const foreignRooms = (room) => everyRoom.filter((other) => other !== room && !rooms[room].includes(other));

const LIBRARIES = {
  model: ["react", "react-dom", "react-router", "zustand", "@xyflow/**", "@tanstack/**"],
  api: ["react", "react-dom", "react-router", "zustand", "@tanstack/**"],
};
const roomBorders = Object.keys(rooms)
  .filter((room) => room !== "features")
  .map((room) =>
    restricted(
      [`src/${room}/**/*.{ts,tsx}`],
      patterns(foreignRooms(room), MAY[room]),
      ...(LIBRARIES[room] ? [{ group: LIBRARIES[room], message: MAY[room] }] : []),
      ...(room === "contract" ? [{ regex: "^(?!\\./schema$)", message: MAY.contract }] : []),
    ),
  );

/** A feature folder owns its pages and queries; what two of them need lives in `product`. */
const featureBorders = features.map((feature) =>
  restricted(
    [`src/features/${feature}/**/*.{ts,tsx}`],
    patterns(
      features.filter((other) => other !== feature).map((other) => `features/${other}`),
      "Features do not import each other.",
    ),
    patterns(foreignRooms("features"), MAY.features),
  ),
);

export default tseslint.config(
  { ignores: ["dist", "coverage", "test-results", "src/contract/schema.d.ts"] },
  js.configs.recommended,
  ...tseslint.configs.recommended,
  jsxA11y.flatConfigs.recommended,
  reactHooks.configs.flat["recommended-latest"] ?? reactHooks.configs["recommended-latest"],
  {
    languageOptions: { globals: { ...globals.browser } },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "@typescript-eslint/no-explicit-any": "error",
      "no-console": ["error", { allow: ["error", "warn"] }],
      eqeqeq: "error",
      "jsx-a11y/no-autofocus": "off",
      // What scrolls must be reachable by keyboard.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: [], roles: ["tabpanel", "region", "log", "separator"] }],
    },
  },
  ...roomBorders,
  ...featureBorders,
  {
    files: ["*.config.{js,ts}", "scripts/**/*.ts", "vitest.setup.ts"],
    languageOptions: { globals: { ...globals.node } },
    rules: { "no-console": "off" },
  },
);
