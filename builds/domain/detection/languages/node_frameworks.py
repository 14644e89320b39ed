"""Frameworks of Node, as a table: the package that tells, how they are built and what is then served."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Framework:
    package: str
    name: str
    output: str = ""
    """Folder of finished files; "" for a server."""
    start: str = ""
    """Where the package has no start script of its own."""
    port: int = 3000
    build: str = ""
    fallback: bool = False
    prefix: str = ""
    """Of variables that end up in what browsers get."""


FRAMEWORKS = (
    Framework("next", "Next.js", start="next start", build="next build", prefix="NEXT_PUBLIC_"),
    Framework("nuxt", "Nuxt", start="node .output/server/index.mjs", build="nuxt build", prefix="NUXT_PUBLIC_"),
    Framework("@nestjs/core", "NestJS", start="node dist/main.js", build="nest build"),
    Framework("@remix-run/serve", "Remix", start="remix-serve ./build/server/index.js", build="remix vite:build"),
    Framework(
        "@react-router/serve",
        "React Router",
        start="react-router-serve ./build/server/index.js",
        build="react-router build",
        prefix="VITE_",
    ),
    Framework("@sveltejs/adapter-node", "SvelteKit", start="node build", build="vite build", prefix="PUBLIC_"),
    Framework("@sveltejs/adapter-static", "SvelteKit", output="build", build="vite build", prefix="PUBLIC_"),
    Framework(
        "@astrojs/node", "Astro", start="node ./dist/server/entry.mjs", port=4321, build="astro build", prefix="PUBLIC_"
    ),
    Framework("astro", "Astro", output="dist", build="astro build", prefix="PUBLIC_"),
    Framework("@angular/core", "Angular", output="dist", build="ng build", fallback=True),
    Framework("gatsby", "Gatsby", output="public", build="gatsby build", prefix="GATSBY_"),
    Framework("@docusaurus/core", "Docusaurus", output="build", build="docusaurus build"),
    Framework("vitepress", "VitePress", output="docs/.vitepress/dist", build="vitepress build docs"),
    Framework("@11ty/eleventy", "Eleventy", output="_site", build="eleventy"),
    Framework(
        "react-scripts",
        "Create React App",
        output="build",
        build="react-scripts build",
        fallback=True,
        prefix="REACT_APP_",
    ),
    Framework(
        "@vue/cli-service", "Vue CLI", output="dist", build="vue-cli-service build", fallback=True, prefix="VUE_APP_"
    ),
    Framework("express", "Express"),
    Framework("fastify", "Fastify"),
    Framework("koa", "Koa"),
    Framework("@hapi/hapi", "hapi"),
    Framework("hono", "Hono"),
    Framework("@adonisjs/core", "AdonisJS", start="node build/bin/server.js", port=3333, build="node ace build"),
    Framework("@apollo/server", "Apollo Server", port=4000),
    Framework("vite", "Vite", output="dist", build="vite build", fallback=True, prefix="VITE_"),
    Framework("parcel", "Parcel", output="dist", build="parcel build", fallback=True),
    Framework("webpack", "webpack", output="dist", build="webpack --mode production", fallback=True),
)
"""The first that a package names counts: what stands on another one comes before it."""
NATIVE = {
    "sharp": ((), ()),
    "bcrypt": (("g++", "make", "python3"), ()),
    "sqlite3": (("g++", "make", "python3"), ()),
    "better-sqlite3": (("g++", "make", "python3"), ()),
    "canvas": (
        ("g++", "libcairo2-dev", "libgif-dev", "libjpeg-dev", "libpango1.0-dev", "make", "pkg-config", "python3"),
        ("libcairo2", "libgif7", "libjpeg62-turbo", "libpango-1.0-0", "libpangocairo-1.0-0"),
    ),
    "node-gyp": (("g++", "make", "python3"), ()),
    "prisma": (("openssl",), ("openssl",)),
    "@prisma/client": (("openssl",), ("openssl",)),
}
"""Debian packages that are needed to build a package of Node, and to run it."""
