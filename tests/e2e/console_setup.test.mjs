// The set-up sections of the first description as people's journeys in a browser: Slack with a rule and a default, email over
// a real exim, Teams, a webhook with its delivery log; quiet hours, a third party's form, and a form half filled.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { judge as judgeCard } from './adaptive_card.mjs';
import { judge as judgeBlocks } from './block_kit.mjs';
import { picture } from './browser.mjs';
import { ALL_PLUGINS, Stage, ask, open, push } from './console.mjs';
import { Receiver, makeFolder, until } from './lib.mjs';
import { Exim, makeCertificate } from './mail.mjs';

const stage = await Stage.start(after);
const folder = makeFolder();
const certificate = makeCertificate(folder);
const tls = { key: fs.readFileSync(certificate.key), cert: fs.readFileSync(certificate.cert) };

// From the list of integrations to the form of a type.
async function connect(page, type, name) {
  await page.getByRole('navigation').getByRole('link', { name: 'Integrations' }).click();
  await page.getByRole('link', { name: `Connect ${type}` }).click();
  await page.getByLabel('Name', { exact: true }).fill(name);
}
const delivered = (page) => page.getByText(/^Delivered/).first().waitFor();

test('Slack: paste the address, test, save; the rule of the example in three clicks; the rest goes to the default', async () => {
  const slack = stage.kept(await Receiver.start(() => ({ status: 200, body: 'ok' }), tls));
  const daemon = await stage.daemon({ ca: certificate.cert, channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  await connect(page, 'Slack', 'general');
  await page.getByLabel('URL').fill(slack.url('/services/T0/B0/general'));
  await page.getByLabel('Default channel of its type').check();
  await page.getByRole('button', { name: 'Save and send test' }).click();
  await delivered(page);
  await connect(page, 'Slack', 'critical');
  await page.getByLabel('URL').fill(slack.url('/services/T0/B0/critical'));
  await page.getByRole('button', { name: 'Save and send test' }).click();
  await delivered(page);
  await picture(page, 'journey-slack-tested');
  await until(() => slack.requests.length === 2, 'both tests have arrived');

  await page.getByRole('navigation').getByRole('link', { name: 'Rules' }).click();
  await page.getByRole('link', { name: 'Critical and high security alerts to one channel' }).click(); // one
  assert.ok(await page.getByRole('checkbox', { name: 'critical', exact: true }).isChecked(), 'the one that is no default is chosen'); // two, where it is another
  await page.getByText(/^Of \d+ events? this rule would have matched \d+\.$/).waitFor();
  await page.getByRole('button', { name: 'Create' }).click(); // three
  await page.getByText('Security alert · Critical, High').waitFor();
  await page.getByText('the default channel of slack').waitFor();
  await picture(page, 'journey-slack-rules');

  const breach = await push(daemon, { title: 'Public bucket' });
  const failed = await push(daemon, { type: 'scan.failed', severity: 'medium', category: 'system_notification', title: 'Nightly scan failed' });
  for (const id of [breach, failed]) await daemon.settled(id);
  const to = slack.requests.slice(2).map((request) => [request.url.split('/').pop(), JSON.parse(request.body)]);
  assert.deepEqual(to.map(([where]) => where).sort(), ['critical', 'general']);
  for (const [where, body] of to) {
    judgeBlocks(JSON.stringify(body));
    assert.match(JSON.stringify(body), where === 'critical' ? /Public bucket/ : /Nightly scan failed/);
  }
  // Writing another rule shows what it would have matched, and where that goes now.
  await page.getByRole('link', { name: 'New rule' }).click();
  await page.getByLabel('general', { exact: true }).check();
  await page.getByText('Of 2 events this rule would have matched 2.').waitFor();
  await page.getByText('1 of them goes to critical now').waitFor();
  await page.getByText('1 would go to other channels than now.').waitFor();
  await page.getByLabel('Event types').fill('scan.*');
  await page.getByText('Of 2 events this rule would have matched 1.').waitFor();
  await page.getByText('None would go to other channels than now.').waitFor();
  await page.getByText('The newest of them').click();
  await page.getByRole('link', { name: 'Nightly scan failed' }).waitFor();
  await page.getByText('Saved.').waitFor({ state: 'detached' });
  await page.evaluate(() => scrollTo(0, 0));
  await picture(page, 'journey-rule-preview', { fullPage: false });
  await page.getByLabel('Event types').fill('scan.fialed');
  await page.getByText(/can never match/).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('email: the connection is tested against a real mail server, then a message', async () => {
  const exim = stage.kept(await Exim.start(makeFolder(), certificate));
  const daemon = await stage.daemon({ ca: certificate.cert, channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  await connect(page, 'Email (SMTP)', 'mail');
  await page.getByLabel('SMTP server').fill('127.0.0.1');
  await page.getByLabel('SMTP port').fill(String(exim.port));
  await page.getByLabel('User name').fill('u');
  await page.getByLabel('Password').fill('wrong');
  await page.getByLabel('From address').fill('alerts@example.com');
  await page.getByLabel('Recipients').fill('ops@example.com');
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.locator('.notice.bad').getByText(/password|sign|credential|authent/i).first().waitFor();
  await picture(page, 'journey-mail-wrong-password');
  await page.locator('input[type=password]').fill('p');
  await page.getByRole('button', { name: 'Test connection' }).click();
  await page.locator('.notice.good').getByText(/connect|sign/i).first().waitFor();
  assert.equal((await exim.mails()).length, 0, 'testing the connection sends nothing');
  await page.getByRole('button', { name: 'Send test' }).click();
  await delivered(page);
  const [mail] = await until(async () => {
    const mails = await exim.mails();
    return mails.length > 0 && mails;
  }, 'exim has the mail');
  assert.equal(mail.to.value[0].address, 'ops@example.com');
  await picture(page, 'journey-mail');
  assert.deepEqual(person.complaints, []);
});

test('Teams: a card arrives, and the page says that accepted is not shown', async () => {
  const teams = stage.kept(await Receiver.start(() => ({ status: 202 }), tls));
  const daemon = await stage.daemon({ ca: certificate.cert, channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  await connect(page, 'Microsoft Teams', 'secops');
  await page.getByLabel('URL').fill('https://acme.webhook.office.com/webhookb2/x');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('[aria-invalid] ~ .fault, .notice.bad').first().waitFor();
  await page.getByLabel('URL').fill(teams.url('/workflows/0a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=canary'));
  await page.getByRole('button', { name: 'Save and send test' }).click();
  await page.getByText(/accepted/i).first().waitFor();
  judgeCard(teams.requests[0].body);
  await picture(page, 'journey-teams');
  assert.deepEqual(person.complaints, []);
});

test('a webhook: its log while it happens, failures sent again after they were counted', async () => {
  let status = 400;
  const hook = stage.kept(await Receiver.start(() => ({ status, body: 'the queue is full' })));
  const daemon = await stage.daemon({ channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  await connect(page, 'Webhook', 'siem');
  await page.getByLabel('URL').fill(hook.url());
  await page.getByLabel('Subscribes to').fill('finding.*');
  await page.getByText('Quiet hours, digests and retries').click();
  await page.getByLabel('Waits before each further try').fill('100ms');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();

  await page.getByRole('navigation').getByRole('link', { name: 'Deliveries' }).click();
  await page.getByLabel('Channel').selectOption('siem');
  await page.getByText('No deliveries match').waitFor();
  const ids = []; // few: a breaker would open
  for (let n = 0; n < 2; ++n) ids.push(await push(daemon, { title: `Finding ${n}` }));
  for (const id of ids) await daemon.settled(id);
  await until(async () => (await page.locator('tbody .pill.bad').count()) === 2, 'they appear by themselves, and how they ended');
  await page.getByLabel('State').selectOption('failed');
  await page.getByRole('button', { name: 'Count them' }).click();
  await page.getByText('2 deliveries would be sent again.').waitFor();
  await picture(page, 'journey-webhook-bulk');
  status = 200;
  const before = hook.requests.length;
  await page.getByRole('button', { name: 'Send 2 again' }).click();
  await page.getByText('2 deliveries are sent again.').waitFor();
  await until(() => hook.requests.length === before + 2, 'they arrive');
  await page.getByLabel('State').selectOption('delivered');
  await until(async () => (await page.locator('tbody tr').count()) === 2, 'the log says so');
  await page.locator('tbody a').first().click();
  await page.getByText('Attempt 3').waitFor();
  await page.getByText('What the receiver answered').first().click();
  await page.getByText('the queue is full').first().waitFor();
  await picture(page, 'journey-webhook-delivery');
  assert.deepEqual(person.complaints, []);
});

test('rules are put into order by buttons and by dragging, and the team has default alerts of its own', async () => {
  const daemon = await stage.daemon();
  for (const name of ['first', 'second', 'third']) await ask(daemon, 'POST', 'rules', { name, channels: ['siem'] });
  const order = async () => (await ask(daemon, 'GET', 'rules')).rules.map((rule) => rule.name);
  const { person, page } = await stage.signIn(daemon);
  await page.getByRole('navigation').getByRole('link', { name: 'Rules' }).click();
  assert.ok(await page.getByRole('button', { name: 'Move first up' }).isDisabled());
  await page.getByRole('button', { name: 'Move first down' }).click();
  await page.getByText('first is number 2 now.').waitFor();
  assert.deepEqual(await order(), ['second', 'first', 'third']);
  await page.locator('.rule').filter({ hasText: 'third' }).dragTo(page.locator('.rule').filter({ hasText: 'second' }));
  await page.getByText('third is number 1 now.').waitFor();
  assert.deepEqual(await order(), ['third', 'second', 'first']);
  await picture(page, 'journey-rule-order');
  // Somebody else makes a rule meanwhile: the daemon refuses, and what it has comes back.
  await ask(daemon, 'POST', 'rules', { name: 'fourth', channels: ['siem'] });
  await page.getByRole('button', { name: 'Move second up' }).click();
  await page.locator('.rule').filter({ hasText: 'fourth' }).waitFor();
  assert.deepEqual(await page.locator('.rule .strong').allTextContents(), ['third', 'second', 'first', 'fourth']);

  await page.getByText('Default alerts, out of the box:').waitFor();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByLabel('Default alerts').fill('finding.created urgent');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.locator('.last-rule .notice.bad').waitFor();
  await page.getByLabel('Default alerts').fill('finding.created critical\nsla.breached');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Default alerts of this team: finding.created from Critical up, sla.breached').waitFor();
  await page.getByRole('button', { name: 'Change' }).click();
  await page.getByRole('button', { name: 'Back to those out of the box' }).click();
  await page.getByText('Default alerts, out of the box:').waitFor();
  assert.deepEqual(person.complaints, []);
});

test('quiet hours are set in the form, hold what comes, and let critical through', async () => {
  const hook = stage.kept(await Receiver.start());
  const daemon = await stage.daemon({ channels: ' ' });
  const { person, page } = await stage.signIn(daemon, undefined, { timezoneId: 'Europe/Berlin' });
  const clock = (ms) => new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Berlin', hour: '2-digit', minute: '2-digit' }).format(new Date(Date.now() + ms));
  await connect(page, 'Webhook', 'chat');
  await page.getByLabel('URL').fill(hook.url());
  await page.getByLabel('Subscribes to').fill('*');
  await page.getByText('Quiet hours, digests and retries').click();
  await page.getByRole('button', { name: 'Add quiet hours' }).click();
  await page.getByLabel('From', { exact: true }).fill(clock(-3_600_000));
  await page.getByLabel('To', { exact: true }).fill(clock(3_600_000));
  assert.equal(await page.getByLabel('Time zone').inputValue(), 'Europe/Berlin');
  await picture(page, 'journey-quiet-hours');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByText('Saved.').waitFor();
  const low = await push(daemon, { severity: 'low', title: 'Can wait' });
  await daemon.settled(await push(daemon, { title: 'Cannot' }));
  assert.equal(hook.requests.length, 1);
  const held = (await daemon.event(low)).deliveries.find((each) => each.channel === 'chat');
  await open(page, `deliveries/${held.id}`);
  await page.getByText(/quiet hours, at/).waitFor();
  await open(page, 'integrations/chat');
  await page.getByRole('button', { name: 'Delete: Quiet hours 1' }).click();
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await until(async () => (await ask(daemon, 'GET', 'channels/chat')).quiet === undefined, 'it is stored');
  await daemon.settled(await push(daemon, { severity: 'low', title: 'Need not wait' }));
  assert.equal(hook.requests.length, 2);
  assert.deepEqual(person.complaints, []);
});

test("a third party's channel has its form from its schema alone", async () => {
  const source = new URL('../../', import.meta.url).pathname;
  const library = path.join(folder, 'ntfy.so');
  execFileSync('g++', ['-std=c++20', '-shared', '-fPIC', '-fvisibility=hidden', `-I${source}sdk/include`, '-o', library, `${source}examples/ntfy/ntfy.cpp`]);
  const server = stage.kept(await Receiver.start(() => ({ status: 200, body: '{}' })));
  const daemon = await stage.daemon({ plugins: [...ALL_PLUGINS, library], channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  await connect(page, 'ntfy', 'phone');
  await page.getByLabel('Topic').fill('not a topic');
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.locator('#f-settings-topic[aria-invalid]').waitFor();
  await page.getByLabel('Topic').fill('alerts-7f3a');
  await page.getByLabel('Server').fill(server.url('').replace(/\/$/, ''));
  await page.getByLabel('Access token').fill('tk_canary');
  await page.getByRole('button', { name: 'Save and send test' }).click();
  await delivered(page);
  assert.equal(server.requests[0].headers.authorization, 'Bearer tk_canary');
  await picture(page, 'journey-third-party');
  assert.deepEqual(person.complaints, []);
});

test('a form half filled survives a reload, but for its secrets; a request can be taken along as curl', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon, undefined, { permissions: ['clipboard-read', 'clipboard-write'] });
  await connect(page, 'Webhook', 'half');
  await page.getByLabel('URL').fill('https://example.com/hook');
  await page.getByLabel('Signing secret').first().fill('canary-of-a-secret');
  await page.getByLabel('Subscribes to').fill("scan.*\nuser.login");
  await page.getByRole('button', { name: 'Copy as curl' }).click();
  await page.getByText('Copied.').waitFor();
  const command = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(command, /^curl -sS -X POST "\$TOCSIN_URL"'\/v1\/teams\/demo\/channels'/);
  assert.ok(!command.includes('canary'), 'a secret stays here');
  const kept = await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }));
  assert.ok(kept.includes('half') && !kept.includes('canary'), kept);
  await page.reload();
  await page.getByText('What you had typed here is back').waitFor();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'half');
  assert.equal(await page.getByLabel('Subscribes to').inputValue(), 'scan.*\nuser.login');
  assert.equal(await page.getByLabel('Signing secret').first().inputValue(), '');
  await picture(page, 'journey-draft');
  await page.getByRole('button', { name: 'Discard it' }).click();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), '');
  assert.equal(await page.getByLabel('Subscribes to').inputValue(), '');

  await open(page, 'rules/+');
  await page.getByLabel('Name', { exact: true }).fill('kept');
  await page.reload();
  assert.equal(await page.getByLabel('Name', { exact: true }).inputValue(), 'kept');
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in to tocsin' }).waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0, 'who signs in next is somebody else');
  assert.deepEqual(person.complaints, []);
});
