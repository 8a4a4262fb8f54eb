import { defineConfig } from 'vite';
import pages from './vite.config.js';

/** The operator's console: a build of its own, which controllers serve beside their admin API, and nodes do not. */
export default defineConfig({
  ...pages,
  build: { ...pages.build, outDir: 'dist-operator', rollupOptions: { input: 'operator.html' } },
});
