// @ts-check
// What every screen is held to.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

/** @typedef {import('playwright-core').Page} Page */

const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** WCAG 2.1 A and AA, and what axe holds for good practice. @type {(page: Page) => Promise<{ passes: number, faults: string[] }>} */
export async function wcag(page) {
  await page.evaluate(axe);
  const result = await page.evaluate(
    (tags) => /** @type {any} */ (window).axe.run(document, { runOnly: { type: 'tag', values: tags } }),
    TAGS,
  );
  const faults = result.violations.flatMap((/** @type {any} */ one) =>
    one.nodes.map((/** @type {any} */ node) => `${one.id}: ${node.target.join(' ')} ${node.failureSummary.replace(/\s+/g, ' ')}`),
  );
  return { passes: result.passes.length, faults };
}

/** One main heading, a title, the language of the page. @type {(page: Page, language: string) => Promise<string[]>} */
export async function shape(page, language) {
  return page.evaluate((wanted) => {
    const faults = [];
    const count = document.querySelectorAll('h1').length;
    if (count !== 1) faults.push(`${count} main headings`);
    if (!document.title.includes('Zorgzegel')) faults.push(`title: ${document.title}`);
    if (document.documentElement.lang !== wanted) faults.push(`lang: ${document.documentElement.lang}`);
    if (document.querySelectorAll('main').length !== 1) faults.push('not one main');
    const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
    for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) faults.push(`id twice: ${id}`);
    for (const one of document.querySelectorAll('[style]')) faults.push(`inline style: ${one.outerHTML.slice(0, 80)}`);
    if (/\{\w+\}/.test(document.body.innerText)) faults.push('a placeholder without its value');
    // What a program says where a value is missing or of another kind than was thought.
    const said = /\[object \w+\]|\bundefined\b|\bNaN\b|Invalid Date|\bnull\b/.exec(document.body.innerText);
    if (said) faults.push(`the page says ${said[0]}`);
    return faults;
  }, language);
}

/** Nothing is wider than the window, and no text is cut off. @type {(page: Page) => Promise<string[]>} */
export async function fits(page) {
  return page.evaluate(() => {
    const faults = [];
    const root = document.scrollingElement ?? document.body;
    if (root.scrollWidth > root.clientWidth) faults.push(`page ${root.scrollWidth} wide in ${root.clientWidth}`);
    for (const one of document.querySelectorAll('body *')) {
      if (one.classList.contains('unseen') || one.closest('.unseen, svg, option, textarea')) continue;
      const style = getComputedStyle(one);
      const cut = style.overflowX !== 'visible' || one.matches('button, label, a, p, dd, dt, h1, h2, h3, li');
      if (cut && one.clientWidth > 0 && one.scrollWidth > one.clientWidth + 1 && style.display !== 'inline') {
        faults.push(`cut: ${one.tagName}.${one.className} ${one.scrollWidth} in ${one.clientWidth}`);
      }
    }
    return faults;
  });
}

/** Targets of at least 24 by 24 CSS pixels. @type {(page: Page) => Promise<string[]>} */
export async function targets(page) {
  return page.evaluate(() =>
    [...document.querySelectorAll('button, a[href], input, select, textarea, summary')].flatMap((one) => {
      const box = (one.matches('input[type=radio], input[type=checkbox], input[type=file]') ? (/** @type {any} */ (one).labels[0] ?? one) : one).getBoundingClientRect();
      return box.width > 0 && (box.width < 24 || box.height < 24)
        ? [`small: ${one.tagName}#${one.id} ${box.width}x${box.height}`]
        : [];
    }),
  );
}

/** What stands in an empty field can be read as well as what is written there; axe does not look. @type {(page: Page) => Promise<string[]>} */
export async function placeholders(page) {
  return page.evaluate(() => {
    if (matchMedia('(forced-colors: active)').matches) return [];
    const light = (/** @type {string} */ colour) => {
      const parts = (colour.match(/[\d.]+/g) ?? []).slice(0, 3).map((part) => Number(part) / 255);
      const [red = 0, green = 0, blue = 0] = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    return [...document.querySelectorAll('[placeholder]')].flatMap((one) => {
      const [back, text] = [light(getComputedStyle(one).backgroundColor), light(getComputedStyle(one, '::placeholder').color)];
      const ratio = (Math.max(back, text) + 0.05) / (Math.min(back, text) + 0.05);
      return ratio < 4.5 ? [`pale placeholder: #${one.id} ${ratio.toFixed(1)}`] : [];
    });
  });
}

/** Where less motion is asked for, nothing moves. @type {(page: Page) => Promise<string[]>} */
export async function still(page) {
  return page.evaluate(() => {
    if (!matchMedia('(prefers-reduced-motion: reduce)').matches) return ['less motion was not asked for'];
    return [...document.querySelectorAll('*')].flatMap((one) =>
      ['', '::before', '::after'].flatMap((part) => {
        const style = getComputedStyle(one, part || undefined);
        const moves = style.animationName !== 'none' || style.transitionDuration.split(', ').some((span) => parseFloat(span) > 0);
        return moves ? [`moves: ${one.tagName}.${one.className}${part}`] : [];
      }),
    );
  });
}

/** Tab reaches everything that can be used, and the focus is seen on each. @type {(page: Page) => Promise<string[]>} */
export async function keyboard(page) {
  const all = await page.evaluate(() => {
    // Behind a dialog nothing is to be reached.
    const within = document.querySelector('dialog[open]') ?? document;
    const usable = [...within.querySelectorAll('button, a[href], input, select, textarea, summary')].filter(
      (one) => !one.matches(':disabled') && one.checkVisibility() && !one.matches('[tabindex="-1"]'),
    );
    // Of a radio group Tab reaches the one that is checked.
    const kept = usable.filter((one) => !one.matches('input[type=radio]') || one.matches(':checked'));
    kept.forEach((one, index) => one.setAttribute('data-tab', String(index)));
    /** @type {HTMLElement} */ (document.activeElement)?.blur();
    return kept.length;
  });
  const reached = new Set();
  const faults = [];
  for (let press = 0; press < 3 * all + 12 && reached.size < all; press += 1) {
    // The question's quiet begins anew as the focus comes back into the window.
    await page.waitForFunction(() => !document.querySelector('.guarded'));
    await page.keyboard.press('Tab');
    const seen = await page.evaluate(() => {
      const one = document.activeElement;
      if (!one || one === document.body) return null;
      // The label stands for an input that is not shown itself.
      const style = getComputedStyle(one.matches('input[type=file]') ? /** @type {any} */ (one).labels[0] : one);
      const shown = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2;
      return { tab: one.getAttribute('data-tab'), shown, what: `${one.tagName}#${one.id}` };
    });
    if (!seen) continue;
    if (seen.tab !== null) reached.add(seen.tab);
    if (!seen.shown) faults.push(`focus not seen: ${seen.what}`);
  }
  if (reached.size < all) faults.push(`Tab reaches ${reached.size} of ${all}`);
  return faults;
}
