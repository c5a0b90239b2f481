// @ts-check
// Every screen and state, in both languages and each way of looking at it: WCAG by axe, the shape
// of the page, reflow, targets, the keyboard. Then what a person does, step by step.
//
//   npm run a11y                      Dutch in each way, English where the length of words matters
//   npm run a11y -- --all             both languages in each way
//   npm run a11y -- --screens DIR     the same, and a picture of each
//   npm run a11y -- --only question   screens whose name holds the word
//   npm run a11y -- --mode contrast   in this way alone
//   npm run a11y -- --quick           in one way, axe in Dutch alone: what every change is held to
//   npm run a11y -- --stories         only what a person does
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

import { behaviour } from './behaviour.mjs';
import { broken, start } from './browser.mjs';
import { fits, keyboard, placeholders, shape, still, targets, wcag } from './checks.mjs';
import { SCREENS } from './screens.mjs';

/** @type {(name: string) => string | undefined} */
const option = (name) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
};

const folder = option('--screens');
const only = option('--only') ?? '';
const wanted = option('--mode');
const all = process.argv.includes('--all');
const quick = process.argv.includes('--quick');
const stories = process.argv.includes('--stories');

/** @typedef {{ name: string, options: import('playwright-core').BrowserContextOptions, zoom?: number }} Mode */
/** @type {Mode[]} */
const MODES = [
  { name: 'light', options: { colorScheme: 'light' } },
  { name: 'dark', options: { colorScheme: 'dark' } },
  { name: 'contrast', options: { colorScheme: 'dark', forcedColors: 'active' } },
  { name: 'zoom', options: { colorScheme: 'light' }, zoom: 2 },
];

/** As many windows at once as there are processors, and not more than a browser bears. */
const lanes = Math.min(availableParallelism(), 4);

/** In these only the colours differ. */
const COLOURS = ['dark', 'contrast'];

/** The windows as they open. */
const size = (/** @type {string} */ page) =>
  page.startsWith('question') ? { width: 920, height: 760 } : { width: 960, height: 680 };

const screens = stories ? [] : SCREENS.filter((one) => one.name.includes(only));
if (folder) await mkdir(folder, { recursive: true });

const { page: newPage, open, stop } = await start();
/** @type {string[]} */
const faults = [];
/** @type {(...found: string[]) => void} */
const note = (...found) => {
  faults.push(...found);
  for (const one of found) console.error(one);
};
let [runs, passes, pictures] = [0, 0, 0];

/** @typedef {{ mode: Mode, language: 'nl' | 'en', screen: (typeof SCREENS)[number] }} Look */

/** One screen, in one language and one way of looking. @type {(page: import('playwright-core').Page, look: Look) => Promise<string[]>} */
async function faultsOf(page, { mode, language, screen }) {
  const { width, height } = size(screen.page);
  const zoom = mode.zoom ?? 1;
  await page.setViewportSize({ width: width / zoom, height: height / zoom });
  await open(page, screen.page, screen.views(language));
  await screen.act?.(page, language);
  const spoken = screen.name === 'question-loading' ? 'nl' : language;
  // Another language changes the length of words, not the page: where time counts axe looks once.
  const found = quick && language === 'en' ? { passes: 0, faults: [] } : await wcag(page);
  if (found.passes > 0) runs += 1;
  passes += found.passes;
  const faults = [...found.faults, ...(await shape(page, spoken)), ...(await fits(page)), ...(await targets(page)), ...(await placeholders(page)), ...(await still(page)), ...(await broken(page))];
  if (folder && (mode.name !== 'zoom' || language === 'nl')) {
    const path = join(folder, `${screen.name}.${language}.${mode.name}.png`);
    await page.evaluate(() => window.scrollTo(0, 0));
    // A dialog's veil covers the window, not the length of the page.
    const fullPage = (await page.locator('dialog[open]').count()) === 0;
    await page.screenshot({ path, fullPage });
    pictures += 1;
  }
  if (mode.name !== 'light') return faults;
  if (language === 'nl' && !screen.guarded) faults.push(...(await keyboard(page)).map((one) => `keyboard: ${one}`));
  for (const narrow of [720, 320]) {
    await page.setViewportSize({ width: narrow, height: 640 });
    faults.push(...(await fits(page)).map((one) => `at ${narrow}: ${one}`));
  }
  return faults;
}

/** Takes looks off the list until it is empty, in a browser window of its own. @type {(mode: Mode, looks: Look[]) => Promise<void>} */
async function lane(mode, looks) {
  const page = await newPage({ ...mode.options, deviceScaleFactor: mode.zoom ?? 1 });
  page.on('pageerror', (error) => note(`${mode.name}: ${error.message}`));
  for (let look = looks.shift(); look; look = looks.shift()) {
    const where = `${look.screen.name} ${look.language} ${mode.name}`;
    try {
      note(...(await faultsOf(page, look)).map((one) => `${where}: ${one}`));
    } catch (error) {
      note(`${where}: ${error}`);
    }
  }
  await page.context().close();
}

for (const mode of MODES.filter((one) => (wanted ? one.name === wanted : !quick || one.name === 'light'))) {
  const languages = /** @type {const} */ (['nl', 'en']).filter((one) => one === 'nl' || all || !COLOURS.includes(mode.name));
  const looks = languages.flatMap((language) => screens.map((screen) => ({ mode, language, screen })));
  await Promise.all(Array.from({ length: lanes }, () => lane(mode, looks)));
}

if (!only) note(...(await behaviour(newPage, open)));
await stop();

console.log(
  `${screens.length} screens and states; axe ran ${runs} times, ${passes} rules passed; ` +
    `${pictures} pictures; ${faults.length} faults`,
);
process.exitCode = faults.length === 0 ? 0 : 1;
