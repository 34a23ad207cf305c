// What operators see and admins make: tokens, plugins, master keys, and the overview.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { picture } from './browser.mjs';
import { ALL_PLUGINS, Stage, ask, open, push, writeKeys } from './console.mjs';
import { OPERATOR, Receiver, faulty, until, webhook, writeConfig } from './lib.mjs';

const stage = await Stage.start(after);
const ROOT = ['--user', 'root'];

test('an admin makes a token, sees it once, uses it, and revokes it', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon, undefined, { permissions: ['clipboard-read', 'clipboard-write'] });
  await page.getByRole('link', { name: 'Tokens' }).click();
  await page.getByLabel('Name', { exact: true }).fill('Not a name');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.locator('#name[aria-invalid]').waitFor();
  await page.getByLabel('Name', { exact: true }).fill('ci');
  assert.deepEqual(await page.getByLabel('Role').locator('option').allTextContents(), ['Service', 'Member', 'Admin']);
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByText('it is not shown again').waitFor();
  const token = await page.locator('.secret').textContent();
  assert.match(token, /^tcs_[\w-]{43}$/);
  await picture(page, 'token-made');
  await page.getByRole('button', { name: 'Copy the token' }).click();
  await page.getByText('Copied.').waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), token);
  const pushed = () => daemon.push({ team: 'demo', type: 'scan.failed' }, { token });
  assert.equal((await pushed()).status, 202);
  await page.reload();
  await page.getByRole('cell', { name: 'ci', exact: true }).waitFor();
  assert.ok(!(await page.content()).includes(token), 'never again');
  await page.getByRole('button', { name: 'Revoke ci' }).click();
  await picture(page, 'token-revoke');
  await page.getByRole('button', { name: 'Yes, revoke it' }).click();
  await page.getByText('ci is revoked.').waitFor();
  await page.getByText('Revoked', { exact: true }).waitFor();
  assert.equal((await pushed()).status, 401);
  assert.deepEqual(person.complaints, []);
});

test('a token is made narrower than its role, a member is given more, and the list says so', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon);
  await open(page, 'tokens');
  const boxes = () => page.getByRole('group', { name: 'May' }).getByRole('checkbox');
  const checked = async () => (await boxes().evaluateAll((all) => all.filter((each) => each.checked).map((each) => each.parentElement.textContent.trim())));
  const make = async (name) => {
    await page.getByLabel('Name', { exact: true }).fill(name);
    await page.getByRole('button', { name: 'Create' }).click();
  };
  assert.deepEqual(await checked(), ['push events', 'read events and deliveries', 'read the event and channel types']);
  for (const each of await boxes().all()) await each.uncheck();
  await make('scanner');
  await page.getByText('Leave it at least one thing that it may.').waitFor();
  await page.getByLabel('push events', { exact: true }).check();
  await picture(page, 'token-scopes');
  await make('scanner');
  await page.getByText('The token scanner is made.').waitFor();
  const token = await page.locator('.secret').textContent();
  await page.getByRole('row', { name: /^scanner/ }).getByText('only: push events').waitFor();
  assert.equal((await daemon.push({ team: 'demo', type: 'scan.failed' }, { token })).status, 202);
  assert.equal((await daemon.request('GET', '/v1/teams/demo/deliveries', { token })).status, 403);
  await page.getByLabel('Role').selectOption('member');
  assert.deepEqual(await checked(), ['read notifications', 'read the event and channel types']);
  await page.getByLabel('change channels, rules and silences, and send again', { exact: true }).check();
  await make('keeper');
  await page.getByText('The token keeper is made.').waitFor();
  const keeper = await page.locator('.secret').textContent();
  assert.equal((await daemon.request('GET', '/v1/teams/demo/channels', { token: keeper })).status, 200);
  await page.getByLabel('Role').selectOption('admin');
  await make('whole');
  await page.getByText('The token whole is made.').waitFor();
  const { tokens } = (await daemon.request('GET', '/v1/tokens', { token: OPERATOR })).body;
  const scopes = (name) => tokens.find((each) => each.name === name).scopes;
  assert.deepEqual([scopes('scanner'), scopes('keeper'), scopes('whole')], [['push_events'], ['read_inbox', 'read_catalogue', 'manage_integrations'], undefined]);
  assert.deepEqual(person.complaints, []);
});

test('an operator sees what became of a plugin in its sandbox, and lets it run again', async () => {
  const daemon = await stage.daemon({
    plugins: [...ALL_PLUGINS, faulty('aborts')],
    channels: '[[team.channel]]\nname = "bad"\ntype = "test.aborts"\nevents = ["scan.failed"]\nretry = ["100ms", "100ms", "100ms"]\n',
  });
  const sandboxOf = async () => (await daemon.request('GET', '/v1/plugins', { token: OPERATOR })).body.plugins.find((each) => each.path.includes('aborts')).sandbox;
  for (let n = 0; (await sandboxOf()).state !== 'quarantined'; ++n) {
    await push(daemon, { type: 'scan.failed', title: `To the bad one ${n}` });
    const { last_fault_at } = await sandboxOf();
    await until(async () => (await sandboxOf()).last_fault_at !== last_fault_at || (await sandboxOf()).state === 'quarantined', 'it crashed once more');
  }
  const { person, page } = await stage.signIn(daemon, ROOT);
  await open(page, 'overview');
  await page.getByText('The plugin of test.aborts is in quarantine').waitFor();
  await open(page, 'plugins');
  const row = page.locator('.rows li', { hasText: 'test.aborts' }).first();
  await row.getByText('In quarantine').waitFor();
  await row.getByText(/SIGABRT/).waitFor();
  await row.getByText('a process of its own, in a sandbox').waitFor();
  await picture(page, 'plugin-quarantined');
  await row.getByRole('button', { name: 'Let it run again' }).click();
  await page.getByText('It runs again').waitFor();
  assert.deepEqual(person.complaints, []);
});

test('an operator sees why a plugin is not loaded; an admin does not see the page', async () => {
  const daemon = await stage.daemon({ plugins: [...ALL_PLUGINS, faulty('no_entry')] });
  const { person, page } = await stage.signIn(daemon, ROOT);
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByText('A plugin is not loaded: no_entry.so').waitFor();
  await page.getByRole('link', { name: 'View: A plugin is not loaded' }).click();
  await page.getByRole('heading', { name: 'Plugins', level: 1 }).waitFor();
  await page.locator('.rows li').first().getByText('Not loaded').waitFor();
  await page.getByRole('link', { name: 'demo / siem' }).waitFor();
  await picture(page, 'plugins');
  assert.deepEqual(person.complaints, []);
  const admin = await stage.signIn(daemon);
  assert.equal(await admin.page.getByRole('link', { name: 'Plugins' }).count(), 0);
  for (const view of ['plugins', 'keys']) {
    await open(admin.page, view);
    await admin.page.getByRole('heading', { name: 'Not for your role' }).waitFor();
  }
});

test('an operator rotates the master key and sees it end', async () => {
  const daemon = await stage.daemon();
  for (let n = 0; n < 5; ++n) {
    await ask(daemon, 'POST', 'channels', { name: `c${n}`, type: 'webhook', settings: { url: stage.receiver.url(`/${n}`), secret: `a-secret-of-many-${n}` } });
  }
  const { person, page } = await stage.signIn(daemon, ROOT);
  await page.getByRole('link', { name: 'Keys' }).click();
  await page.getByText('Everything is sealed with the active key').waitFor();
  assert.ok(await page.getByRole('button', { name: 'Rotate' }).isDisabled());
  writeConfig(daemon.folder, {
    plugins: ALL_PLUGINS, extra: writeKeys(daemon.folder, ['k1', 'k2']),
    teams: `[[team]]\nname = "demo"\n${webhook('siem', stage.receiver.url())}\n[[team]]\nname = "other"\n`,
  });
  daemon.signal('SIGHUP');
  await until(async () => (await daemon.request('GET', '/v1/keys', { token: OPERATOR })).body.keys.some((key) => key.id === 'k2' && key.active), 'the second key is active');
  await page.reload();
  await page.getByText(/\d+ secrets are sealed with an older key/).waitFor();
  await picture(page, 'keys');
  await page.getByRole('button', { name: 'Rotate' }).click();
  await page.getByText('Everything is sealed with the active key').waitFor();
  assert.equal(await page.getByRole('row', { name: /^k1/ }).getByRole('cell').last().textContent(), '0');
  await picture(page, 'keys-rotated');
  assert.deepEqual(person.complaints, []);
});

test('the overview says what needs attention first, and draws the last hour', async () => {
  let status = 200;
  const daemon = await stage.daemon({ channels: webhook('siem', (stage.kept(await Receiver.start(() => ({ status })))).url(), { options: 'retry = ["100ms"]' }) });
  const { person, page } = await stage.signIn(daemon);
  await page.getByRole('link', { name: 'Overview' }).click();
  await page.getByText('Nothing needs attention.').waitFor();
  for (let n = 0; n < 6; ++n) await daemon.settled(await push(daemon, { title: `Finding ${n}` }));
  status = 400;
  for (let n = 0; n < 2; ++n) await daemon.settled(await push(daemon, { title: `Lost ${n}` }));
  await page.reload();
  await page.getByText('2 deliveries failed in the last hour').waitFor();
  await page.getByRole('img', { name: /^Events per minute: \d+ in the last hour/ }).waitFor();
  assert.equal(await page.locator('.plot canvas').count(), 3);
  const row = page.getByRole('row', { name: /siem/ });
  assert.deepEqual((await row.getByRole('cell').allTextContents()).slice(2, 4), ['6', '2']);
  assert.match(await page.locator('.numbers').textContent(), /Delivery time, 95th percentile\d+(\.\d)? m?s/);
  await picture(page, 'overview');
  await page.getByRole('link', { name: /View: 2 deliveries/ }).click();
  await until(async () => (await page.locator('tbody tr').count()) === 2, 'the failed ones');
  assert.match(page.url(), /deliveries\?state=failed/);
  assert.deepEqual(person.complaints, []);
});
