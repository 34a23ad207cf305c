// A real browser for the console's tests: Debian's Chromium, driven from here. What a page complains about is kept, so
// that a test can say that nobody complained.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { BUILD, PATIENCE } from './lib.mjs';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
export const SCREENSHOTS = path.join(BUILD, 'console-screenshots');

export class Browser {
  static async start() {
    const browser = new Browser();
    // Without its sandbox, since the tests may run as root, where it has none.
    browser.chromium = await chromium.launch({ executablePath: process.env.TOCSIN_CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
    fs.mkdirSync(SCREENSHOTS, { recursive: true });
    return browser;
  }
  // A person's browser: own cookies. `complaints` gathers dialogs, script errors and what the content policy refused.
  async person(options = {}) {
    const context = await this.chromium.newContext({ viewport: { width: 1200, height: 900 }, reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(10_000 * PATIENCE);
    context.complaints = [];
    await context.addInitScript(() => {
      addEventListener('securitypolicyviolation', (event) => console.error(`refused by the content policy: ${event.violatedDirective} ${event.blockedURI}`));
    });
    context.on('page', (page) => {
      page.on('dialog', (dialog) => {
        context.complaints.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      page.on('pageerror', (error) => context.complaints.push(`error: ${error.stack}`));
      page.on('console', (message) => {
        // A 401 before signing in is how the page learns that nobody is.
        if (message.type() === 'error' && !/status of (401|4\d\d|503)|ERR_CONNECTION|ERR_INCOMPLETE/.test(message.text())) context.complaints.push(message.text());
      });
    });
    return context;
  }
  stop() {
    return this.chromium.close();
  }
}

// The link that `tocsin console-login` prints.
export function loginLink(daemon, args) {
  return execFileSync(path.join(BUILD, 'bin', 'tocsin'), ['--url', `unix:${daemon.folder}/api.sock`, '--quiet', 'console-login', ...args], { encoding: 'utf8' }).trim();
}

// What axe finds wrong by WCAG 2.2 AA; the page's context has to bypass the content policy for it.
export async function accessibilityFaults(page) {
  await page.addScriptTag({ path: AXE });
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  return found.violations.map((each) => `${each.id}: ${each.help}: ${each.nodes.map((node) => `${node.html} ${node.any[0]?.message ?? ''}`).slice(0, 4).join(' | ')}`);
}

export const picture = (page, name, { fullPage = true } = {}) => page.screenshot({ path: path.join(SCREENSHOTS, `${name}.png`), fullPage });
