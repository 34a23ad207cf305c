// The console's lists while things go on around them: what arrives, fails or comes late, where the focus is afterwards, and
// what is spoken. Each case is a defect that people would have met.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { accessibilityFaults, picture } from './browser.mjs';
import { ALICE, Stage, ask, keepPort, open, push, ready } from './console.mjs';
import { Receiver, until, webhook } from './lib.mjs';

const stage = await Stage.start(after);
const focus = (page) => page.evaluate(() => {
  const at = document.activeElement;
  return at === document.body ? 'nothing' : at?.getAttribute('aria-label') ?? at?.id ?? at?.textContent ?? '';
});
const focused = (page, words) => until(async () => words.test((await focus(page)) || (await page.evaluate(() => document.activeElement?.textContent ?? ''))), `the focus is on ${words}`);
const row = (page, title) => page.locator('.item', { hasText: title });
const toasts = (page) => page.locator('.toasts');

// A request of the page that is held on its way until it is let go, with what is to become of it.
async function hold(page, match) {
  let come;
  const came = new Promise((resolve) => { come = resolve; });
  await page.route(match, (route) => come(route), { times: 1 });
  return { came, pass: async () => (await came).continue(), fail: async () => (await came).abort() };
}

test('"Mark these as read" reads what the filters show, and nothing is to be read in the archive', async () => {
  const daemon = await stage.daemon();
  for (const severity of ['low', 'high', 'high', 'low']) await push(daemon, { severity, title: `Of ${severity}` });
  const { person, page } = await stage.signIn(daemon);
  await page.getByText('4 unread').waitFor({ state: 'attached' });
  await page.getByLabel('Severity').selectOption('low');
  await page.getByText('Of high').first().waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Mark these as read' }).click();
  await toasts(page).getByText('2 notifications marked as read.').waitFor();
  await page.getByText('2 unread').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Undo' }).click();
  await page.getByText('4 unread').waitFor({ state: 'attached' });
  await page.getByRole('button', { name: 'Archived', exact: true }).click();
  await page.getByRole('button', { name: /^Mark .* as read/ }).waitFor({ state: 'detached' });
  assert.deepEqual(person.complaints, []);
});

test('older ones that come late are not mixed into another view', async () => {
  const daemon = await stage.daemon();
  const many = Array.from({ length: 60 }, (_, i) => ({ team: 'demo', type: 'finding.created', severity: 'low', title: `Number ${i}` }));
  const { body } = await daemon.request('POST', '/v1/events', { body: many });
  await daemon.settled(body.results.at(-1).event.id);
  const { person, page } = await stage.signIn(daemon);
  await page.getByText('Number 59').waitFor();
  const older = await hold(page, /inbox\?.*cursor=/);
  await page.getByRole('button', { name: 'Show older' }).click();
  await older.came;
  await page.getByRole('button', { name: 'Archived', exact: true }).click();
  await page.getByText('Nothing is archived.').waitFor();
  const late = page.waitForResponse(/inbox\?.*cursor=/);
  await older.pass();
  await (await late).finished();
  await page.getByRole('button', { name: 'Inbox', exact: true }).click();
  await page.getByText('Number 59').waitFor();
  assert.equal(await page.locator('.item').count(), 50);
  assert.deepEqual(person.complaints, []);
});

test('an archive that fails brings its row back, and loses nothing that arrived meanwhile', async () => {
  const daemon = await stage.daemon();
  for (const n of [1, 2, 3]) await push(daemon, { title: `Number ${n}` });
  const { page } = await stage.signIn(daemon);
  await row(page, 'Number 2').waitFor();
  const archive = await hold(page, /inbox\/archive$/);
  await row(page, 'Number 2').getByRole('button', { name: 'Archive' }).click();
  await archive.came;
  await push(daemon, { title: 'Number 4' });
  await row(page, 'Number 4').waitFor();
  await archive.fail();
  await row(page, 'Number 2').waitFor();
  assert.deepEqual(await page.locator('.item .title').allTextContents(), ['Number 4', 'Number 3', 'Number 2', 'Number 1']);
});

test('a second archive keeps the way back of the first', async () => {
  const daemon = await stage.daemon();
  for (const n of [1, 2, 3]) await push(daemon, { title: `Number ${n}` });
  const { person, page } = await stage.signIn(daemon);
  await row(page, 'Number 1').getByRole('button', { name: 'Archive' }).click();
  await row(page, 'Number 2').getByRole('button', { name: 'Archive' }).click();
  await toasts(page).getByText('2 archived.').waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  for (const n of [1, 2, 3]) await row(page, `Number ${n}`).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('the log goes on being followed, but not into "Show older", and one button says whether it is', async () => {
  const daemon = await stage.daemon();
  const many = Array.from({ length: 70 }, (_, i) => ({ team: 'demo', type: 'scan.failed', severity: 'low', title: `Number ${i}` }));
  const { body } = await daemon.request('POST', '/v1/events', { body: many });
  await daemon.settled(body.results.at(-1).event.id);
  const { person, page } = await stage.signIn(daemon);
  await page.clock.install();
  await open(page, 'deliveries?channel=siem');
  await until(async () => (await page.locator('tbody tr').count()) === 50, 'the first page');
  const live = page.getByRole('button', { name: 'Live', exact: true });
  assert.equal(await live.getAttribute('aria-pressed'), 'true');
  const older = await hold(page, /deliveries\?.*cursor=/);
  await page.getByRole('button', { name: 'Show older' }).click();
  await older.came;
  await page.clock.runFor(10_000);
  await older.pass();
  await until(async () => (await page.locator('tbody tr').count()) === 70, 'the older ones are there');
  assert.equal(await live.getAttribute('aria-pressed'), 'false', 'older rows are not followed');
  // Pressed, it begins at the top again and follows.
  await live.click();
  await until(async () => (await page.locator('tbody tr').count()) === 50, 'the top of the log');
  assert.equal(await live.getAttribute('aria-pressed'), 'true');
  const id = await push(daemon, { type: 'scan.failed', severity: 'critical', title: 'The newest' });
  await daemon.settled(id);
  await until(async () => {
    await page.clock.runFor(2_000);
    return (await page.locator('tbody .severity.critical').count()) === 1;
  }, 'it is followed');
  await live.click();
  assert.equal(await live.getAttribute('aria-pressed'), 'false');
  assert.deepEqual(person.complaints, []);
});

test('what arrives takes the focus from nobody, and equal words are spoken twice, on every page', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  await page.getByText('Nothing here').waitFor();
  await page.evaluate(() => document.activeElement.blur());
  await push(daemon, { title: 'One' });
  await page.waitForFunction(() => document.title.startsWith('(1)'));
  assert.equal(await focus(page), 'nothing');

  await open(page, 'rules');
  await ready(page);
  await page.evaluate(() => {
    window.said = [];
    const live = document.querySelector('p[role=status]');
    new MutationObserver(() => window.said.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
  });
  const spoken = (n) => until(async () => (await page.evaluate(() => window.said)).filter((each) => each === '1 new notification, the most severe is critical').length === n, `it was spoken ${n} times`);
  await page.evaluate(() => document.querySelector('p[role=status]').textContent); // that of "One" may come before or after
  await until(async () => (await page.evaluate(() => document.querySelector('p[role=status]').textContent)) !== '', 'the first was spoken');
  const before = await page.evaluate(() => window.said.length);
  await push(daemon, { title: 'Two' });
  await spoken(before + 1);
  await push(daemon, { title: 'Three' });
  await spoken(before + 2);
  assert.deepEqual(person.complaints, []);
});

test('the focus stays where somebody works: archiving, moving a rule, being asked, the time a toast has', async () => {
  const daemon = await stage.daemon();
  for (const n of [1, 2, 3]) await push(daemon, { title: `Number ${n}` });
  for (const name of ['first', 'second', 'third']) await ask(daemon, 'POST', 'rules', { name, channels: ['siem'], events: ['sla.*'] });
  for (const name of ['one', 'two']) await ask(daemon, 'POST', 'silences', { name, events: ['sla.*'], until: new Date(Date.now() + 3_600_000).toISOString() });
  const { person, page } = await stage.signIn(daemon);
  await row(page, 'Number 2').getByRole('button', { name: 'Archive' }).press('Enter');
  await focused(page, /Number 1/);
  await row(page, 'Number 1').getByRole('button', { name: 'Archive' }).press('Enter');
  await focused(page, /Number 3/);
  await row(page, 'Number 3').getByRole('button', { name: 'Archive' }).press('Enter');
  await focused(page, /^page/);

  await open(page, 'rules');
  await page.getByRole('button', { name: 'Move first down' }).press('Enter');
  await focused(page, /^Move first down/);
  await page.keyboard.press('Enter');
  await focused(page, /^Move first up/);
  await page.keyboard.press('Enter');
  await focused(page, /^Move first up/);

  await open(page, 'silences');
  const one = page.locator('.rows > li').filter({ hasText: 'one' }).first();
  await one.getByRole('button', { name: 'Delete' }).press('Enter');
  await focused(page, /^Keep it/);
  await page.keyboard.press('Escape');
  await focused(page, /^Delete/);
  await page.keyboard.press('Enter');
  await focused(page, /^Keep it/);
  await page.keyboard.press('Enter');
  await focused(page, /^Delete/);
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Yes, delete it' }).press('Enter');
  await until(async () => (await page.locator('.rows > li').count()) === 1, 'it is gone');
  assert.notEqual(await focus(page), 'nothing');

  await push(daemon, { title: 'Number 4' });
  await open(page, 'inbox');
  await row(page, 'Number 4').waitFor();
  await page.clock.install();
  await page.reload();
  await row(page, 'Number 4').getByRole('button', { name: 'Archive' }).click();
  await page.getByRole('button', { name: 'Undo' }).focus();
  await page.clock.runFor(30_000);
  assert.equal(await page.getByRole('button', { name: 'Undo' }).count(), 1, 'it waits for whoever is on it');
  await page.locator('h1').focus();
  await page.clock.runFor(11_000);
  await page.getByRole('button', { name: 'Undo' }).waitFor({ state: 'detached' });
  assert.deepEqual(person.complaints, []);
});

test('a daemon that is gone for a while leaves what was loaded, and says since when it is old', async () => {
  const daemon = await stage.daemon();
  await daemon.settled(await push(daemon, { type: 'scan.failed', title: 'Before' }));
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'deliveries');
  await page.locator('tbody tr').first().waitFor();
  const second = await person.newPage();
  await second.goto(page.url().replace('deliveries', 'overview'));
  await second.getByRole('heading', { name: 'The last hour' }).waitFor();
  keepPort(daemon);
  await daemon.stop();
  await page.getByText(/^Not updated since \d\d:\d\d:\d\d\. The server does not answer/).waitFor();
  assert.equal(await page.locator('tbody tr').count() > 0, true);
  await second.getByText(/^Not updated since/).waitFor({ timeout: 30_000 });
  await second.getByRole('heading', { name: 'The last hour' }).waitFor();
  await picture(page, 'stale');
  await daemon.launch();
  await page.getByText(/^Not updated since/).waitFor({ state: 'detached' });
  await second.getByRole('button', { name: 'Try again' }).click();
  await second.getByText(/^Not updated since/).waitFor({ state: 'detached' });
});

test('an address that names what is not there says so, and what it cannot mean is no filter', async () => {
  const daemon = await stage.daemon();
  await daemon.settled(await push(daemon, { type: 'scan.failed', title: 'One' }));
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'deliveries?channel=removed');
  await page.getByRole('alert').waitFor(); // it is refused
  assert.equal(await page.getByLabel('Channel').inputValue(), 'removed');
  await open(page, 'deliveries?state=bogus');
  await page.locator('tbody tr').first().waitFor();
  assert.equal(await page.getByLabel('State').inputValue(), '');
  await open(page, 'inbox?severity=bogus&category=bogus&view=bogus');
  await page.getByText('One', { exact: true }).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('when it is tried next is said by the second and as a time, and so is when it was tried', async () => {
  const refusing = stage.kept(await Receiver.start(() => ({ status: 500, body: 'busy' })));
  const daemon = await stage.daemon({ channels: webhook('siem', refusing.url(), { events: ['scan.*'], options: 'retry = ["50s"]' }) });
  const id = await push(daemon, { type: 'scan.failed', title: 'Refused' });
  const { person, page } = await stage.signIn(daemon);
  await open(page, `events/${id}`);
  await page.locator('tbody tr', { hasText: 'siem' }).getByRole('link').first().click();
  await page.getByText('Failed, to be tried again').waitFor(); // by itself: the page looks while it is not over
  await page.getByText(/^in \d+ seconds .*\d\d:\d\d:\d\d/).waitFor();
  assert.match(await page.locator('.timeline time').first().textContent(), new RegExp(`${new Date().getFullYear()},? .*\\d\\d:\\d\\d:\\d\\d`));
  await picture(page, 'delivery-failing');
  assert.deepEqual(person.complaints, []);
});

test('who may only look is offered nothing that would be refused, and can filter all the same', async () => {
  const daemon = await stage.daemon();
  const id = await push(daemon, { type: 'scan.failed', title: 'One' });
  await daemon.settled(id);
  const { person, page } = await stage.signIn(daemon, ['--team', 'demo', '--user', 'sue', '--role', 'admin', '--scope', 'read_events', '--scope', 'read_inbox', '--scope', 'read_catalogue']);
  await open(page, 'deliveries');
  await page.locator('tbody tr').first().waitFor();
  await page.getByLabel('Channel').selectOption('siem');
  await page.getByLabel('Event type').selectOption('scan.failed');
  await until(async () => (await page.locator('tbody tr').count()) === 1, 'it is filtered');
  assert.equal(await page.getByRole('heading', { name: /Send many/ }).count(), 0);
  await page.locator('tbody a').first().click();
  await page.getByText('Attempt 1').waitFor();
  assert.equal(await page.getByRole('button', { name: 'Send again' }).count(), 0);
  assert.deepEqual(await page.locator('main a').evaluateAll((all) => all.map((each) => each.hash).filter((hash) => /integrations|silences/.test(hash))), []);
  assert.deepEqual(person.complaints, []);
});

test('what is silenced stands first on the overview, and a delivery that was held back leads to the silence', async () => {
  const daemon = await stage.daemon();
  await ask(daemon, 'POST', 'silences', { name: 'move', events: ['scan.*'], until: new Date(Date.now() + 3_600_000).toISOString(), reason: 'the registry moves' });
  const id = await push(daemon, { type: 'scan.failed', title: 'Held back' });
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'overview');
  await page.locator('.concern').first().getByText('The silence move holds back scan.*').waitFor();
  await page.locator('.concern').first().getByText('the registry moves').waitFor();
  await picture(page, 'overview-silenced');
  await page.locator('.concern').first().getByRole('link').click();
  await page.getByRole('heading', { name: 'move', level: 1 }).waitFor();
  await open(page, `events/${id}`);
  await page.locator('tbody tr', { hasText: 'siem' }).getByRole('link').first().click();
  await page.getByText('Held back by the silence').getByRole('link', { name: 'move' }).click();
  await page.getByRole('heading', { name: 'move', level: 1 }).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('what became of an alert is found: an event that no channel got, by time, and by an id', async () => {
  const daemon = await stage.daemon();
  const lost = await push(daemon, { type: 'user.login', severity: 'info', category: 'system_notification', title: 'A person signed in' });
  const taken = await push(daemon, { type: 'scan.failed', title: 'The nightly scan failed', source: 'registry' });
  const { deliveries } = await daemon.settled(taken);
  const { person, page } = await stage.signIn(daemon);
  await page.getByRole('navigation').getByRole('link', { name: 'Events' }).click();
  await page.getByRole('link', { name: 'The nightly scan failed' }).waitFor();
  await page.getByLabel('Reached').selectOption('unmatched');
  await page.getByRole('link', { name: 'The nightly scan failed' }).waitFor({ state: 'detached' });
  await picture(page, 'events');
  await page.getByRole('link', { name: 'A person signed in' }).click();
  await page.getByText('No channel took this event.').waitFor();
  assert.match(await page.title(), /^A person signed in/);
  await page.goBack();
  await page.getByLabel('Reached').selectOption('');
  // In an hour from now nothing came yet; up to then, both.
  const local = (ms) => { const at = new Date(Date.now() + ms); return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16); };
  await page.getByLabel('From', { exact: true }).fill(local(3_600_000));
  await page.getByText('No events match.').waitFor();
  await page.getByLabel('From', { exact: true }).fill('');
  await page.getByLabel('To', { exact: true }).fill(local(3_600_000));
  await until(async () => (await page.locator('tbody tr').count()) === 2, 'both are there');

  await page.getByLabel('Find by ID').fill(` ${lost} `);
  await page.getByLabel('Find by ID').press('Enter');
  await page.getByRole('heading', { name: 'A person signed in' }).waitFor();
  await open(page, `deliveries?since=${new Date(Date.now() - 3_600_000).toISOString()}`);
  await page.getByRole('link', { name: 'The nightly scan failed' }).first().waitFor();
  await page.getByText('Of the events received in the time above.').waitFor();
  await page.getByLabel('Find by ID').fill(deliveries[0].id);
  await page.getByRole('button', { name: 'Go', exact: true }).click();
  await page.getByText(deliveries[0].id).waitFor();
  assert.match(await page.title(), /: The nightly scan failed/);
  assert.deepEqual(person.complaints, []);
});

test('on a phone the pages are behind one button, and the focus follows', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon, ALICE, { viewport: { width: 320, height: 560 } });
  await push(daemon, { title: 'One' });
  const menu = page.getByRole('button', { name: 'Menu, 1 unread' });
  await menu.waitFor();
  assert.equal(await page.getByRole('navigation').getByRole('link').count(), 0, 'they are folded');
  assert.ok((await page.locator('h1').boundingBox()).y < 120, 'the page begins at once');
  await menu.press('Enter');
  await page.getByText(/alice \(/).waitFor();
  await page.getByRole('link', { name: 'Rules' }).press('Enter');
  await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor();
  assert.equal(await page.getByRole('navigation').getByRole('link').count(), 0);
  assert.notEqual(await focus(page), 'nothing');
  assert.deepEqual(person.complaints, []);
});

test('an alert whose link is opened is read, and its link says where it goes', async () => {
  const daemon = await stage.daemon();
  await push(daemon, { title: 'One', link: 'http://localhost:1/f/1' });
  const { person, page } = await stage.signIn(daemon);
  await page.getByText('1 unread').waitFor({ state: 'attached' });
  await row(page, 'One').focus();
  const opened = person.waitForEvent('page');
  await page.keyboard.press('Enter');
  await opened;
  await page.getByText('1 unread').waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('link', { name: 'Open localhost:1' }).getAttribute('href'), 'http://localhost:1/f/1');
});

for (const colorScheme of ['light', 'dark']) {
  test(`nothing is cut, covered or wider than the screen (${colorScheme})`, async () => {
    const broken = stage.kept(await Receiver.start(() => ({ status: 500, body: 'no' })));
    const daemon = await stage.daemon({ channels: webhook('a-channel-with-a-name-that-goes-on-and-on-for-sixty-characters', broken.url(), { events: ['*'], options: 'retry = ["1s"]' }) });
    const long = 'a-rule-with-a-name-that-goes-on-and-on-for-sixty-characters-xy';
    for (const name of [long, 'second']) await ask(daemon, 'POST', 'rules', { name, channels: ['a-channel-with-a-name-that-goes-on-and-on-for-sixty-characters'], events: ['sla.*'] });
    const ids = [];
    for (const severity of ['critical', 'high', 'medium', 'low', 'info']) ids.push(await push(daemon, { severity, title: `Public bucket of severity ${severity} with customer backups`, summary: 'One thousand and some objects can be read by anybody. '.repeat(30), source: 'cspm', link: 'https://example.com/f' }));
    await until(() => broken.requests.length > 0, 'the first attempt');
    const { page } = await stage.signIn(daemon, ALICE, { colorScheme, bypassCSP: true });
    const views = ['inbox', 'overview', 'events', 'deliveries', `events/${ids[0]}`, 'rules', 'audit'];
    for (const view of views) {
      await open(page, view);
      await ready(page);
      await page.locator('.item, tbody tr, .rule').first().waitFor();
      for (const width of [1200, 1000, 800, 320]) {
        await page.setViewportSize({ width, height: 800 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, `${view} at ${width}`);
        // A heading of a column is one line, and no two things lie on each other.
        const lines = await page.locator('th').evaluateAll((all) => all.filter((each) => each.offsetHeight > 48).map((each) => each.textContent));
        assert.deepEqual(lines, [], `${view} at ${width}`);
        if (view === 'rules') {
          const covers = await page.locator('.rule').first().evaluate((rule) => {
            const [name, up] = [rule.querySelector('a').getBoundingClientRect(), rule.querySelector('.actions').getBoundingClientRect()];
            return name.right > up.left && name.left < up.right && name.bottom > up.top && name.top < up.bottom;
          });
          assert.equal(covers, false, `the buttons of a rule at ${width}`);
        }
        if (width === 1200 || width === 320) {
          assert.deepEqual(await accessibilityFaults(page), [], `${view} at ${width}`);
          await picture(page, `lists-${colorScheme}-${width}-${view.includes('/') ? 'event' : view}`);
        }
      }
      await page.setViewportSize({ width: 1200, height: 900 });
    }
    // A long text is folded, and can be unfolded.
    await open(page, 'inbox');
    const text = page.locator('.summary', { hasText: 'One thousand' }).first();
    const folded = await text.evaluate((each) => each.clientHeight);
    await page.getByRole('button', { name: 'Show all of it' }).first().click();
    await until(async () => (await text.evaluate((each) => each.clientHeight)) > folded * 2, 'it is unfolded');
  });
}
