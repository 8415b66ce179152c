'use strict';
// Opens the worker's page in Chromium and prints the text that a person would read there.
// Arguments: address, number of jobs, path and first word of the names of the screenshots.
const { existsSync, mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { chromium } = require('playwright-core');

const [address, sets, pictures] = process.argv.slice(2);
const executablePath = process.env.CHROMIUM
  || ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync'];

async function read(page) {
  return page.evaluate(() => {
    const text = (node, selector) => node.querySelector(selector).textContent;
    const all = (selector, of) => [...document.querySelectorAll(selector)].map(of);
    return {
      title: document.title,
      state: document.getElementById('state').textContent,
      queue: document.getElementById('queue-name').textContent,
      facts: Object.fromEntries(all('[data-fact]', fact => [fact.dataset.fact, fact.textContent])),
      links: all('nav a', link => new URL(link.href).pathname),
      memory: document.querySelector('#memory .stage').textContent,
      statuses: Object.fromEntries(all('#http [data-tile]', tile => [tile.dataset.tile, text(tile, 'b')])),
      scales: all('.chart .scale', scale => [...scale.children].map(label => label.textContent)),
      ends: all('.chart .ends', ends => ends.textContent),
      // Elements that extend past the right edge, where a user cannot scroll.
      hidden: all('h1,h2,h3,p,td,dd,dt,button,span', node => [node.getBoundingClientRect(), node.textContent])
        .filter(([box]) => box.width > 0 && box.right > innerWidth + 1).map(([, words]) => words),
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
  const context = await chromium.launchPersistentContext(profile, { executablePath, args, headless: true, viewport: { width: 1400, height: 900 } });
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
    await page.screenshot({ path: `${pictures}-1400-light.png`, fullPage: true });
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: `${pictures}-1400-dark.png`, fullPage: true });
    const wide = await read(page);
    await page.setViewportSize({ width: 400, height: 800 });
    await page.screenshot({ path: `${pictures}-400-dark.png`, fullPage: true });
    const narrow = await read(page);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: `${pictures}-400-light.png`, fullPage: true });
    await page.click('#letters [data-action=discard]');
    await page.waitForFunction(() => document.getElementById('dead-said').textContent !== '');
    const discarded = await page.evaluate(() => document.getElementById('dead-said').textContent);
    // A chart of one value of 1,000 among values of 10. The scale must keep the small values visible.
    const spike = await page.evaluate(() => {
      const node = chart('names', [...Array(30).fill(10), 1000, ...Array(29).fill(10)], 'black');
      return { scale: [...node.querySelectorAll('.scale span')].map(label => label.textContent), note: node.querySelector('.note').textContent };
    });
    console.log(JSON.stringify({ ...wide, discarded, spike, overflowsWhenNarrow: narrow.overflows, hiddenWhenNarrow: narrow.hidden, messages, requested: [...requested] }));
  } finally {
    await context.close();
    rmSync(profile, { recursive: true, force: true });
  }
})().catch(error => {
  console.error(error);
  process.exitCode = 1;
});
