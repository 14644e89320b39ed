import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Plugin } from "vite";

/** A third-party package whose code or files are in the build. */
interface Licence {
  name: string;
  version: string;
  /** As the package states it, SPDX where it can. */
  licence: string;
  url: string | null;
  /** Its licence and notice files. */
  text: string;
}

const MODULES = fileURLToPath(new URL("../node_modules/", import.meta.url));
/** Inlined into our style sheet, which names no modules. */
const IN_STYLES = ["tailwindcss"];
/** Served byte for byte as in the package: the licence (EPL-2.0) requires that it stays apart from our code. */
const UNMODIFIED = /(?:^|\/)node_modules\/elkjs\//;

/** Writes `licences.json` beside index.html: every package whose modules or files are in the build, by name. */
export function licences(): Plugin {
  return {
    name: "licences",
    apply: "build",
    generateBundle(_options, bundle) {
      const packages = new Set(IN_STYLES);
      for (const file of Object.values(bundle)) {
        if (file.type === "asset") {
          for (const name of file.originalFileNames) {
            if (UNMODIFIED.test(name) && !readFileSync(join(MODULES, "..", name)).equals(Buffer.from(file.source)))
              this.error(`${name} must be served unmodified (its licence asks for it)`);
          }
        } else if (file.moduleIds.some((id) => UNMODIFIED.test(id) && !id.includes("?"))) {
          this.error("elkjs is bundled into our own code; load its worker file by URL instead");
        }
        for (const source of file.type === "chunk" ? file.moduleIds : file.originalFileNames) {
          const name = packageOf(source);
          if (name) packages.add(name);
        }
      }
      const rows = [...packages].sort().map(licenceOf);
      this.emitFile({ type: "asset", fileName: "licences.json", source: JSON.stringify(rows) });
    },
  };
}

/** "…/node_modules/@scope/name/file.js" → "@scope/name". */
function packageOf(source: string): string | null {
  return /.*node_modules\/((?:@[^/]+\/)?[^/@][^/]*)\//.exec(source)?.[1] ?? null;
}

function licenceOf(name: string): Licence {
  const folder = join(MODULES, name);
  const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as {
    version: string;
    license?: string;
    homepage?: string;
    repository?: string | { url?: string };
  };
  const repository = typeof about.repository === "string" ? about.repository : about.repository?.url;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice|third-?party-?notices)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), "utf8").trim());
  return {
    name,
    version: about.version,
    licence: about.license ?? "",
    url: about.homepage ?? address(repository),
    text: texts.join("\n\n"),
  };
}

/** "git+https://…/x.git" and "owner/name" as addresses that open in a browser. */
function address(repository: string | undefined): string | null {
  if (!repository) return null;
  const plain = repository.replace(/^git\+/, "").replace(/\.git$/, "");
  return plain.includes(":") ? plain : `https://github.com/${plain}`;
}
