import { defineConfig } from "vite";

// `npm run dev` asks a service that runs beside it.
export default defineConfig({
  esbuild: { jsx: "automatic", jsxImportSource: "preact" },
  build: { target: "es2022", assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: { proxy: { "/v1": "http://127.0.0.1:5080", "/health": "http://127.0.0.1:5080" } },
});
