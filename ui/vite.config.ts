import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

const page = (name: string) => new URL(name, import.meta.url).pathname;

export default defineConfig({
  plugins: [svelte()],
  // Nothing is inlined: the pages' policy takes scripts, styles and pictures as files only.
  build: {
    target: ['es2022', 'safari15.4'],
    assetsInlineLimit: 0,
    modulePreload: false,
    rolldownOptions: { input: [page('index.html'), page('question.html')] },
  },
  // A machine that others use too may stand still for longer than the five seconds that are usual.
  test: { include: ['tests/*.test.ts'], testTimeout: 120_000 },
} as Parameters<typeof defineConfig>[0]);
