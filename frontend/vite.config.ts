import { createHash } from "node:crypto";
import { readFileSync, writeFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { licences } from "./scripts/licences.ts";

/** The Django server that `npm run dev` talks to. */
const backend = process.env.KUBEORCH_BACKEND ?? "http://127.0.0.1:8000";
const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Static files are cached for a year. Files of public/ keep their names, so index.html adds a hash to their addresses. */
function versionPublicFiles(): Plugin {
  return {
    name: "version-public-files",
    apply: "build",
    transformIndexHtml: {
      order: "post",
      handler: (html) =>
        html.replace(/\/static\/(theme\.js|updated\.js|favicon\.svg)/g, (address, name: string) => {
          const version = createHash("sha256")
            .update(readFileSync(at(`./public/${name}`)))
            .digest("hex")
            .slice(0, 8);
          return `${address}?v=${version}`;
        }),
    },
  };
}

/** WhiteNoise sends the .br or .gz beside a file to browsers that accept it. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    writeBundle() {
      const folder = at("./dist/assets");
      for (const name of readdirSync(folder)) {
        if (!/\.(js|css|svg|ttf)$/.test(name)) continue;
        const file = join(folder, name);
        const content = readFileSync(file);
        if (content.length < 1024) continue;
        writeFileSync(`${file}.gz`, gzipSync(content, { level: 6 }));
        writeFileSync(`${file}.br`, brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }));
      }
    },
  };
}

const { version } = JSON.parse(readFileSync(at("./package.json"), "utf8")) as { version: string };

export default defineConfig(({ command }) => ({
  define: { "import.meta.env.VERSION": JSON.stringify(version) },
  // Django serves the built files below /static/; the dev server serves them at the root.
  base: command === "build" ? "/static/" : "/",
  plugins: [react(), tailwindcss(), versionPublicFiles(), licences(), precompress()],
  resolve: { alias: { "@": at("./src") } },
  worker: { format: "es" },
  build: {
    outDir: "dist",
    assetsDir: "assets",
    // No inlined data: URLs, so that font-src and img-src can stay 'self'.
    assetsInlineLimit: 0,
    sourcemap: false,
    chunkSizeWarningLimit: 4096,
    modulePreload: { polyfill: false },
  },
  server: {
    proxy: {
      "/api": { target: backend },
      "/health": { target: backend },
      "/ws": { target: backend, ws: true },
    },
  },
}));
