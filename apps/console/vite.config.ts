import { defineConfig } from 'vite';

export default defineConfig({
  // Relative addresses: the same build works on every node, port and path prefix.
  base: './',
  build: {
    target: 'es2022',
    modulePreload: { polyfill: false },
    // Nothing inlined: a strict Content-Security-Policy needs no exception for assets.
    assetsInlineLimit: 0,
  },
});
