// The console in a real browser against the real daemon: people's journeys, what they see at the same time in two tabs,
// hostile text, accessibility in both colour schemes, a small screen, and how much is loaded. Screenshots go to the build
// folder.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { accessibilityFaults, Browser, loginLink, picture } from './browser.mjs';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const kept = keeper(after);
const plugins = ['slack', 'smtp', 'teams', 'webhook', 'in_app'].map(plugin);
const FIRST_LOAD_BYTES = 60_000;
const ALICE = ['--team', 'demo', '--user', 'alice', '--role', 'admin'];

const receiver = kept(await Receiver.start());
const browser = kept(await Browser.start());

async function start(answer) {
  const folder = makeFolder();
  fs.writeFileSync(path.join(folder, 'master.key'), Buffer.alloc(32, 7).toString('base64'));
  const target = answer ? kept(await Receiver.start(answer)) : receiver;
  const config = writeConfig(folder, {
    plugins, extra: '[[secrets.key]]\nid = "k1"\nfile = "master.key"\n',
    teams: `[[team]]\nname = "demo"\n${webhook('siem', target.url(), { events: ['scan.*'], options: 'default = true\nretry = ["7d"]' })}\n[[team]]\nname = "other"\n`,
  });
  return kept(await Daemon.start(folder, config));
}
async function signIn(daemon, args = ALICE, options = {}) {
  const person = await browser.person(options);
  const page = await person.newPage();
  await page.goto(loginLink(daemon, args));
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  return { person, page };
}
const push = async (daemon, event) => {
  const answer = await daemon.push({ team: 'demo', type: 'finding.created', severity: 'critical', ...event });
  assert.equal(answer.status, 202, answer.text);
  return answer.body.id;
};
const open = (page, view) => page.goto(page.url().replace(/#.*/, `#/demo/${view}`));

test('a link signs in once, leaves the address bar, and signing out is for good', async () => {
  const daemon = await start();
  const person = await browser.person();
  const page = await person.newPage();
  const link = loginLink(daemon, ALICE);
  await page.goto(link);
  await page.getByText('alice (admin)').waitFor();
  assert.match(page.url(), /#\/demo\/inbox$/);
  const [cookie] = await person.cookies();
  assert.deepEqual([cookie.name, cookie.httpOnly, cookie.sameSite], ['tocsin_session', true, 'Strict']);
  await page.reload();
  await page.getByText('alice (admin)').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();

  await page.getByLabel('Link or code').fill(link);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('used already').waitFor();
  await page.getByLabel('Link or code').fill(loginLink(daemon, ['--team', 'demo', '--user', 'bob']));
  await page.getByLabel('Link or code').press('Enter');
  await page.getByText('bob (member)').waitFor();
  assert.deepEqual(await page.getByRole('navigation').getByRole('link').allTextContents(), ['Notifications']);
  assert.deepEqual(person.complaints, []);
});

test('an admin connects a webhook, tests it, writes a rule, and sees what it does', async () => {
  const daemon = await start();
  const hook = kept(await Receiver.start(() => ({ status: 200, body: 'taken' })));
  const { person, page } = await signIn(daemon);
  await page.getByRole('link', { name: 'Integrations' }).click();
  await page.getByRole('link', { name: 'Connect Webhook' }).click();
  await page.getByLabel('Name', { exact: true }).fill('security-critical');
  await page.getByLabel('URL').fill('ftp://nowhere');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#f-settings-url[aria-invalid]').waitFor();
  await page.getByLabel('URL').fill(hook.url());
  await page.getByLabel('Signing secret').first().fill('a-secret-of-many-characters');
  await page.getByRole('button', { name: 'Add: Custom headers' }).click();
  await page.getByLabel('Name', { exact: true }).last().fill('X-Queue');
  await page.getByLabel('Value', { exact: true }).fill('alerts');
  await page.getByRole('button', { name: 'Save and send test' }).click();
  await page.getByText(/^Delivered/).first().waitFor();
  assert.equal(hook.requests.length, 1);
  assert.equal(hook.requests[0].headers['x-queue'], 'alerts');
  await picture(page, 'channel-tested');

  // What is stored is not in the page, and saving again keeps it.
  await page.reload();
  await page.getByLabel('URL').waitFor();
  assert.ok(!(await page.content()).includes('a-secret-of-many'));
  await page.getByLabel('Subscribes to').fill('sla.*');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();
  await page.getByRole('button', { name: 'Send test' }).click();
  await until(() => hook.requests.length === 2, 'the second test arrives');
  assert.ok(hook.requests[1].headers['webhook-signature']);
  assert.equal(hook.requests[1].headers['x-queue'], 'alerts');

  await page.getByRole('link', { name: 'Rules' }).click();
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByLabel('Name', { exact: true }).fill('urgent');
  await page.getByLabel('Category').selectOption('security_alert');
  await page.getByLabel('Critical', { exact: true }).check();
  await page.getByLabel('High', { exact: true }).check();
  await page.getByLabel('security-critical', { exact: true }).check();
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('Security alert · Critical, High').waitFor();
  await page.getByRole('button', { name: 'Look' }).click();
  await page.getByText(/^It would go to .*security-critical/).waitFor();
  await picture(page, 'rules');

  const id = await push(daemon, { title: 'Public bucket with customer data' });
  await until(() => hook.requests.length === 3, 'the alert arrives');
  await daemon.settled(id);
  await page.getByRole('link', { name: 'Deliveries' }).click();
  await page.getByLabel('Channel').selectOption('security-critical');
  await page.getByRole('link', { name: 'finding.created' }).click();
  await page.getByText('Attempt 1').waitFor();
  await picture(page, 'delivery');
  await page.getByRole('main').getByRole('link', { name: 'finding.created' }).click();
  await page.getByText('Public bucket with customer data').waitFor();
  await page.locator('.finding', { hasText: 'urgent' }).getByText('Matched', { exact: true }).waitFor();
  await picture(page, 'event');

  await page.getByRole('link', { name: 'Integrations' }).click();
  await page.getByRole('link', { name: 'security-critical' }).click();
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByText('Paused. Deliveries are kept').waitFor();
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  // A rule needs it: the refusal says so, and nothing is gone.
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  await page.getByText(/urgent/).waitFor();
  await page.getByRole('link', { name: 'Rules' }).click();
  await page.getByRole('link', { name: 'urgent' }).click();
  await page.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('button', { name: 'Yes, delete it' }).click();
  await page.getByText('No rules yet').waitFor();

  await page.getByRole('link', { name: 'Audit' }).click();
  await page.getByText('channel.create').waitFor();
  assert.deepEqual(person.complaints, []);
});

test('an alert appears in two tabs at once, and what is done in one shows in the other', async () => {
  const daemon = await start();
  const { person, page } = await signIn(daemon);
  const second = await person.newPage();
  await second.goto(page.url());
  await second.getByText('Nothing here').waitFor();
  const streams = async () => /^tocsin_\w*streams\w* (\d+)/m.exec((await daemon.request('GET', '/metrics', { token: '' })).body)?.[1];
  await until(async () => (await streams()) === '1', 'one stream for both tabs');

  await push(daemon, { title: 'First of all', summary: 'A\nsummary', source: 'cspm', link: 'https://example.com/' });
  for (const tab of [page, second]) {
    await tab.getByText('First of all').waitFor();
    await tab.getByText('1 unread').waitFor({ state: 'attached' });
  }
  await page.getByRole('button', { name: 'Mark as read' }).click();
  await second.getByRole('button', { name: 'Mark as unread' }).waitFor();
  await second.getByText('1 unread').waitFor({ state: 'detached' });

  // Archived, and undone, by keyboard.
  await page.locator('.item').focus();
  await page.keyboard.press('e');
  await second.getByText('Nothing here').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  for (const tab of [page, second]) await tab.getByText('First of all').waitFor();

  for (const n of [2, 3]) await push(daemon, { title: `Number ${n}`, severity: 'low' });
  await page.getByText('Number 3').waitFor();
  await page.getByLabel('Severity').selectOption('critical');
  await page.getByText('Number 3').waitFor({ state: 'detached' });
  assert.match(page.url(), /severity=critical/);
  await page.getByLabel('Severity').selectOption('');
  await page.getByText('Number 3').waitFor();
  await page.getByRole('button', { name: 'Mark all as read' }).click();
  await page.getByText('2 notifications marked as read').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await second.getByText('2 unread').waitFor({ state: 'attached' });
  await picture(page, 'notifications');

  // The tab that listened is closed: the other one takes over and misses nothing.
  await page.close();
  await push(daemon, { title: 'After the first tab' });
  await second.getByText('After the first tab').waitFor();

  // The daemon goes away and forgets who was signed in.
  await daemon.stop();
  await second.getByText('Not connected').waitFor();
  await picture(second, 'offline');
  assert.deepEqual(person.complaints, []);
});

const HOSTILE = [
  '<img src=x onerror=alert(1)>', '"><script>alert(1)</script>', '</title></textarea><svg onload=alert(1)>', "javascript:alert('1')",
  '{{constructor.constructor("alert(1)")()}}', '\u202Egnp.exe\u202C', 'W'.repeat(900), '&lt;b&gt;', '💣'.repeat(60), "'; DROP TABLE events; --",
];

test('hostile text is shown as text', async () => {
  const daemon = await start();
  const { person, page } = await signIn(daemon);
  let last;
  for (const title of HOSTILE) {
    last = await push(daemon, { title, summary: title, labels: { 'a/b': title }, data: { [title.slice(0, 90)]: title }, link: 'https://example.com/?q=%22onclick=alert(1)' });
  }
  await page.getByText(HOSTILE.at(-1)).first().waitFor();
  // The channel has taken out what turns text around; everything else is there to the letter.
  const shown = await page.locator('.item .title').allTextContents();
  assert.deepEqual([...shown].reverse(), HOSTILE.map((title) => title.replaceAll(/[\u202A-\u202E]/g, '')));
  assert.equal(await page.locator('main img, main script, main svg[onload]').count(), 0);
  await page.setViewportSize({ width: 320, height: 700 });
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  await picture(page, 'hostile-320');
  await open(page, `events/${last}`);
  await page.getByText(HOSTILE.at(-1), { exact: true }).first().waitFor();
  assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320);
  for (const bad of ['%3Cimg%20src=x%20onerror=alert(1)%3E', '..%2F..', '%E0%A4%A']) {
    for (const view of ['deliveries', 'rules', 'integrations', 'events']) {
      await open(page, `${view}/${bad}`);
      await page.getByRole('alert').first().waitFor();
    }
  }
  assert.deepEqual(person.complaints, []);
});

const VIEWS = ['inbox', 'inbox?view=archived', 'integrations', 'integrations/siem', 'integrations/ops', 'integrations/+webhook', 'integrations/+smtp', 'integrations/+slack', 'rules', 'rules/+',
  'rules/one', 'deliveries', 'deliveries?state=failed', 'silences', 'silences/+', 'audit', 'nowhere'];

for (const colorScheme of ['light', 'dark']) {
  test(`every page is accessible and fits 320 pixels (${colorScheme})`, async () => {
    const daemon = await start(() => ({ status: 500, body: 'no' }));
    const ask = async (method, target, body) => {
      const answer = await daemon.request(method, `/v1/teams/demo/${target}`, { token: OPERATOR, body });
      assert.ok(answer.status < 300, answer.text);
    };
    await ask('POST', 'channels', { name: 'ops', type: 'webhook', settings: { url: receiver.url(), headers: { 'X-A': 'b' } } });
    await ask('POST', 'rules', { name: 'one', severities: ['critical'], events: ['finding.*'], labels: { env: 'prod' }, channels: ['ops'], stop: true });
    const { person, page } = await signIn(daemon, [], { colorScheme, bypassCSP: true });
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
      assert.deepEqual(await accessibilityFaults(page), [], view);
      const name = `${view.replace(/\/(evt|dlv)_.*/, '-one').replaceAll(/[^a-z+-]/g, '-')}-${colorScheme}`;
      await picture(page, name);
      await page.setViewportSize({ width: 320, height: 800 });
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

// As a browser asks: compressed.
const load = (daemon, target) => new Promise((resolve, reject) => {
  http.get({ port: daemon.port, path: target, agent: false, headers: { host: 'localhost', 'accept-encoding': 'gzip' } }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
  }).on('error', reject);
});

test('the first load is small, kept by the browser, and from nowhere else', async () => {
  const daemon = await start();
  const index = await load(daemon, '/console/');
  const html = zlib.gunzipSync(index.bytes).toString();
  const files = [...html.matchAll(/(?:src|href)="([^"]+)"/g)].map((found) => found[1]);
  assert.ok(files.length >= 3 && files.every((file) => /^\/console\/assets\/[\w-]+\.(js|css|svg)$/.test(file)), html);
  assert.ok(!/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/.test(html), 'nothing is inline');
  let bytes = index.bytes.length;
  for (const file of files) {
    const asset = await load(daemon, file);
    assert.equal(asset.headers['cache-control'], 'public, max-age=31536000, immutable');
    bytes += asset.bytes.length;
  }
  assert.ok(bytes < FIRST_LOAD_BYTES, `${bytes} bytes`);
  console.log(`first load: ${bytes} bytes in ${files.length + 1} requests`);
});
