// <tocsin-inbox> on somebody else's page: the one that docs/console.md shows, served beside the daemon by a reverse proxy.
// Signed in by the cookie, and by a token that the page gives.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import http from 'node:http';
import { after, test } from 'node:test';
import zlib from 'node:zlib';
import { accessibilityFaults, loginLink, picture } from './browser.mjs';
import { ALICE, Stage, push, streams } from './console.mjs';
import { OPERATOR, until } from './lib.mjs';

const stage = await Stage.start(after);
const document_ = fs.readFileSync(new URL('../../docs/console.md', import.meta.url), 'utf8');
const EXAMPLE = /```html\n(<!doctype html>[^]*?)```/.exec(document_)[1];
const ELEMENT_BYTES = 20_000;

// The platform: its own page, and the daemon below /v1/ and /console/, which it passes on as it is.
class Platform {
  static async start(daemon, page = EXAMPLE, policy = "default-src 'self'; style-src 'self' 'unsafe-inline'") {
    const platform = new Platform();
    platform.server = http.createServer((request, response) => {
      if (!/^\/(v1|console)\//.test(request.url)) {
        response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy });
        return response.end(page);
      }
      const onward = http.request({ port: daemon.port, method: request.method, path: request.url, headers: request.headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
        answer.on('error', () => response.destroy());
      });
      onward.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
      response.on('close', () => onward.destroy());
      request.pipe(onward);
    });
    await new Promise((resolve) => platform.server.listen(0, '127.0.0.1', resolve));
    platform.url = `http://127.0.0.1:${platform.server.address().port}/`;
    return platform;
  }
  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

// Signed in at the console of the same origin, then on the platform's page.
async function visit(daemon, options = {}) {
  const platform = stage.kept(await Platform.start(daemon));
  const person = await stage.browser.person(options);
  const page = await person.newPage();
  await page.goto(loginLink(daemon, ALICE).replace(/^http:\/\/[^/]+\//, platform.url));
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await page.goto(platform.url);
  return { platform, person, page };
}
const bell = (page, words = /^Notifications/) => page.getByRole('button', { name: words });

test('the documented page shows a bell that counts, and the list behind it lives', async () => {
  const daemon = await stage.daemon();
  await push(daemon, { title: 'Public bucket', summary: 'Anyone can read it.', source: 'cspm', link: 'https://example.com/f/1' });
  const { platform, person, page } = await visit(daemon);
  await bell(page, 'Notifications, 1 unread').waitFor();
  const console_ = await person.newPage();
  await console_.goto(`${platform.url}console/#/demo/inbox`);
  await console_.getByText('Public bucket').waitFor();
  await until(async () => (await streams(daemon)) === 1, 'one stream for the platform and the console');

  await bell(page).click();
  await page.getByRole('dialog', { name: 'Notifications' }).getByText('Public bucket').waitFor();
  assert.equal(await page.getByRole('link', { name: 'Open example.com' }).getAttribute('rel'), 'noopener noreferrer');
  await push(daemon, { title: 'Came while it was open', severity: 'low' });
  await page.getByText('Came while it was open').waitFor();
  await bell(page, 'Notifications, 2 unread').waitFor();
  await picture(page, 'element-open');
  await page.getByRole('listitem').filter({ hasText: 'Public bucket' }).getByRole('button', { name: 'Mark as read' }).click();
  await bell(page, 'Notifications, 1 unread').waitFor();
  await console_.getByText('1 unread').waitFor({ state: 'attached' });
  await console_.getByRole('button', { name: 'Mark all as read' }).click();
  await bell(page, 'Notifications').waitFor();
  await page.getByRole('listitem').filter({ hasText: 'Public bucket' }).getByRole('button', { name: 'Archive' }).click();
  await page.getByText('Public bucket').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('Public bucket').waitFor();
  await page.getByRole('button', { name: 'Archived', exact: true }).click();
  await page.getByText('Nothing is archived.').waitFor();
  // A click elsewhere closes it; the page has its own look and gives the element its colour.
  await page.getByRole('heading', { level: 1 }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('tocsin-inbox')).getPropertyValue('--tocsin-accent').trim()), '#6a1b9a');
  await push(daemon, { title: 'For the badge' });
  await bell(page, 'Notifications, 1 unread').waitFor();
  const colour = await page.evaluate(() => getComputedStyle(document.querySelector('tocsin-inbox').shadowRoot.querySelector('.badge')).backgroundColor);
  assert.equal(colour, 'rgb(106, 27, 154)');
  assert.deepEqual(person.complaints, []);
});

test('by keyboard alone: open, move, read, archive, take back, close', async () => {
  const daemon = await stage.daemon();
  for (const n of [1, 2, 3]) await push(daemon, { title: `Number ${n}` });
  const { person, page } = await visit(daemon);
  await bell(page, 'Notifications, 3 unread').waitFor();
  const focus = () => page.evaluate(() => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    return at?.getAttribute('aria-label') ?? at?.textContent ?? '';
  });
  await page.keyboard.press('Tab');
  assert.match(await focus(), /^Notifications, 3 unread/);
  await page.keyboard.press('Enter');
  await until(async () => (await focus()) === 'Notifications', 'the focus is in the panel');
  const tabTo = async (words) => {
    for (let n = 0; n < 20 && !words.test(await focus()); ++n) await page.keyboard.press('Tab');
    assert.match(await focus(), words);
  };
  await tabTo(/Number 3/);
  await page.keyboard.press('j');
  assert.match(await focus(), /Number 2/);
  await page.keyboard.press('u');
  await page.locator('.badge', { hasText: '2' }).waitFor();
  await page.keyboard.press('e');
  await page.getByText('Number 2').waitFor({ state: 'detached' });
  assert.match(await focus(), /Number 1/);
  await tabTo(/Undo/);
  await page.keyboard.press('Enter');
  await page.getByText('Number 2').waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  assert.match(await focus(), /^Notifications/, 'back on the bell');
  assert.deepEqual(person.complaints, []);
});

for (const colorScheme of ['light', 'dark']) {
  test(`it is accessible and fits a small screen (${colorScheme})`, async () => {
    const daemon = await stage.daemon();
    for (const severity of ['critical', 'high', 'medium', 'low', 'info']) await push(daemon, { severity, title: `Of severity ${severity}`, summary: 'In a sentence or two.', source: 'cspm', link: 'https://example.com/' });
    const { page } = await visit(daemon, { colorScheme, bypassCSP: true });
    await bell(page, 'Notifications, 5 unread').click();
    await page.getByText('Of severity info').waitFor();
    for (const width of [1200, 320]) {
      await page.setViewportSize({ width, height: 800 });
      assert.deepEqual(await accessibilityFaults(page), [], `${width}`);
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width);
      await picture(page, `element-${colorScheme}-${width}`);
    }
  });
}

test('with a token: it resumes after the daemon restarts, says when it is not connected, and tells that nobody is signed in', async () => {
  const daemon = await stage.daemon();
  const platform = stage.kept(await Platform.start(daemon, EXAMPLE.replace(' team="demo"', '')));
  const made = await daemon.request('POST', '/v1/tokens', { token: OPERATOR, body: { name: 'bob', role: 'member', teams: ['demo'] } });
  const person = await stage.browser.person();
  const page = await person.newPage();
  await page.goto(platform.url);
  await page.getByRole('button', { name: 'You are not signed in.' }).waitFor();
  await page.evaluate((token) => {
    window.asked = 0;
    window.counts = [];
    const element = document.querySelector('tocsin-inbox');
    element.addEventListener('tocsin-unread', (event) => window.counts.push(event.detail.unread));
    // The first one is out of date: a 401 asks again.
    element.token = async () => (window.asked++ === 0 ? 'tcs_old' : token);
  }, made.body.token);
  await bell(page, 'Notifications').click();
  await page.getByText('Nothing here').waitFor();
  await push(daemon, { title: 'Before the restart' });
  await page.getByText('Before the restart').waitFor();
  await daemon.stop();
  await page.getByText('Not connected').waitFor();
  await picture(page, 'element-offline');
  await daemon.launch();
  await push(daemon, { title: 'After the restart' });
  await page.getByText('After the restart').waitFor();
  await page.getByText('Not connected').waitFor({ state: 'detached' });
  assert.equal(await page.getByText('Before the restart').count(), 1);
  await bell(page, 'Notifications, 2 unread').waitFor();
  assert.equal(await page.evaluate(() => window.counts.at(-1)), 2);
  // The stream ends with its token.
  await daemon.request('DELETE', '/v1/tokens/bob', { token: OPERATOR });
  await page.getByRole('button', { name: 'You are not signed in.' }).waitFor();
  assert.deepEqual(person.complaints.filter((each) => !/401|502/.test(each)), []);
});

test('who listens instead of looking is told the sum of a burst, not each', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await visit(daemon);
  await bell(page).waitFor();
  // What comes before the stream is open is listed, not announced.
  await until(async () => (await streams(daemon)) === 1, 'it listens');
  await page.evaluate(() => {
    window.said = [];
    const live = document.querySelector('tocsin-inbox').shadowRoot.querySelector('[aria-live]');
    new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
  });
  for (let n = 0; n < 30; ++n) await push(daemon, { severity: n === 7 ? 'critical' : 'low', title: `One of many ${n}` });
  await bell(page, 'Notifications, 30 unread').waitFor();
  const said = await until(async () => {
    const all = (await page.evaluate(() => window.said)).filter(Boolean);
    const heard = all.map((each) => Number(/^\d+/.exec(each)?.[0] ?? 0)).reduce((sum, each) => sum + each, 0);
    return heard === 30 && all;
  }, 'all 30 were announced');
  assert.ok(said.length <= 4, said.join(' / '));
  assert.ok(said.some((each) => /critical/.test(each)), said.join(' / '));
  assert.deepEqual(person.complaints, []);
});

const someones = async (daemon, name) => (await daemon.request('POST', '/v1/tokens', { token: OPERATOR, body: { name, role: 'member', teams: ['demo'] } })).body.token;
const onPage = (script) => EXAMPLE.replace('<main>', `${script}<main>`);

test('a token that is set before the script has run counts, and that it ends later is told', async () => {
  const daemon = await stage.daemon();
  await push(daemon, { title: 'For eve' });
  const token = await someones(daemon, 'eve');
  const script = `<script>
    window.out = 0;
    addEventListener('tocsin-signed-out', () => ++window.out);
    document.querySelector('tocsin-inbox').token = '${token}';
  </script>`;
  const platform = stage.kept(await Platform.start(daemon, onPage(script), "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'"));
  const person = await stage.browser.person();
  const page = await person.newPage();
  await page.goto(platform.url);
  await bell(page, 'Notifications, 1 unread').waitFor();
  assert.equal(await page.evaluate(() => window.out), 0);
  assert.equal((await daemon.request('DELETE', '/v1/tokens/eve', { token: OPERATOR })).status, 200);
  await page.getByRole('button', { name: 'You are not signed in.' }).waitFor();
  assert.equal(await page.evaluate(() => window.out), 1, 'once');
  assert.deepEqual(person.complaints, []);
});

test('a page that cannot give a token is told so, and not that a server is down', async () => {
  const daemon = await stage.daemon();
  const platform = stage.kept(await Platform.start(daemon));
  const person = await stage.browser.person();
  const page = await person.newPage();
  await page.goto(platform.url);
  await page.getByRole('button', { name: 'You are not signed in.' }).waitFor();
  await page.evaluate(() => { document.querySelector('tocsin-inbox').token = () => Promise.reject(new Error('the platform has no idea')); });
  await page.getByRole('button', { name: 'This page could not sign you in to the notifications.' }).waitFor();
});

test('two of them on one page: one token, and each says what was done in its own panel', async () => {
  const daemon = await stage.daemon();
  await push(daemon, { title: 'For both' });
  const token = await someones(daemon, 'both');
  const platform = stage.kept(await Platform.start(daemon, onPage('<tocsin-inbox id="second" team="demo" align="start"></tocsin-inbox>')));
  const person = await stage.browser.person();
  const page = await person.newPage();
  await page.goto(platform.url);
  await page.getByRole('button', { name: 'You are not signed in.' }).nth(1).waitFor();
  await page.evaluate((given) => { document.querySelector('tocsin-inbox').token = given; }, token);
  const [first, second] = [page.locator('tocsin-inbox').first(), page.locator('#second')];
  for (const each of [first, second]) await each.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
  // By the methods: a click on the other one closes the first.
  await page.evaluate(() => document.querySelectorAll('tocsin-inbox').forEach((each) => each.open()));
  for (const each of [first, second]) await each.getByRole('dialog').waitFor();
  await first.getByRole('button', { name: 'Archive', exact: true }).evaluate((each) => each.click());
  await first.getByRole('button', { name: 'Undo' }).waitFor();
  assert.equal(await second.getByRole('button', { name: 'Undo' }).count(), 0);
  assert.deepEqual(person.complaints, []);
});

test('the list can be closed on a small screen, is on the screen wherever the bell is, and its colours are its own', async () => {
  const daemon = await stage.daemon();
  await push(daemon, { title: 'One' });
  const { page } = await visit(daemon, { viewport: { width: 320, height: 560 } });
  await bell(page, 'Notifications, 1 unread').click();
  await picture(page, 'element-small', { fullPage: false });
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  // Escape, with the focus on the bell.
  await bell(page).press('Enter');
  await page.getByRole('dialog').waitFor();
  await bell(page).focus();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'detached' });
  await page.setViewportSize({ width: 900, height: 700 });
  for (const place of ['flex-start', 'flex-end', 'center']) {
    await page.evaluate((where) => {
      const header = document.querySelector('header');
      header.style.justifyContent = where;
      header.querySelector('strong').style.display = 'none';
    }, place);
    await bell(page).click();
    const box = await page.getByRole('dialog').boundingBox();
    assert.ok(box.x >= 0 && box.x + box.width <= 900, `${place}: ${JSON.stringify(box)}`);
    await page.keyboard.press('Escape');
  }
  await bell(page).click();
  const colour = () => page.evaluate(() => getComputedStyle(document.querySelector('tocsin-inbox').shadowRoot.querySelector('.panel')).color);
  const before = await colour();
  await page.evaluate(() => document.querySelector('tocsin-inbox').style.setProperty('--text', 'red'));
  assert.equal(await colour(), before);
});

test('one file, small, kept for minutes, of a name that stays', async () => {
  const daemon = await stage.daemon();
  const answer = await daemon.request('GET', '/console/tocsin-inbox.js', { token: '' });
  assert.equal(answer.headers['cache-control'], 'public, max-age=300');
  assert.match(answer.headers['content-type'], /^text\/javascript/);
  const bytes = zlib.gzipSync(answer.text, { level: 9 }).length;
  assert.ok(bytes < ELEMENT_BYTES, `${bytes} bytes`);
  console.log(`tocsin-inbox.js: ${bytes} bytes`);
});
