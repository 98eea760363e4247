// Builds every page's CSS and JavaScript into bot/static/build, under hashed names; the pages find them
// through .vite/manifest.json. A new page is a new pair of files in src/, named after it.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { defineConfig } from "vite";
import sprite from "./sprite.js";

const PAGES = /^(app|articles|board|console|help|notices|push-worker|report|simulator|teaching|trouble)\.(js|css)$/;
const sources = join(import.meta.dirname, "src");

export default defineConfig({
  base: "/static/build/",
  plugins: [sprite()],
  publicDir: false,
  build: {
    outDir: "../bot/static/build",
    emptyOutDir: true,
    manifest: "manifest.json",
    modulePreload: false,
    assetsInlineLimit: 0,
    rollupOptions: {
      input: readdirSync(sources)
        .filter((name) => PAGES.test(name))
        .map((name) => join(sources, name)),
    },
  },
});
