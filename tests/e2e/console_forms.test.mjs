// The console's forms where things go wrong: two people at the same object, secrets that come and go, an old draft, another
// person in the same browser, a session that has ended. Each test names what once went wrong.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { loginLink } from './browser.mjs';
import { Stage, ask, open, push, ready, streams } from './console.mjs';
import { Receiver, until, webhook } from './lib.mjs';

const stage = await Stage.start(after);
const save = (page) => page.getByRole('button', { name: 'Save', exact: true }).click();
const saved = (page) => page.getByText('Saved.').waitFor();

// A daemon with a webhook channel `hook` that can be changed here, and alice at its form.
async function atHook(settings = {}, options = {}) {
  const hook = stage.kept(await Receiver.start(options.answer));
  const daemon = await stage.daemon({ channels: ' ' });
  await ask(daemon, 'POST', 'channels', { name: 'hook', type: 'webhook', settings: { url: hook.url(), ...settings } });
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'integrations/hook');
  await page.getByLabel('URL').waitFor();
  return { daemon, hook, person, page, now: () => ask(daemon, 'GET', 'channels/hook') };
}

test('a test that is sent does not let a later save undo what somebody else has changed', async () => {
  const { daemon, hook, person, page, now } = await atHook();
  await ask(daemon, 'PATCH', 'channels/hook', { events: ['user.login'], retry: ['9s'] });
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.getByText(/^Delivered/).first().waitFor();
  assert.equal(hook.requests.length, 1);
  await page.getByLabel('Default channel of its type').check();
  await save(page);
  // Both are said, and nothing is lost.
  const conflict = page.locator('.notice.bad');
  await conflict.getByText('Event types: now user.login, which you have not changed').waitFor();
  await page.getByRole('button', { name: 'Save mine, keep the rest of theirs' }).click();
  await saved(page);
  const stored = await now();
  assert.deepEqual([stored.default, stored.events, stored.retry], [true, ['user.login'], ['9s']]);
  assert.equal(await page.getByLabel('Subscribes to').inputValue(), 'user.login');
  assert.deepEqual(person.complaints, []);
});

test('who was slower chooses: keep mine, or take theirs, also after a reload', async () => {
  const { daemon, person, page, now } = await atHook();
  const theirs = async (events) => ask(daemon, 'PATCH', 'channels/hook', { events });
  await page.getByLabel('Subscribes to').fill('scan.*');
  await theirs(['sla.*']);
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  await save(page);
  await page.getByText('Event types: now sla.*, yours scan.*').waitFor();
  await page.getByRole('button', { name: 'Take theirs' }).click();
  assert.equal(await page.getByLabel('Subscribes to').inputValue(), 'sla.*');
  await page.reload();
  await page.getByLabel('URL').waitFor();
  assert.equal(await page.getByText('What you had typed here is back').count(), 0);

  await page.getByLabel('Subscribes to').fill('scan.*');
  await theirs(['user.*']);
  await save(page);
  await page.getByRole('button', { name: 'Save mine' }).click();
  await saved(page);
  assert.deepEqual((await now()).events, ['scan.*']);

  // The same for a rule.
  await ask(daemon, 'POST', 'rules', { name: 'one', events: ['scan.*'], channels: ['hook'] });
  await open(page, 'rules/one');
  await page.getByLabel('Event types').fill('sla.*');
  await ask(daemon, 'PATCH', 'rules/one', { severities: ['high'], events: ['user.*'] });
  await save(page);
  await page.getByText('Event types: now user.*, yours sla.*').waitFor();
  await page.getByRole('button', { name: 'Save mine' }).click();
  await page.getByRole('heading', { name: 'Rules', level: 1 }).waitFor();
  const rule = await ask(daemon, 'GET', 'rules/one');
  assert.deepEqual([rule.events, rule.severities], [['sla.*'], ['high']]);
  assert.deepEqual(person.complaints, []);
});

test('the focus stays on the button that was pressed, while it works and after', async () => {
  const { person, page, now } = await atHook();
  const focused = () => page.evaluate(() => document.activeElement.textContent);
  await page.getByLabel('Subscribes to').fill('finding.*');
  for (const [name, words] of [['Save', 'Saved.'], ['Send test', /^Delivered/]]) {
    await page.getByRole('button', { name, exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByText(words).first().waitFor();
    assert.equal(await focused(), name);
  }
  // However often it is pressed while it works, once is sent.
  let sent = 0;
  let release;
  const held = new Promise((resolve) => { release = resolve; });
  await page.route('**/channels/hook', async (route) => {
    if (route.request().method() !== 'PATCH') return route.continue();
    ++sent;
    await held;
    return route.continue();
  });
  await page.getByLabel('Subscribes to').fill('scan.*');
  await page.getByLabel('URL').press('Enter');
  await until(() => sent === 1, 'it is under way');
  await page.getByLabel('URL').press('Enter');
  await page.getByRole('button', { name: 'Save', exact: true }).dispatchEvent('click');
  release();
  await until(async () => (await now()).events?.[0] === 'scan.*', 'it is saved');
  await until(async () => (await page.getByRole('button', { name: 'Save', exact: true }).getAttribute('aria-disabled')) === 'true', 'nothing is left to save');
  await page.getByLabel('URL').press('Enter');
  await page.getByRole('button', { name: 'Send test', exact: true }).press('Enter');
  await page.getByText(/^Delivered/).first().waitFor();
  assert.equal(sent, 1);
  assert.deepEqual(person.complaints, []);
});

test('pausing and saving do not get in each other’s way', async () => {
  const { daemon, person, page, now } = await atHook();
  await page.getByLabel('Subscribes to').fill('sla.*');
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByRole('button', { name: 'Resume' }).waitFor();
  await save(page);
  await saved(page);
  let stored = await now();
  assert.deepEqual([stored.paused, stored.events], [true, ['sla.*']]);
  // The other way round, and somebody else's pause: no conflict with oneself.
  await page.getByRole('button', { name: 'Resume' }).click();
  await page.getByRole('button', { name: 'Pause' }).waitFor();
  await page.getByLabel('Subscribes to').fill('sla.*\nscan.*');
  await save(page);
  await until(async () => (await now()).events.length === 2, 'it is stored');
  await ask(daemon, 'POST', 'channels/hook/pause', {});
  await page.getByLabel('Subscribes to').fill('user.*');
  await save(page);
  await until(async () => (await now()).events[0] === 'user.*', 'it is stored');
  stored = await now();
  assert.equal(stored.paused, true);
  assert.deepEqual(person.complaints, []);
});

test('no address sends a test', async () => {
  const { hook, page } = await atHook();
  await page.goto(page.url().replace(/#.*/, '#/demo/integrations/hook?test=message'));
  await page.reload();
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.getByText(/^Delivered/).first().waitFor();
  assert.equal(hook.requests.length, 1, 'the one that was asked for');
});

test('deleting one of two kept secrets keeps the other', async () => {
  const until1 = new Date(Date.now() + 86_400_000).toISOString();
  const { hook, daemon, person, page, now } = await atHook({ secret: 'now-in-use', previous_secrets: [{ secret: 'first-secret', until: until1 }, { secret: 'second-secret', until: until1 }] });
  await page.getByRole('button', { name: 'Delete: Previous secrets 1' }).click();
  // The second one has moved: it has to be typed, and until then nothing can be saved.
  await page.getByText('Type the secrets of all rows again').waitFor();
  const left = page.locator('.entry input[type=password]');
  assert.equal(await left.count(), 1);
  assert.deepEqual([await left.inputValue(), await left.getAttribute('placeholder')], ['', '']);
  await save(page);
  assert.equal((await now()).settings.previous_secrets.length, 2, 'the form is held back');
  await left.fill('second-secret');
  await save(page);
  await saved(page);
  assert.equal((await now()).settings.previous_secrets.length, 1);
  // Saved, so it is stored: nothing of it is in the page, and the next save keeps it.
  assert.equal(await left.inputValue(), '');
  await page.getByLabel('Subscribes to').fill('finding.created');
  await save(page);
  await until(async () => (await now()).events?.length === 1, 'it is stored');
  await daemon.settled(await push(daemon, { title: 'Signed by both' }));
  assert.equal(hook.requests.at(-1).headers['webhook-signature'].split(' ').length, 2);
  assert.deepEqual(person.complaints, []);
});

test('rows of a list keep what was typed into them when another one goes', async () => {
  const { page } = await atHook();
  for (let n = 0; n < 3; ++n) await page.getByRole('button', { name: 'Add: Previous secrets' }).click();
  const times = page.locator('.entry').getByLabel('Until');
  for (let n = 0; n < 3; ++n) {
    await page.locator('.entry input[type=password]').nth(n).fill(`secret-${n}`);
    await times.nth(n).fill(`2030-01-0${n + 1}T00:00:00Z`);
  }
  await page.getByRole('button', { name: 'Delete: Previous secrets 1' }).click();
  const values = (places) => places.evaluateAll((all) => all.map((each) => each.value));
  assert.deepEqual(await values(times), ['2030-01-02T00:00:00Z', '2030-01-03T00:00:00Z']);
  assert.deepEqual(await values(page.locator('.entry input[type=password]')), ['secret-1', 'secret-2']);
});

test('a stored secret is removed on purpose and never by accident', async () => {
  const { hook, daemon, person, page, now } = await atHook();
  const secret = page.getByLabel('Signing secret').first();
  await secret.fill('a-secret-of-many-characters');
  await save(page);
  await saved(page);
  assert.equal(await secret.inputValue(), '');
  // A letter typed and erased is nothing typed.
  await secret.fill('x');
  await secret.fill('');
  await page.getByLabel('Subscribes to').fill('finding.*');
  await save(page);
  await until(async () => (await now()).events?.[0] === 'finding.*', 'it is stored');
  assert.equal((await now()).settings.secret, '••••');
  // Typed and reloaded: what is stored stays.
  await secret.fill('another-one');
  await page.getByLabel('Default channel of its type').check();
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  await save(page);
  await until(async () => (await now()).default === true, 'it is stored');
  assert.equal((await now()).settings.secret, '••••');
  await daemon.settled(await push(daemon, { title: 'Signed' }));
  assert.ok(hook.requests.at(-1).headers['webhook-signature']);

  await page.getByRole('button', { name: 'Remove Signing secret' }).click();
  await page.getByRole('button', { name: 'Keep Signing secret' }).click();
  await page.getByRole('button', { name: 'Remove Signing secret' }).click();
  await save(page);
  await until(async () => (await now()).settings.secret === undefined, 'it is gone');
  await daemon.settled(await push(daemon, { title: 'Not signed' }));
  assert.equal(hook.requests.at(-1).headers['webhook-signature'], undefined);
  assert.equal(await page.getByRole('button', { name: 'Remove Signing secret' }).count(), 0);
  assert.deepEqual(person.complaints, []);
});

test('a header’s stored value is not sent under another name', async () => {
  const { hook, page, now } = await atHook({ headers: { 'X-One': 'first-value', 'X-Two': 'second-value' } });
  const names = page.locator('.pair').getByLabel('Name');
  await names.first().fill('X-Three');
  await save(page);
  assert.deepEqual(Object.keys((await now()).settings.headers), ['X-One', 'X-Two'], 'the value has to be typed first');
  await page.locator('.pair').getByLabel('Value').first().fill('third-value');
  await save(page);
  await saved(page);
  await page.getByRole('button', { name: 'Send test' }).click();
  await page.getByText(/^Delivered/).first().waitFor();
  const { headers } = hook.requests.at(-1);
  assert.deepEqual([headers['x-one'], headers['x-two'], headers['x-three']], [undefined, 'second-value', 'third-value']);
});

test('a refusal is told in the words of the form, and the first wrong field has the focus', async () => {
  const { person, page } = await atHook();
  await page.getByLabel('URL').fill('ftp://nowhere');
  await page.getByText('Quiet hours, digests and retries').click();
  await page.getByLabel('Waits before each further try').fill('soon');
  await save(page);
  const notice = page.locator('.sticky .notice.bad');
  await notice.getByText('Check the marked fields:').waitFor();
  const words = await notice.textContent();
  assert.ok(!/\/retry|\/settings/.test(words), words);
  const marks = await notice.getByRole('button').allTextContents();
  assert.ok(marks.length > 0);
  const focused = () => page.evaluate(() => document.activeElement.labels?.[0]?.firstChild.textContent);
  assert.equal(await focused(), marks[0]);
  await notice.getByRole('button', { name: marks.at(-1) }).click();
  assert.equal(await focused(), marks.at(-1));
  assert.deepEqual(person.complaints, []);
});

test('another person in the same browser: no tab goes on as the one before', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  await push(daemon, { title: 'For whom' });
  await page.getByText('For whom').waitFor();
  await open(page, 'rules/+');
  await page.getByLabel('Name', { exact: true }).fill('of-alice');
  const second = await person.newPage();
  await second.goto(loginLink(daemon, ['--team', 'demo', '--user', 'bob', '--role', 'admin']));
  await second.getByRole('button', { name: 'Sign in' }).click();
  await second.getByText('bob (admin)').waitFor();
  // The first tab is bob's by itself, and has nothing of what alice had typed.
  await page.getByText('bob (admin)').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
  assert.ok(!(await page.evaluate(() => JSON.stringify(sessionStorage))).includes('of-alice'));
  // Nobody in one tab is nobody in the other.
  await second.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
  // And a tab where nobody is, as a question with the session that had just ended may leave it, follows too.
  await second.goto(loginLink(daemon, ['--team', 'demo', '--user', 'carol', '--role', 'admin']));
  await page.getByText('carol (admin)').waitFor();
  assert.deepEqual(person.complaints, []);
});

test('a tab that was not looked at asks who it is before it changes anything', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'rules/+');
  await page.getByLabel('Name', { exact: true }).fill('of-alice');
  await page.getByLabel('siem', { exact: true }).check();
  // As if the other tabs could not be heard: the cookie changes behind the page's back.
  const [link, other] = [loginLink(daemon, ['--team', 'demo', '--user', 'bob', '--role', 'admin']), await stage.browser.person()];
  const bob = await other.newPage();
  await bob.goto(link);
  await bob.getByText('bob (admin)').waitFor();
  await person.addCookies(await other.cookies());
  await page.evaluate(() => dispatchEvent(new Event('blur')));
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('bob (admin)').waitFor();
  assert.deepEqual((await ask(daemon, 'GET', 'rules')).rules, []);
});

test('a session that has ended: signing out is no dead end, and signing in goes on where one was', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  // Where the page notices the end by itself, nothing is left to press.
  const endAndPress = async (words) => {
    await person.clearCookies();
    await page.evaluate((text) => [...document.querySelectorAll('button')].find((each) => each.textContent === text)?.click(), words);
  };
  await until(async () => (await streams(daemon)) === 1, 'all is loaded');
  await open(page, 'rules/+');
  await page.getByLabel('Name', { exact: true }).fill('half-typed');
  await endAndPress('Sign out');
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
  assert.ok(!(await page.evaluate(() => JSON.stringify(sessionStorage))).includes('half-typed'));

  await page.goto(loginLink(daemon, ['--team', 'demo', '--user', 'alice', '--role', 'admin']));
  await page.getByText('alice (admin)').waitFor();
  await open(page, 'rules/+');
  await page.getByLabel('Name', { exact: true }).fill('half-typed');
  await page.getByLabel('siem', { exact: true }).check();
  await endAndPress('Create');
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
  await page.goto(loginLink(daemon, ['--team', 'demo', '--user', 'alice', '--role', 'admin']));
  await page.getByRole('heading', { name: 'New rule' }).waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'half-typed');
  await endAndPress('Create');
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
  // Somebody else does not get it, and what was typed is gone for good then.
  await page.goto(loginLink(daemon, ['--team', 'demo', '--user', 'bob', '--role', 'admin']));
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  await open(page, 'rules/+');
  await page.getByLabel('Name', { exact: true }).waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
  assert.deepEqual(person.complaints, []);
});

test('a page that cannot be drawn says so, and what was typed can be discarded', async () => {
  const daemon = await stage.daemon();
  const { page } = await stage.signIn(daemon);
  // Of an older form, and one that is broken in itself.
  await page.evaluate(() => {
    sessionStorage.setItem('tocsin-draft/demo/rules/+', JSON.stringify({ value: { nonsense: 1 }, etag: null }));
    sessionStorage.setItem('tocsin-draft/2/alice/demo/silences/+', JSON.stringify({ value: null, base: null, etag: null }));
  });
  await page.reload();
  await ready(page);
  await open(page, 'rules/+');
  await page.getByRole('heading', { name: 'New rule' }).waitFor();
  await page.getByLabel('Event types').waitFor();
  await page.evaluate(() => sessionStorage.setItem('tocsin-draft/2/alice/demo/rules/+', JSON.stringify({ value: { nonsense: 1 }, base: {}, etag: null })));
  await page.reload();
  await page.getByRole('heading', { name: 'This page has stopped working' }).waitFor();
  await page.getByRole('link', { name: 'Deliveries' }).waitFor();
  await page.getByRole('button', { name: 'Discard what was typed' }).click();
  await page.getByLabel('Event types').waitFor();
});

test('what a proxy answers in place of the daemon is a fault and not an empty page', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  await page.route('**/v1/teams/demo/channels', (route) => route.fulfill({ status: 200, contentType: 'text/html', body: '<html>Please sign in</html>' }));
  await open(page, 'integrations');
  await page.getByRole('alert').getByText('Something else than tocsin answered').waitFor();
  await page.unroute('**/v1/teams/demo/channels');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByRole('link', { name: 'siem' }).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('the way back leads out, and a link into another team says so', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  const fresh = await person.newPage();
  await fresh.goto('about:blank');
  await fresh.goto(page.url().replace(/#.*/, ''));
  await fresh.getByRole('heading', { name: 'Notifications' }).waitFor();
  await fresh.waitForURL(/#\/demo\/inbox$/);
  await fresh.goBack();
  assert.equal(fresh.url(), 'about:blank');
  await page.goto(page.url().replace(/#.*/, '#/other/rules'));
  await page.getByRole('heading', { name: 'You are not in the team other' }).waitFor();
  assert.match(page.url(), /#\/other\/rules$/);
  await page.getByRole('link', { name: 'Go to the notifications' }).click();
  await page.getByRole('heading', { name: 'Notifications' }).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('a silence of everything asks first; one of something counts what it would have matched, and can be changed', async () => {
  const daemon = await stage.daemon();
  for (let n = 0; n < 3; ++n) await push(daemon, { title: `Finding ${n}`, source: n === 0 ? 'cspm' : 'registry' });
  const { person, page } = await stage.signIn(daemon);
  const silences = async () => (await ask(daemon, 'GET', 'silences')).silences;
  await open(page, 'silences/+');
  await page.getByText('Of 3 events this silence would have matched 3.').waitFor();
  await page.getByLabel('Reason').fill('too loud');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('This silences every event.').waitFor();
  assert.deepEqual(await silences(), []);
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Go on editing');
  await page.keyboard.press('Escape');
  await page.getByText('This silences every event.').waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Create');
  await page.getByLabel('Sources').fill('registry');
  await page.getByText('Of 3 events this silence would have matched 2.').waitFor();
  // It survives a reload, as every form does.
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  assert.deepEqual([await page.getByLabel('Reason').inputValue(), await page.getByLabel('Sources').inputValue()], ['too loud', 'registry']);
  await page.getByLabel('Name').fill('registry-move');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('link', { name: 'registry-move' }).click();
  await page.getByLabel('Reason').fill('the registry moves');
  const later = new Date(Date.now() + 5 * 3_600_000);
  await page.getByLabel('From').fill(new Date(later.getTime() - later.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
  await page.getByRole('button', { name: 'Save' }).click();
  // It would end before it begins.
  await page.getByText('Check the marked fields').waitFor();
  const end = new Date(later.getTime() + 3_600_000);
  await page.getByLabel('Until').fill(new Date(end.getTime() - end.getTimezoneOffset() * 60_000).toISOString().slice(0, 16));
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Begins in 5 hours').waitFor();
  const [silence] = await silences();
  assert.deepEqual([silence.reason, silence.sources], ['the registry moves', ['registry']]);

  await open(page, 'silences/+');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('button', { name: 'Yes, silence everything' }).click();
  await page.getByText('every event').waitFor();
  assert.equal((await silences()).length, 2);
  assert.deepEqual(person.complaints, []);
});

test('a silence of the configuration file is shown as one, and has no buttons', async () => {
  const daemon = await stage.daemon({ channels: `${webhook('siem', stage.receiver.url())}\n[[team.silence]]\nname = "of-the-file"\nevents = ["scan.completed"]\nuntil = "2099-06-01T00:00:00Z"\n` });
  await ask(daemon, 'POST', 'silences', { name: 'of-the-team', events: ['scan.failed'], until: '2099-06-01T00:00:00Z' });
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'silences');
  const row = (name) => page.locator('.rows > li').filter({ hasText: name });
  await row('of-the-file').getByText('From the configuration file').waitFor();
  assert.equal(await row('of-the-file').getByRole('button').count(), 0);
  assert.equal(await row('of-the-team').getByRole('button').count(), 2);
  await page.getByRole('link', { name: 'of-the-file' }).click();
  await page.getByText('changed there').waitFor();
  assert.ok(await page.getByLabel('Until').isDisabled());
  assert.deepEqual(person.complaints, []);
});

test('the forms of tokens, default alerts and of trying it survive a reload', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'tokens');
  await page.getByLabel('Name', { exact: true }).fill('scanner');
  await page.getByLabel('Ends').selectOption('365');
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  assert.deepEqual([await page.getByLabel('Name', { exact: true }).inputValue(), await page.getByLabel('Ends').inputValue()], ['scanner', '365']);
  await page.getByLabel('Name', { exact: true }).fill('Not A Name');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('Check the marked fields').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('scanner');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('The token scanner is made.').waitFor();
  await page.reload();
  await ready(page);
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');

  await open(page, 'rules');
  await page.getByRole('button', { name: 'Change' }).click();
  assert.equal(await page.evaluate(() => document.activeElement.tagName), 'TEXTAREA', 'the field has the focus');
  await page.getByLabel('Default alerts').fill('finding.created critical');
  await page.getByLabel('Source').fill('cspm');
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  assert.deepEqual([await page.getByLabel('Default alerts').inputValue(), await page.getByLabel('Source').inputValue()], ['finding.created critical', 'cspm']);
  await page.getByRole('button', { name: 'Cancel' }).click();
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Change');
  await page.reload();
  await page.getByRole('button', { name: 'Change' }).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('a channel whose receiver is gone says what to do', async () => {
  let status = 410;
  const { daemon, hook, person, page } = await atHook({}, { answer: () => ({ status }) });
  await ask(daemon, 'PATCH', 'channels/hook', { events: ['*'] });
  await push(daemon, { title: 'To nowhere' });
  await until(async () => (await ask(daemon, 'GET', 'channels/hook/status')).state === 'disabled', 'it is disabled');
  await page.reload();
  const notice = page.locator('.notice.bad', { hasText: 'Nothing is sent.' });
  await notice.waitFor();
  status = 200;
  const before = hook.requests.length;
  await notice.getByRole('button', { name: 'Send test' }).click();
  await page.getByText(/^Delivered/).first().waitFor();
  assert.ok(hook.requests.length > before);
  await notice.waitFor({ state: 'detached' });
  assert.deepEqual(person.complaints, []);
});

test('a form of many settings folds what few need, and opens it where something is wrong', async () => {
  const daemon = await stage.daemon({ channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'integrations/+smtp');
  await page.getByLabel('SMTP server').waitFor();
  const subject = page.getByLabel('Subject template');
  assert.deepEqual([await page.getByLabel('Recipients').isVisible(), await subject.isVisible()], [true, false]);
  await page.getByText('More settings').click();
  await subject.fill('x');
  await subject.fill('');
  assert.ok(await subject.isVisible(), 'it does not close under who empties a field');
  await subject.fill('{{#never_closed}}');
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  assert.ok(await subject.isVisible(), 'open where something is set');
  assert.deepEqual(person.complaints, []);
});
