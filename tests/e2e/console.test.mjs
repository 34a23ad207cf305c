// The console in a real browser against the real daemon: signing in, the way from a channel to an alert, what people see at
// the same time in two tabs, and how much is loaded. Screenshots go to the build folder.
import assert from 'node:assert/strict';
import http from 'node:http';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { loginLink, picture } from './browser.mjs';
import { ALICE, Stage, keepPort, push, streams } from './console.mjs';
import { PATIENCE, Receiver, until } from './lib.mjs';

const FIRST_LOAD_BYTES = 60_000;
const INTERACTIVE_MS = 200;

const stage = await Stage.start(after);

test('a link signs in once, leaves the address bar, and signing out is for good', async () => {
  const daemon = await stage.daemon();
  const person = await stage.browser.person();
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
  const daemon = await stage.daemon();
  const hook = stage.kept(await Receiver.start(() => ({ status: 200, body: 'taken' })));
  const { person, page } = await stage.signIn(daemon);
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
  await page.getByRole('button', { name: 'Show where it goes' }).click();
  await page.getByText(/^It would go to .*security-critical/).waitFor();
  await picture(page, 'rules');

  const id = await push(daemon, { title: 'Public bucket with customer data' });
  await until(() => hook.requests.length === 3, 'the alert arrives');
  await daemon.settled(id);
  await page.getByRole('navigation').getByRole('link', { name: 'Deliveries' }).click();
  await page.getByLabel('Channel').selectOption('security-critical');
  await page.getByRole('link', { name: 'Public bucket with customer data' }).click();
  await page.getByText('Attempt 1').waitFor();
  await picture(page, 'delivery');
  await page.getByRole('main').getByRole('link', { name: 'Public bucket with customer data' }).click();
  await page.getByRole('heading', { name: 'Public bucket with customer data' }).waitFor();
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
  await page.getByText('Channel created').first().waitFor();
  assert.deepEqual(person.complaints, []);
});

test('an alert appears in two tabs at once, and what is done in one shows in the other', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  const second = await person.newPage();
  await second.goto(page.url());
  await second.getByText('Nothing here').waitFor();
  await until(async () => (await streams(daemon)) === 1, 'one stream for both tabs');

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

  // The daemon restarts: who was signed in still is, and what came meanwhile is there.
  keepPort(daemon);
  await daemon.stop();
  await second.getByText('Not connected').waitFor();
  await picture(second, 'offline');
  await daemon.launch();
  await push(daemon, { title: 'After the restart' });
  await second.getByText('After the restart').waitFor();
  await second.getByText('Not connected').waitFor({ state: 'detached' });
  assert.equal(await second.getByText('First of all').count(), 1);
  await second.reload();
  await second.getByText('alice (admin)').waitFor();
  assert.deepEqual(person.complaints, []);
});

// As a browser asks: compressed.
const load = (daemon, target) => new Promise((resolve, reject) => {
  http.get({ port: daemon.port, path: target, agent: false, headers: { host: 'localhost', 'accept-encoding': 'gzip' } }, (response) => {
    const chunks = [];
    response.on('data', (chunk) => chunks.push(chunk));
    response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
  }).on('error', reject);
});

test('after a sleep the stream is opened anew, and what came meanwhile is there', async () => {
  const daemon = await stage.daemon();
  const person = await stage.browser.person();
  const page = await person.newPage();
  await page.clock.install();
  let opened = 0;
  page.on('request', (request) => { if (request.url().includes('/inbox/stream')) ++opened; });
  await page.goto(loginLink(daemon, ALICE));
  await page.getByText('alice (admin)').waitFor();
  await until(() => opened === 1, 'the stream is open');
  await page.clock.fastForward(60_000);
  await page.clock.runFor(1_000);
  assert.equal(opened, 1, 'a hidden page that is woken once a minute has not slept');
  await page.clock.fastForward(600_000);
  await until(() => opened === 2, 'it is opened anew');
  await push(daemon, { title: 'After the sleep' });
  await page.getByText('After the sleep').waitFor();
  assert.deepEqual(person.complaints, []);
});

test('the first load is small, kept by the browser, and from nowhere else', async () => {
  const daemon = await stage.daemon();
  const index = await load(daemon, '/console/');
  const html = zlib.gunzipSync(index.bytes).toString();
  assert.match(index.headers['content-security-policy'], /^default-src 'none'; .*require-trusted-types-for 'script'; trusted-types 'none'$/);
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

test('it can be used within 200 ms on this machine', async () => {
  const daemon = await stage.daemon();
  const { page } = await stage.signIn(daemon);
  await push(daemon, { title: 'One to see' });
  // The best of a few: what is measured is the page, not what else the machine does.
  const times = [];
  for (let n = 0; n < 8; ++n) {
    await page.reload();
    await page.getByText('One to see').waitFor();
    times.push(await page.evaluate(() => performance.getEntriesByName('tocsin-interactive')[0].startTime));
  }
  const best = Math.min(...times);
  assert.ok(best < INTERACTIVE_MS * PATIENCE, `${best} ms`);
  console.log(`interactive after ${Math.round(best)} ms`);
});
