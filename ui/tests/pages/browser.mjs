// @ts-check
// A headless Chromium over the built pages, with the engine's end of the line stubbed.
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

import { serve } from './serve.mjs';

const here = (/** @type {string} */ path) => fileURLToPath(new URL(path, import.meta.url));

/** @typedef {import('playwright-core').Page} Page */
/** @typedef {import('playwright-core').BrowserContextOptions} Options */

/** A machine that others use too may stand still for a while. */
const PATIENCE = 120_000;

export async function start() {
  const server = await serve(here('../../dist'));
  const browser = await chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--font-render-hinting=none'],
    timeout: PATIENCE,
  });
  const stub = await readFile(here('stub.js'), 'utf8');

  /** @type {(options: Options) => Promise<Page>} */
  async function page(options) {
    const context = await browser.newContext({
      locale: 'nl-NL',
      timezoneId: 'Europe/Amsterdam',
      reducedMotion: 'reduce',
      permissions: ['clipboard-read', 'clipboard-write'],
      ...options,
    });
    context.setDefaultTimeout(PATIENCE);
    const one = await context.newPage();
    await one.clock.setFixedTime(new Date('2026-11-26T09:42:00Z'));
    return one;
  }

  /** @type {(page: Page, path: string, views: unknown[], time?: 'fast' | 'held') => Promise<void>} */
  async function open(page, path, views, time = 'fast') {
    await page.goto('about:blank');
    await page.unrouteAll();
    const label = path.startsWith('question') ? 'question' : 'main';
    // The stub is put before the page's own script, as a file, so that the policy stays whole.
    const test = JSON.stringify({ views, label, time }).replaceAll('<', '\\u003c');
    await page.route('**/*.html*', async (route) => {
      const response = await route.fetch();
      const html = await response.text();
      await route.fulfill({
        response,
        body: html.replace('<script', '<script src="/stub.js"></script><script'),
      });
    });
    await page.route('**/stub.js', (route) =>
      route.fulfill({ contentType: 'text/javascript', body: `window.__test = ${test};\n${stub}` }),
    );
    await page.goto(`${server.origin}/${path}`);
    await page.waitForFunction(() => /** @type {any} */ (window).__posted?.length > 0);
  }

  async function stop() {
    await browser.close();
    server.close();
  }

  return { page, open, stop };
}

/** @type {(page: Page) => Promise<any[]>} */
export const posted = (page) => page.evaluate(() => /** @type {any} */ (window).__posted);
/** @type {(page: Page) => Promise<string[]>} */
export const broken = (page) => page.evaluate(() => /** @type {any} */ (window).__broken);
