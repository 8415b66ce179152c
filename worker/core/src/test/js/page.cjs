'use strict';
// Opens the worker's page in Chromium and prints what a person would read there. Arguments: address, number of partition sets, folder for screenshots.
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { chromium } = require('playwright-core');

const [address, sets, folder] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM
  || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

async function read(page) {
  return page.evaluate(() => {
    const text = (node, selector) => node.querySelector(selector).textContent;
    const all = (selector, of) => [...document.querySelectorAll(selector)].map(of);
    return {
      state: document.getElementById('state').textContent,
      queue: document.getElementById('queue-name').textContent,
      tiles: Object.fromEntries(all('[data-tile]', tile => [tile.dataset.tile, text(tile, 'b')])),
      sets: all('.set', set => ({
        name: text(set, 'h3'),
        stages: [...set.querySelectorAll('.stage')].map(stage => ({
          kind: text(stage, 'span'),
          percent: stage.querySelector('[role=progressbar]').getAttribute('aria-valuenow'),
          width: stage.querySelector('.done').style.width,
          text: stage.lastElementChild.textContent,
        })),
      })),
      types: all('#types tbody tr', row => [...row.cells].map(cell => cell.textContent)),
      errors: all('#errors tbody tr', row => [...row.cells].map(cell => cell.textContent)),
      letters: all('#letters tbody tr', row => [...row.cells].map(cell => cell.textContent)),
      charts: all('.chart path', path => path.getAttribute('d').length),
      overflows: document.documentElement.scrollWidth > document.documentElement.clientWidth,
    };
  });
}

(async () => {
  const profile = mkdtempSync(join(tmpdir(), 'all-docs-page-'));
  const context = await chromium.launchPersistentContext(profile, { executablePath, args, headless: true, viewport: { width: 1100, height: 900 } });
  try {
    const page = context.pages()[0];
    const messages = [];
    const requested = new Set();
    page.on('console', message => messages.push(message.text()));
    page.on('pageerror', error => messages.push(String(error)));
    page.on('request', request => requested.add(new URL(request.url()).pathname));
    await page.goto(address);
    await page.waitForFunction(count => document.querySelectorAll('.set').length === count, Number(sets), { timeout: 60000 });
    await page.waitForSelector('#letters tbody tr');
    await page.screenshot({ path: join(folder, 'light.png'), fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(folder, 'dark.png'), fullPage: true });
    const wide = await read(page);
    await page.setViewportSize({ width: 390, height: 800 });
    await page.screenshot({ path: join(folder, 'narrow.png'), fullPage: true });
    const narrow = await read(page);
    await page.click('#letters [data-action=discard]');
    await page.waitForFunction(() => document.getElementById('dead-said').textContent !== '');
    const discarded = await page.evaluate(() => document.getElementById('dead-said').textContent);
    console.log(JSON.stringify({ ...wide, discarded, overflowsWhenNarrow: narrow.overflows, messages, requested: [...requested] }));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
})().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
