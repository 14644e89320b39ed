import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import { readdirSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import globals from "globals";
import tseslint from "typescript-eslint";

const SRC = resolve(import.meta.dirname, "src");

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
/** Packages that work on values alone, and the rooms that may import no others. */
const PURE = ["yaml"];
const PURE_ROOMS = ["contract", "model", "api"];

const FOLDERS = readdirSync(SRC, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Where a file of src or an import lies: {room, feature}; a file right in src belongs to the app. */
function placeOf(path) {
  const [room, feature] = relative(SRC, path).split("/");
  return { room: FOLDERS.includes(room) ? room : "app", feature: room === "features" ? feature : undefined };
}

function complaint(from, to) {
  if (from.room === "app" || from.room === to.room) {
    return from.feature !== undefined && to.feature !== from.feature ? "Features do not import each other." : null;
  }
  if (!(from.room in rooms)) return `src/${from.room}/ is no room of the page: name it, and what it may import.`;
  return rooms[from.room].includes(to.room) ? null : MAY[from.room];
}

/** Every import, however it is written (alias, relative, `import()`, re-export), keeps the borders of the rooms. */
const borders = {
  meta: { type: "problem", schema: [] },
  create(context) {
    const file = context.filename;
    const from = placeOf(file);
    const check = (node, source) => {
      if (typeof source?.value !== "string") return;
      const name = source.value;
      const isOurs = name.startsWith("@/") || name.startsWith(".");
      const message = isOurs
        ? complaint(from, placeOf(name.startsWith("@/") ? resolve(SRC, name.slice(2)) : resolve(dirname(file), name)))
        : PURE_ROOMS.includes(from.room) && !PURE.includes(name)
          ? `${MAY[from.room]} (${name})`
          : null;
      if (message !== null) context.report({ node, message });
    };
    return {
      ImportDeclaration: (node) => check(node, node.source),
      ExportNamedDeclaration: (node) => check(node, node.source),
      ExportAllDeclaration: (node) => check(node, node.source),
      ImportExpression: (node) => check(node, node.source),
    };
  },
};

const BROWSER = ["fetch", "window", "document", "localStorage", "sessionStorage", "navigator", "WebSocket", "location"];

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
      "no-restricted-syntax": [
        "error",
        {
          // Browsers begin to return promises where nothing was returned (scrollIntoView), and React calls them.
          selector:
            "CallExpression[callee.name=/^use(Layout|Insertion)?Effect$/] > ArrowFunctionExpression[expression=true]:not([body.type='ArrowFunctionExpression'])",
          message: "Write braces: what an effect returns is called as its cleanup.",
        },
      ],
      "jsx-a11y/no-autofocus": "off",
      // What scrolls must be reachable by keyboard.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: [], roles: ["tabpanel", "region", "log", "separator"] }],
    },
  },
  {
    files: ["src/**/*.{ts,tsx}"],
    ignores: ["**/*.test.ts", "**/*.test.tsx", "**/testing/**"],
    plugins: { house: { rules: { borders } } },
    rules: { "house/borders": "error" },
  },
  {
    files: ["src/model/**/*.ts"],
    ignores: ["**/*.test.ts"],
    rules: { "no-restricted-globals": ["error", ...BROWSER.map((name) => ({ name, message: MAY.model }))] },
  },
  {
    files: ["*.config.{js,ts}", "scripts/**/*.ts", "vitest.setup.ts"],
    languageOptions: { globals: { ...globals.node } },
    rules: { "no-console": "off" },
  },
);
