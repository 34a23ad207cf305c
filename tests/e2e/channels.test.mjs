// Testing channels as an admin does: over the API and by the command, of every type, against real peers; what passes and
// what holds, and that a test that arrives brings a disabled channel back.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Webhook } from 'standardwebhooks';
import { BUILD, Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';
import { writeKeys } from './console.mjs';
import { Exim, MailServer, freePort, makeCertificate } from './mail.mjs';
import { Stream } from './sse.mjs';

const run = promisify(execFile);
const kept = keeper(after);
const plugins = ['slack', 'smtp', 'teams', 'webhook', 'in_app'].map(plugin);
const SECRET = 'whsec_Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5Y2FuYXJ5';
const WORKFLOW = '/workflows/0a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s1g';
const channel = (name, type, settings, options = '') => `
[[team.channel]]
name = "${name}"
type = "${type}"
events = ["finding.created"]
${options}
[team.channel.settings]
${settings}
`;
const mail = (port, more = 'username = "u"\npassword = "p"') =>
  `server = "127.0.0.1"\nport = ${port}\nfrom = "alerts@example.com"\nto = ["ops@example.com"]\n${more}`;

const tests = (daemon, name, body) =>
  daemon.request('POST', `/v1/teams/demo/channels/${name}/test`, { token: OPERATOR, body });
const status = async (daemon, name) =>
  (await daemon.request('GET', `/v1/teams/demo/channels/${name}/status`, { token: OPERATOR })).body;
const command = (daemon, ...words) =>
  run(path.join(BUILD, 'bin', 'tocsin'), ['--url', `http://127.0.0.1:${daemon.port}`, '--token', OPERATOR, ...words]).catch((error) => error);
const teamOf = (channels) => `[[team]]\nname = "demo"\n${channels}`;

test('every type of channel takes a test message, which says that it is one and goes nowhere else', async () => {
  const folder = makeFolder();
  const certificate = makeCertificate(folder);
  const tls = { key: fs.readFileSync(certificate.key), cert: fs.readFileSync(certificate.cert) };
  const exim = kept(await Exim.start(folder, certificate));
  const slack = kept(await Receiver.start(() => ({ status: 200, body: 'ok' }), tls));
  const teams = kept(await Receiver.start(() => ({ status: 202 }), tls));
  const siem = kept(await Receiver.start(() => ({ status: 204 }), tls));
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, {
    plugins, ca: certificate.cert,
    teams: teamOf(channel('slack', 'slack', `url = "${slack.url('/services/T0/B0/xyz')}"`) + channel('mail', 'smtp', mail(exim.port)) +
      channel('digest', 'smtp', mail(exim.port), 'digest = { daily = "08:00", zone = "Europe/Berlin" }') +
      channel('teams', 'teams', `url = "${teams.url(WORKFLOW)}"`) + channel('siem', 'webhook', `url = "${siem.url('/in')}"\nsecret = "${SECRET}"`)),
  })));
  const stream = kept(await Stream.open(daemon, 'demo', OPERATOR));

  const results = {};
  for (const name of ['slack', 'mail', 'digest', 'teams', 'siem', 'in-app']) {
    const answer = await tests(daemon, name);
    assert.equal(answer.status, 200, `${name}: ${answer.text}`);
    results[name] = answer.body;
    const event = await daemon.event(answer.body.event);
    assert.equal(event.type, 'channel.test');
    assert.deepEqual(event.deliveries.map((d) => d.channel), [name], 'no other channel gets it');
    assert.equal(event.deliveries[0].attempts.length, 1);
  }
  for (const name of ['slack', 'mail', 'digest', 'siem', 'in-app']) {
    assert.equal(results[name].result, 'delivered', JSON.stringify(results[name]));
    assert.match(results[name].message, /^Delivered: the receiver confirmed it in \d+ ms\./);
  }
  assert.equal(results.teams.result, 'accepted');
  assert.match(results.teams.message, /^Accepted: look at the channel\./);

  assert.match(slack.requests[0].body.toString(), /[Tt]est/);
  assert.equal(slack.requests.length, 1);
  assert.match(teams.requests[0].body.toString(), /[Tt]est/);
  const payload = new Webhook(SECRET).verify(siem.requests[0].body, siem.requests[0].headers);
  assert.equal(payload.type, 'channel.test');
  const mails = await until(async () => {
    const found = await exim.mails();
    return found.length === 2 && found;
  }, 'both mails are in the Maildir; the digest did not wait for its window');
  for (const each of mails) assert.match(each.subject, /[Tt]est/);
  const item = await stream.next('item');
  assert.equal(item.data.type, 'channel.test');

  const listed = await command(daemon, 'channels', '--team', 'demo');
  for (const name of Object.keys(results)) assert.match(listed.stdout, new RegExp(`demo +${name} .*ready`));
  const said = await command(daemon, 'test', 'demo', 'siem');
  assert.match(said.stdout, /^Delivered: the receiver confirmed it.*\nevent evt_\w+, delivery dlv_\w+\n$/);
});

test('an SMTP connection is tested without a mail, and each fault is named', async () => {
  const folder = makeFolder();
  const certificate = makeCertificate(folder);
  const wrong = makeCertificate(folder, { name: 'DNS:elsewhere.example', prefix: 'wrong' });
  const exim = kept(await Exim.start(folder, certificate));
  const plain = kept(await MailServer.start(certificate, { hideSTARTTLS: true, disabledCommands: ['STARTTLS'] }));
  const noAuth = kept(await MailServer.start(certificate, { authOptional: true, disabledCommands: ['AUTH'] }));
  const badName = kept(await MailServer.start(wrong));
  const closed = await freePort();
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, {
    plugins, ca: certificate.cert,
    teams: teamOf(channel('good', 'smtp', mail(exim.port)) + channel('implicit', 'smtp', mail(exim.tlsPort, 'username = "u"\npassword = "p"\nsecurity = "implicit"')) +
      channel('password', 'smtp', mail(exim.port, 'username = "u"\npassword = "wrong-s3cret"')) + channel('stripped', 'smtp', mail(plain.port)) +
      channel('noauth', 'smtp', mail(noAuth.port)) + channel('certificate', 'smtp', mail(badName.port)) + channel('closed', 'smtp', mail(closed))),
  })));
  const connection = { kind: 'connection' };
  for (const name of ['good', 'implicit']) {
    const answer = await tests(daemon, name, connection);
    assert.equal(answer.body.result, 'connected', answer.text);
    assert.match(answer.body.message, /^The connection works: answered in \d+ ms\./);
    assert.equal(answer.body.delivery, undefined);
  }
  const failures = {};
  for (const name of ['password', 'stripped', 'noauth', 'certificate', 'closed']) {
    const answer = await tests(daemon, name, connection);
    assert.equal(answer.status, 200);
    assert.equal(answer.body.result, 'failed', answer.text);
    assert.doesNotMatch(answer.text, /wrong-s3cret/);
    failures[name] = answer.body.message;
  }
  assert.match(failures.password, /password|credentials|auth/i);
  assert.match(failures.password, /Change the channel's settings and test again\.$/);
  assert.match(failures.stripped, /STARTTLS/);
  assert.match(failures.noauth, /AUTH|sign|log/i);
  assert.match(failures.certificate, /certificate/i);
  assert.match(failures.closed, /connect|refused/i);
  assert.deepEqual(await exim.mails(), [], 'nothing was sent');
  assert.deepEqual(plain.logins.concat(badName.logins), [], 'no password was shown to a server that is not trusted');
  const log = await daemon.request('GET', '/v1/teams/demo/deliveries', { token: OPERATOR });
  assert.deepEqual(log.body.deliveries, [], 'a look at the connection is no delivery');

  const done = await command(daemon, 'test', 'demo', 'good', '--connection');
  assert.match(done.stdout, /^The connection works/);
  const failed = await command(daemon, 'test', 'demo', 'password', '--connection');
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /^The connection does not work\./);
});

test('a test passes a pause and a disablement, is tried once, and brings a gone receiver back', async () => {
  const folder = makeFolder();
  let answer = { status: 410 };
  const receiver = kept(await Receiver.start(() => answer));
  const idle = kept(await Receiver.start());
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, {
    plugins,
    teams: teamOf(webhook('siem', receiver.url()) + webhook('idle', idle.url(), { options: 'paused = true' })),
  })));
  const first = await daemon.push({ type: 'scan.failed', title: 'one' });
  await until(async () => (await status(daemon, 'siem')).state === 'disabled', 'the channel is disabled');
  const waiting = await daemon.push({ type: 'scan.failed', title: 'two' });

  answer = { status: 500, body: 'oh dear' };
  const failed = await tests(daemon, 'siem');
  assert.equal(failed.body.result, 'failed');
  assert.equal(failed.body.attempt.http_status, 500);
  assert.match(failed.body.message, /^Not delivered\. .*This looks temporary/);
  const record = await daemon.request('GET', failed.headers.location, { token: OPERATOR });
  assert.equal(record.body.state, 'failed', 'nobody gets a test message an hour later');
  assert.equal((await status(daemon, 'siem')).state, 'disabled');

  answer = { status: 200 };
  assert.equal((await tests(daemon, 'siem')).body.result, 'delivered');
  const event = await daemon.settled(waiting.body.id).catch(() => undefined);
  const two = (event ?? await daemon.event(waiting.body.id)).deliveries.find((d) => d.channel === 'siem');
  assert.equal(two.state, 'delivered', 'what waited goes out');
  assert.equal((await status(daemon, 'siem')).state, 'ready');
  assert.equal((await daemon.event(first.body.id)).deliveries.find((d) => d.channel === 'siem').state, 'failed');

  assert.equal((await tests(daemon, 'idle')).body.result, 'delivered');
  assert.equal((await status(daemon, 'idle')).state, 'paused');
  assert.equal(idle.requests.length, 1, 'the alerts go on waiting');
});

test('a hanging receiver holds one test, and a test survives kill -9 to be tried once', async () => {
  const folder = makeFolder();
  let answer = { hang: true };
  const receiver = kept(await Receiver.start(() => answer));
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, { plugins, teams: teamOf(webhook('siem', receiver.url())) })));
  const lost = tests(daemon, 'siem').catch(() => undefined);
  await until(() => receiver.requests.length === 1, 'the test is under way');
  const second = await tests(daemon, 'siem');
  assert.equal(second.status, 409);
  assert.match(second.body.detail, /a test of this channel is under way/);
  await daemon.kill();
  await lost;
  answer = { status: 500 };
  await daemon.launch();
  const delivery = await until(async () => {
    const log = await daemon.request('GET', '/v1/teams/demo/deliveries', { token: OPERATOR });
    return log.body.deliveries.find((d) => d.event_type === 'channel.test' && d.channel === 'siem' && d.state === 'failed');
  }, 'the test ended');
  assert.equal(delivery.tries, 1);
  assert.equal(receiver.requests.length, 2);
});

test('a list of secrets that became shorter asks for them anew instead of guessing which one stays', async () => {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, {
    teams: '[[team]]\nname = "demo"\n', extra: writeKeys(folder, ['k1']),
  }));
  const settings = (previous) => ({ url: 'http://127.0.0.1:9/hook', secret: '••••', previous_secrets: previous });
  const put = (body) => daemon.request('PATCH', '/v1/teams/demo/channels/hook', { token: OPERATOR, body });
  const until = '2100-01-01T00:00:00Z';
  const secret = (n) => `a-previous-secret-of-the-hook-${n}`;
  const made = await daemon.request('POST', '/v1/teams/demo/channels', {
    token: OPERATOR, body: { name: 'hook', type: 'webhook', settings: { ...settings([{ secret: secret(1), until }, { secret: secret(2), until }]), secret: 'the-present-secret-of-the-hook' } },
  });
  assert.equal(made.status, 201, made.text);
  const shorter = await put({ settings: settings([{ secret: '••••', until }]) });
  assert.equal(shorter.status, 422, shorter.text);
  assert.equal(shorter.body.errors[0].pointer, '/settings/previous_secrets/0/secret');
  assert.match(shorter.body.detail, /give the secrets of this list anew/);
  assert.equal((await put({ settings: settings([{ secret: '••••', until }, { secret: '••••', until: '2099-01-01T00:00:00Z' }]) })).status, 200);
  assert.equal((await put({ settings: settings([{ secret: '••••', until }, { secret: '••••', until }, { secret: secret(3), until }]) })).status, 200);
  assert.equal((await put({ settings: settings([{ secret: secret(2), until }]) })).status, 200);
  assert.equal((await put({ settings: settings([]) })).status, 200);
  await daemon.kill();
});
