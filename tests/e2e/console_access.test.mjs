// Every page by axe (WCAG 2.2 AA) in both colour schemes, wide and on a small screen, and whole journeys by keyboard alone.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { accessibilityFaults, picture } from './browser.mjs';
import { Stage, ask, open, push } from './console.mjs';
import { until } from './lib.mjs';

const stage = await Stage.start(after);

const VIEWS = ['inbox', 'inbox?view=archived', 'overview', 'integrations', 'integrations/siem', 'integrations/ops', 'integrations/+webhook', 'integrations/+smtp', 'integrations/+slack', 'rules', 'rules/+',
  'rules/one', 'events', 'deliveries', 'deliveries?state=failed', 'silences', 'silences/+', 'tokens', 'audit', 'plugins', 'keys', 'nowhere'];

for (const colorScheme of ['light', 'dark']) {
  test(`every page is accessible and fits 320 pixels (${colorScheme})`, async () => {
    const daemon = await stage.daemon({ answer: () => ({ status: 500, body: 'no' }) });
    const quiet = [{ from: '22:00', to: '07:00', zone: 'Europe/Berlin', days: ['sat', 'sun'] }];
    await ask(daemon, 'POST', 'channels', { name: 'ops', type: 'webhook', quiet, retry: ['5s', '1m'], settings: { url: stage.receiver.url(), headers: { 'X-A': 'b' } } });
    await ask(daemon, 'POST', 'rules', { name: 'one', severities: ['critical'], events: ['finding.*'], labels: { env: 'prod' }, channels: ['ops'], stop: true });
    const { person, page } = await stage.signIn(daemon, ['--user', 'root'], { colorScheme, bypassCSP: true });
    await open(page, 'silences/+');
    await page.getByLabel('Reason').fill('the registry moves');
    await page.getByLabel('Sources').fill('registry');
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByText('the registry moves').waitFor();
    await open(page, 'inbox');
    const ids = [];
    for (const severity of ['critical', 'high', 'medium', 'low', 'info']) {
      ids.push(await push(daemon, { severity, title: `A finding of severity ${severity}`, summary: 'What it is about, in a sentence or two.', source: 'cspm', labels: { env: 'prod' }, data: { score: 9.8 }, link: 'https://example.com/' }));
    }
    ids.push(await push(daemon, { type: 'scan.failed', severity: 'high', title: 'Nightly scan failed' }));
    await page.getByText('Nightly scan failed').waitFor();
    await until(async () => (await daemon.event(ids.at(-1))).deliveries.some((each) => each.state === 'scheduled'), 'a delivery waits for its next try');
    const waiting = (await daemon.event(ids.at(-1))).deliveries.find((each) => each.state === 'scheduled');
    for (const view of [...VIEWS, `events/${ids[0]}`, `deliveries/${waiting.id}`]) {
      await page.setViewportSize({ width: 1200, height: 900 });
      await open(page, view);
      await page.waitForFunction(() => document.querySelector('.skeleton') === null);
      await page.getByRole('heading', { level: 1 }).or(page.locator('main .notice')).first().waitFor();
      if (view === 'overview') await page.locator('.plot canvas').first().waitFor();
      if (view === 'rules/one') await page.getByText(/this rule would have matched/).waitFor();
      assert.deepEqual(await accessibilityFaults(page), [], view);
      const name = `${view.replace(/\/(evt|dlv)_.*/, '-one').replaceAll(/[^a-z+-]/g, '-')}-${colorScheme}`;
      await picture(page, name);
      await page.setViewportSize({ width: 320, height: 800 });
      await page.waitForFunction(() => document.documentElement.scrollWidth === 320, undefined, { timeout: 2_000 }).catch(() => {});
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${view} at 320 pixels`);
      assert.deepEqual(await accessibilityFaults(page), [], `${view} at 320 pixels`);
      await picture(page, `${name}-320`);
    }
    await page.setViewportSize({ width: 1200, height: 900 });
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
    assert.deepEqual(await accessibilityFaults(page), []);
    await picture(page, `sign-in-${colorScheme}`);
    assert.deepEqual(person.complaints, []);
  });
}

// What has the focus, as a screen reader would say it.
const focused = (page) => page.evaluate(() => {
  const at = document.activeElement;
  const label = at.labels?.[0]?.textContent ?? '';
  return `${at.tagName.toLowerCase()} ${at.getAttribute('aria-label') ?? (label || at.textContent)}`.trim();
});
async function tabTo(page, words, key = 'Tab') {
  for (let n = 0; n < 90; ++n) {
    if (words.test(await focused(page))) return;
    await page.keyboard.press(key);
  }
  assert.fail(`no way by ${key} to ${words}: at ${await focused(page)}`);
}

test('by keyboard alone: connect a channel, test it, make a rule, silence, and read what came', async () => {
  const daemon = await stage.daemon({ channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  const press = (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve());
  const follow = async (words) => {
    await tabTo(page, words);
    await press('Enter');
  };
  const fill = async (words, text) => {
    await tabTo(page, words);
    await page.keyboard.type(text);
  };
  await follow(/^a Integrations$/);
  await page.getByRole('heading', { name: 'Integrations', level: 1 }).waitFor();
  await follow(/^a Connect Webhook$/);
  await page.getByRole('heading', { name: 'Connect Webhook' }).waitFor();
  await fill(/^input Name/, 'ops');
  await fill(/^input .*URL/, stage.receiver.url('/keyboard'));
  await follow(/^button Save and send test$/);
  await page.getByText(/^Delivered/).first().waitFor();

  await tabTo(page, /^a Rules$/, 'Shift+Tab');
  await press('Enter');
  await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor();
  await follow(/^a Critical and high security alerts/);
  await page.getByRole('heading', { name: 'New rule' }).waitFor();
  await follow(/^button Create$/);
  await page.getByText('Security alert · Critical, High').waitFor();
  await push(daemon, { title: 'Public bucket' });
  await until(() => stage.receiver.requests.some((request) => request.url === '/keyboard' && /Public bucket/.test(request.body)), 'it goes where the rule says');

  await tabTo(page, /^a Silences$/, 'Shift+Tab');
  await press('Enter');
  await page.getByRole('heading', { name: 'Silences', level: 1 }).waitFor();
  await follow(/^a New silence$/);
  await page.getByRole('heading', { name: 'New silence' }).waitFor();
  await fill(/^input Reason/, 'the move');
  await follow(/^button Create$/);
  await until(async () => /^button Go on editing/.test(await focused(page)), 'it asks, and what changes nothing has the focus');
  await tabTo(page, /^button Yes, silence everything/, 'Shift+Tab');
  await press('Enter');
  await page.getByText('the move').waitFor();
  await follow(/^button Delete/);
  await until(async () => /^button Keep it/.test(await focused(page)), 'what keeps it has the focus first');
  await tabTo(page, /^button Yes, delete it/, 'Shift+Tab');
  await press('Enter');
  await page.getByText('Nothing is silenced.').waitFor();

  await tabTo(page, /^a Notifications/, 'Shift+Tab');
  await press('Enter');
  await page.getByText('Public bucket').waitFor();
  await tabTo(page, /^li .*Public bucket/);
  await press('e');
  await page.getByText('Public bucket').waitFor({ state: 'detached' });
  await follow(/^button Undo$/);
  await page.getByText('Public bucket').waitFor();
  // Where the focus is can be seen, wherever it is.
  await tabTo(page, /^li .*Public bucket/, 'Shift+Tab');
  assert.notEqual(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'none');
  await tabTo(page, /^button Sign out$/, 'Shift+Tab');
  await press('Enter');
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('the skip link and 200 % zoom', async () => {
  const daemon = await stage.daemon();
  const { page } = await stage.signIn(daemon);
  await page.reload();
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await tabTo(page, /^a Skip to the page/, 'Shift+Tab');
  const box = await page.getByText('Skip to the page').boundingBox();
  assert.ok(box.x >= 0 && box.y >= 0, 'it can be seen');
  await page.keyboard.press('Enter');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'page');
  for (const view of ['inbox', 'overview', 'integrations/siem', 'rules', 'deliveries', 'tokens']) {
    await open(page, view);
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForFunction(() => document.querySelector('.skeleton') === null);
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth)) <= 1200, view);
  }
});
