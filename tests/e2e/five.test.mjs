// One event through all five channels at once, and what must not leak on any of their ways: every secret setting holds a
// canary, and afterwards it is in no log line, no table, no answer, no error and no metric.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { BUILD, Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, writeConfig } from './lib.mjs';
import { Exim, MailServer, makeCertificate } from './mail.mjs';
import { Stream } from './sse.mjs';

const run = promisify(execFile);
const kept = keeper(after);
const plugins = ['slack', 'smtp', 'teams', 'webhook', 'in_app'].map(plugin);
const golden = (file) => fs.readFileSync(new URL(`../plugins/${file}`, import.meta.url), 'utf8');

const WEBHOOK_SECRET = 'whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5';
const WORKFLOW = '/workflows/0a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=canary-s1g';
const channel = (name, type, settings, options = '') => `
[[team.channel]]
name = "${name}"
type = "${type}"
events = ["*"]
${options}
[team.channel.settings]
${settings}
`;
const mailSettings = (port, more = '') => `server = "127.0.0.1"\nport = ${port}\nusername = "u"\npassword = "p"\nfrom = "alerts@example.com"\nto = ["ops@example.com"]\n${more}`;

test('one event leaves through all five channels, as their golden files say, and the log has it all', async () => {
  const folder = makeFolder();
  const certificate = makeCertificate(folder);
  const tls = { key: fs.readFileSync(certificate.key), cert: fs.readFileSync(certificate.cert) };
  const exim = kept(await Exim.start(folder, certificate));
  const slack = kept(await Receiver.start(() => ({ status: 200, body: 'ok' }), tls));
  const teams = kept(await Receiver.start(() => ({ status: 202 }), tls));
  const siem = kept(await Receiver.start(() => ({ status: 204 }), tls));
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, {
    plugins, ca: certificate.cert,
    teams: '[[team]]\nname = "demo"\n' + channel('slack', 'slack', `url = "${slack.url('/services/T0/B0/canary')}"`) +
      channel('mail', 'smtp', mailSettings(exim.port)) + channel('teams', 'teams', `url = "${teams.url(WORKFLOW)}"`) +
      channel('siem', 'webhook', `url = "${siem.url('/in')}"\nsecret = "${WEBHOOK_SECRET}"`),
  })));
  const stream = kept(await Stream.open(daemon, 'demo', OPERATOR));

  const pushed = await daemon.push({
    id: 'golden-1', type: 'finding.created', severity: 'critical', source: 'cspm', time: '2026-11-23T08:00:00Z',
    title: 'Public bucket with customer data', summary: 'The bucket acme-exports is readable by anyone.\nIt holds 4 objects.',
    link: 'https://console.example.com/findings/f-1?tab=a&b=c', labels: { account: '1234', env: 'prod' },
  });
  assert.equal(pushed.status, 202, pushed.text);
  assert.deepEqual(pushed.body.deliveries.map((d) => d.channel).sort(), ['in-app', 'mail', 'siem', 'slack', 'teams']);
  const event = await daemon.settled(pushed.body.id);
  const states = Object.fromEntries(event.deliveries.map((d) => [d.channel, d.state]));
  assert.deepEqual(states, { slack: 'delivered', mail: 'delivered', teams: 'accepted', siem: 'delivered', 'in-app': 'delivered' });
  for (const delivery of event.deliveries) {
    assert.equal(delivery.attempts.length, 1, delivery.channel);
    const [attempt] = delivery.attempts;
    assert.ok(Date.parse(attempt.started) > 0 && attempt.duration_ms >= 0, delivery.channel);
    assert.match(attempt.outcome, /^(delivered|accepted)$/);
    if (delivery.channel !== 'in-app') assert.match(attempt.remote_address, /^127\.0\.0\.1:\d+$/, delivery.channel);
  }

  // The bytes that Slack got, with the ids of the golden file.
  const dlv = event.deliveries.find((d) => d.channel === 'slack').id;
  const asGolden = slack.requests[0].body.toString().replaceAll('golden-1', 'evt_1').replaceAll(dlv, 'dlv_01JDB8Z6Q0000000000000001A');
  assert.equal(asGolden, golden('slack/golden/finding.json'));
  const card = JSON.parse(teams.requests[0].body).attachments[0].content;
  assert.equal(card.version, '1.4');
  assert.equal(teams.requests[0].url, WORKFLOW, 'the query leaves byte for byte');
  const payload = new Webhook(WEBHOOK_SECRET).verify(siem.requests[0].body, siem.requests[0].headers);
  assert.equal(payload.data.title, 'Public bucket with customer data');

  const [mail] = await until(async () => {
    const mails = await exim.mails();
    return mails.length > 0 && mails;
  }, 'exim has the mail in its Maildir');
  assert.equal(mail.subject, '[Critical] Public bucket with customer data');
  assert.equal(mail.from.value[0].address, 'alerts@example.com');
  assert.equal(mail.to.value[0].address, 'ops@example.com');
  assert.match(mail.text, /It holds 4 objects\./);
  assert.match(mail.html, /<h1[^>]*>Public bucket with customer data<\/h1>/);
  assert.match(mail.messageId, /^<dlv_.*@example\.com>$/);
  assert.equal(mail.headers.get('auto-submitted'), 'auto-generated');

  const item = await stream.next('item');
  assert.equal(item.data.title, 'Public bucket with customer data');
  assert.equal(item.data.key, event.deliveries.find((d) => d.channel === 'in-app').id);
});

test('no secret of any channel is anywhere but on its way, whatever the receivers answer', async () => {
  const folder = makeFolder();
  const certificate = makeCertificate(folder);
  const echo = (request) => ({ status: 500, body: `you sent ${request.url} ${JSON.stringify(request.headers)} ${request.body}` });
  const rude = kept(await Receiver.start(echo));
  const mailServer = kept(await MailServer.start(certificate, {
    onAuth: (auth, _session, done) => done(Object.assign(new Error(`5.7.8 no ${auth.username} with ${auth.password}`), { responseCode: 535 })),
  }));
  const settings = [
    channel('slack', 'slack', `url = "${rude.url('/services/T0/B0/canary-slack')}"`),
    channel('teams', 'teams', `url = "${rude.url(WORKFLOW.replace('canary-s1g', 'canary-teams'))}"`),
    channel('siem', 'webhook', `url = "${rude.url('/in')}"\nsecret = "canary-webhook-secret"\nprevious_secrets = [{ secret = "canary-previous", until = "2099-01-01T00:00:00Z" }]\nheaders = { Authorization = "Bearer canary-header" }\ngithub_signature = true`),
    channel('mail', 'smtp', `server = "127.0.0.1"\nport = ${mailServer.port}\nusername = "u@example.com"\npassword = "canary-p4ssword"\nto = ["ops@example.com"]`),
  ].join('');
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, { plugins, ca: certificate.cert, teams: `[[team]]\nname = "demo"\n${settings}` })));
  const pushed = await daemon.push({ type: 'scan.failed', title: 'x' });
  const event = await until(async () => {
    const found = await daemon.event(pushed.body.id);
    return found?.deliveries.every((d) => d.attempts.length > 0) && found;
  }, 'every channel has tried');
  assert.ok(rude.requests.length >= 3, 'the receivers were really asked');
  assert.ok(rude.requests.some((r) => r.headers.authorization === 'Bearer canary-header'), 'the secrets really went out');

  const answers = [JSON.stringify(event)];
  for (const target of ['/metrics', '/readyz?verbose', '/v1/plugins', '/v1/channel-types', '/v1/teams/demo/deliveries', '/v1/teams/demo/inbox', `/v1/events/${pushed.body.id}/explain`]) {
    answers.push((await daemon.request('GET', target, { token: OPERATOR })).text);
  }
  // Errors about settings that hold secrets.
  const broken = fs.readFileSync(daemon.config, 'utf8').replace('/services/T0', '/triggers/T0').replace('sig=canary-teams', 'sigg=canary-teams').replace('canary-webhook-secret', 'whsec_canary-webhook-secret');
  fs.writeFileSync(path.join(folder, 'broken.toml'), broken);
  const checked = await run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', path.join(folder, 'broken.toml')]).catch((error) => error);
  assert.match(checked.stdout + checked.stderr, /Workflow Builder trigger/);
  answers.push(checked.stdout, checked.stderr);
  await daemon.stop();
  const stored = fs.readdirSync(path.join(folder, 'data')).map((file) => fs.readFileSync(path.join(folder, 'data', file), 'latin1'));
  for (const text of [daemon.said(), ...answers, ...stored]) {
    const leak = text?.match(/.{0,60}canary.{0,40}/);
    assert.equal(leak, null, `a secret leaked: ${leak?.[0]}`);
  }
});
