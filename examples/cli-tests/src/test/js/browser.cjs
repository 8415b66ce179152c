// Opens pages in headless Chromium. Each line of standard input is a JSON object that requests a page. Each line of output is the JSON response.
'use strict';
const readline = require('node:readline');
const { chromium } = require('playwright-core');

const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

async function visit(browser, asked) {
  const context = await browser.newContext({
    viewport: { width: asked.width, height: 900 },
    colorScheme: asked.scheme,
  });
  try {
    const page = await context.newPage();
    const console = [];
    page.on('console', message => console.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', error => console.push(`error: ${error.message}`));
    page.on('requestfailed', request => console.push(`failed: ${request.url()}`));
    await page.goto(asked.url, { waitUntil: 'load' });
    const value = await page.evaluate(asked.expression);
    if (asked.screenshot) {
      await page.screenshot({ path: asked.screenshot, fullPage: true });
    }
    return { console, value };
  } finally {
    await context.close();
  }
}

async function main() {
  const executablePath = process.argv[2];
  const browser = await chromium.launch({ executablePath, args: ARGUMENTS });
  try {
    for await (const line of readline.createInterface({ input: process.stdin })) {
      process.stdout.write(JSON.stringify(await visit(browser, JSON.parse(line))) + '\n');
    }
  } finally {
    await browser.close();
  }
}

main().catch(error => {
  process.stderr.write(`${error.stack}\n`);
  process.exitCode = 1;
});
