import js from "@eslint/js";
import jsxA11y from "eslint-plugin-jsx-a11y";
import reactHooks from "eslint-plugin-react-hooks";
import globals from "globals";
import tseslint from "typescript-eslint";

const features = ["auth", "clusters", "editor", "runs", "settings", "workflows"];

/** A feature folder owns its pages; what two of them need lives lower (`ui`, `api`, `realtime`, `model`). */
const featureBorders = features.map((feature) => ({
  files: [`src/features/${feature}/**/*.{ts,tsx}`],
  rules: {
    "no-restricted-imports": [
      "error",
      {
        patterns: [
          {
            group: features
              .filter((other) => other !== feature)
              .flatMap((other) => [`@/features/${other}`, `@/features/${other}/**`]),
            message: "Features do not import each other.",
          },
          { group: ["@/app", "@/app/**"], message: "app/ puts features together; nothing imports it." },
        ],
      },
    ],
  },
}));

const layer = (folder, forbidden, message) => ({
  files: [`src/${folder}/**/*.{ts,tsx}`],
  ignores: ["**/*.test.ts", "**/*.test.tsx"],
  rules: {
    "no-restricted-imports": [
      "error",
      { patterns: [{ group: forbidden.flatMap((name) => [`@/${name}`, `@/${name}/**`]), message }] },
    ],
  },
});

export default tseslint.config(
  { ignores: ["dist", "coverage", "test-results", "src/api/schema.d.ts"] },
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
  layer("ui", ["api", "realtime", "features", "app"], "ui/ has no data: hand it in as props."),
  layer("api", ["ui", "realtime", "features", "app"], "api/ knows the server alone."),
  layer("realtime", ["ui", "features", "app"], "realtime/ knows the socket and its state."),
  {
    files: ["src/model/**/*.ts"],
    rules: {
      "no-restricted-imports": [
        "error",
        {
          patterns: [
            {
              group: ["react", "react-dom", "zustand", "@xyflow/**", "@tanstack/**"],
              message: "model/ is pure TypeScript.",
            },
            { group: ["@/ui/**", "@/features/**", "@/app/**", "@/realtime/**"], message: "model/ is pure TypeScript." },
          ],
        },
      ],
    },
  },
  ...featureBorders,
  {
    files: ["*.config.{js,ts}", "e2e/**/*.{js,ts,mjs}", "vitest.setup.ts"],
    languageOptions: { globals: { ...globals.node } },
    rules: { "no-console": "off" },
  },
);
