// The webhook channel before receivers that verify with other people's code: svix, standardwebhooks, OpenSSL by node:crypto.
// Secrets change with an overlap, keys are symmetric and not, and each mistake in the settings is named before it counts.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import crypto from 'node:crypto';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { Webhook as StandardWebhook } from 'standardwebhooks';
import { Webhook as SvixWebhook } from 'svix';
import { BUILD, Daemon, OPERATOR, Receiver, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const run = promisify(execFile);
const OLD = 'whsec_b2xkLWNhbmFyeS1vbGQtY2FuYXJ5LW9sZCE=';
const NEW = 'whsec_bmV3LWNhbmFyeS1uZXctY2FuYXJ5LW5ldyE=';
const running = [];
after(async () => {
  for (const each of running.reverse()) await each.stop();
});

const teams = (url, settings, more = {}) => `[[team]]\nname = "demo"\n${webhook('siem', url, { settings, ...more })}`;

async function start(settings, { answer, ...more } = {}) {
  const receiver = await Receiver.start(answer);
  running.push(receiver);
  const config = writeConfig(makeFolder(), { teams: teams(receiver.url('/in'), settings, more) });
  const daemon = await Daemon.start(path.dirname(config), config);
  running.push(daemon);
  return { receiver, daemon };
}
const finding = { type: 'finding.created', severity: 'high', title: 'Public bucket: überall 👩‍💻', source: 'cspm', labels: { env: 'prod' } };
async function deliver(daemon, receiver, event = finding) {
  const before = receiver.requests.length;
  const pushed = await daemon.push(event);
  const settled = await daemon.settled(pushed.body.id);
  return { request: receiver.requests[before], delivery: settled.deliveries[0], event: settled };
}
const fits = (Library, secret, request) => {
  try {
    return new Library(secret).verify(request.body, request.headers);
  } catch {
    return undefined;
  }
};

test('svix and standardwebhooks verify what is signed, and refuse it once a byte is another one', async () => {
  const { receiver, daemon } = await start(`secret = "${NEW}"`);
  const { request, event } = await deliver(daemon, receiver);
  for (const Library of [SvixWebhook, StandardWebhook]) {
    const payload = fits(Library, NEW, request);
    assert.equal(payload.data.id, event.id);
    assert.equal(payload.data.title, finding.title);
    assert.equal(fits(Library, OLD, request), undefined);
    const body = Buffer.from(request.body);
    body[body.length - 3] ^= 1;
    assert.equal(fits(Library, NEW, { ...request, body }), undefined);
    const stale = { ...request.headers, 'webhook-timestamp': String(Number(request.headers['webhook-timestamp']) - 600) };
    assert.equal(fits(Library, NEW, { ...request, headers: stale }), undefined);
  }
});

test('while a secret changes receivers with either one verify; after its time the old one no longer signs', { timeout: 60_000 }, async () => {
  const { receiver, daemon } = await start(`secret = "${OLD}"`);
  assert.ok(fits(SvixWebhook, OLD, (await deliver(daemon, receiver)).request));
  const reload = async (previousUntil) => {
    const before = daemon.log.length;
    const rotated = `secret = "${NEW}"\nprevious_secrets = [{ secret = "${OLD}", until = "${previousUntil.toISOString()}" }]`;
    writeConfig(daemon.folder, { teams: teams(receiver.url('/in'), rotated) });
    daemon.signal('SIGHUP');
    await until(() => daemon.log.slice(before).some((line) => line.message === 'configuration reloaded'), 'the daemon reloaded');
  };
  await reload(new Date(Date.now() + 3_600_000));
  const { request: both } = await deliver(daemon, receiver);
  assert.equal(both.headers['webhook-signature'].split(' ').length, 2, 'two signatures in one header');
  for (const Library of [SvixWebhook, StandardWebhook]) {
    for (const secret of [OLD, NEW]) assert.ok(fits(Library, secret, both), 'whichever secret the receiver has');
  }
  const end = new Date(Date.now() + 2000);
  await reload(end);
  await until(() => Date.now() > end.getTime(), 'the overlap is over', 10_000);
  const { request } = await deliver(daemon, receiver);
  assert.equal(request.headers['webhook-signature'].split(' ').length, 1);
  assert.ok(fits(SvixWebhook, NEW, request));
  assert.equal(fits(SvixWebhook, OLD, request), undefined, 'without a reload');
});

test('an Ed25519 key signs besides the secret, and its public half is enough to verify', async () => {
  const { publicKey, privateKey } = crypto.generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(-32).toString('base64');
  const { receiver, daemon } = await start(`secret = "${NEW}"\nsigning_key = "whsk_${seed}"`);
  const { request } = await deliver(daemon, receiver);
  const signatures = Object.fromEntries(request.headers['webhook-signature'].split(' ').map((each) => each.split(',')));
  const signed = Buffer.concat([Buffer.from(`${request.headers['webhook-id']}.${request.headers['webhook-timestamp']}.`), request.body]);
  assert.ok(crypto.verify(null, signed, publicKey, Buffer.from(signatures.v1a, 'base64')));
  assert.ok(!crypto.verify(null, Buffer.concat([signed, Buffer.from(' ')]), publicKey, Buffer.from(signatures.v1a, 'base64')));
  assert.ok(fits(StandardWebhook, NEW, request), 'a library that does not know v1a takes v1');
});

test('receivers made for GitHub verify X-Hub-Signature-256', async () => {
  const { receiver, daemon } = await start('secret = "plain text secret"\ngithub_signature = true');
  const { request } = await deliver(daemon, receiver);
  const mac = crypto.createHmac('sha256', 'plain text secret').update(request.body).digest('hex');
  assert.equal(request.headers['x-hub-signature-256'], `sha256=${mac}`);
});

test('as a CloudEvent: the required attributes, the event as its data, and signed all the same', async () => {
  const { receiver, daemon } = await start(`secret = "${NEW}"\nformat = "cloudevents"`);
  const { request, event } = await deliver(daemon, receiver, { ...finding, time: '2026-11-23T08:00:00Z' });
  assert.equal(request.headers['content-type'], 'application/cloudevents+json; charset=utf-8');
  const cloud = fits(SvixWebhook, NEW, request);
  assert.equal(cloud.specversion, '1.0');
  assert.equal(cloud.id, event.id);
  assert.equal(cloud.source, '/teams/demo/cspm');
  assert.equal(cloud.type, 'finding.created');
  assert.equal(Date.parse(cloud.time), Date.parse('2026-11-23T08:00:00Z'));
  assert.equal(cloud.datacontenttype, 'application/json');
  assert.equal(cloud.data.title, finding.title);
  for (const name of Object.keys(cloud)) assert.match(name, /^[a-z0-9]{1,20}$/, 'an attribute name of CloudEvents 1.0');
});

test('the receiver may give one message up, or want no more at all', async () => {
  const abort = await start('', { answer: (_, count) => (count === 1 ? { status: 500, headers: { 'webhook-delivery': 'abort-message' } } : { status: 200 }) });
  const given = await deliver(abort.daemon, abort.receiver);
  assert.equal(given.delivery.state, 'failed');
  assert.equal(given.delivery.attempts.length, 1, 'it is not tried again');
  assert.equal((await deliver(abort.daemon, abort.receiver)).delivery.state, 'delivered', 'the next one is');

  const gone = await start('', { answer: () => ({ status: 410 }) });
  assert.equal((await deliver(gone.daemon, gone.receiver)).delivery.state, 'failed');
  const status = (await gone.daemon.request('GET', '/v1/teams/demo/channels/siem/status', { token: OPERATOR })).body;
  assert.equal(status.state, 'disabled');
  const waits = await gone.daemon.push(finding);
  assert.equal((await gone.daemon.event(waits.body.id)).deliveries[0].state, 'pending', 'what comes later is kept');
  assert.equal(gone.receiver.requests.length, 1);
});

test('redirects are not followed, and the channel says so', async () => {
  const trap = await Receiver.start();
  running.push(trap);
  const { receiver, daemon } = await start('', { answer: () => ({ status: 307, headers: { location: trap.url('/in') } }), options: 'retry = ["1h"]' });
  await daemon.push(finding);
  const status = await until(async () => {
    const { body } = await daemon.request('GET', '/v1/teams/demo/channels/siem/status', { token: OPERATOR });
    return body.last_failure && body;
  }, 'the channel failed');
  assert.match(status.reason, /redirect/i);
  assert.equal(receiver.requests.length, 1);
  assert.equal(trap.requests.length, 0);
});

test('a subscription takes its types and groups, and no star takes a test message', async () => {
  const receiver = await Receiver.start();
  running.push(receiver);
  const channels = [['exact', ['scan.failed']], ['group', ['finding.*']], ['all', ['*']]]
    .map(([name, events]) => webhook(name, receiver.url(`/${name}`), { events })).join('');
  const config = writeConfig(makeFolder(), { teams: `[[team]]\nname = "demo"\n${channels}` });
  const daemon = await Daemon.start(path.dirname(config), config);
  running.push(daemon);
  const goes = async (event) => (await daemon.push(event)).body.deliveries.map((d) => d.channel).sort();
  assert.deepEqual(await goes({ type: 'scan.failed', title: 'x' }), ['all', 'exact']);
  assert.deepEqual(await goes(finding), ['all', 'group']);
  assert.deepEqual(await goes({ type: 'user.login', title: 'x' }), ['all']);
  const tested = await daemon.request('POST', '/v1/teams/demo/channels/exact/test', { token: OPERATOR });
  assert.equal(tested.body.result, 'delivered');
  assert.deepEqual((await daemon.event(tested.body.event)).deliveries.map((d) => d.channel), ['exact']);
});

const good = `secret = "${NEW}"`;
const mistakes = [
  ['http to a public host', { url: 'http://siem.example.com/in' }, /url.*https/s],
  ['a private address', { url: 'https://10.1.2.3/in' }, /url.*egress\.allow/s],
  ['the metadata address', { url: 'https://169.254.169.254/latest' }, /url/],
  ['no URL', { url: 'siem' }, /url/],
  ['a secret that is no base64', { settings: 'secret = "whsec_canary!!!"' }, /secret/],
  ['an old secret without an end', { settings: `${good}\nprevious_secrets = [{ secret = "canary" }]` }, /previous_secrets\/0.*until/s],
  ['an end that is no time', { settings: `${good}\nprevious_secrets = [{ secret = "canary", until = "tomorrow" }]` }, /previous_secrets\/0\/until/],
  ['four old secrets', { settings: `${good}\nprevious_secrets = [${Array(4).fill('{ secret = "canary", until = "2099-01-01T00:00:00Z" }').join(', ')}]` }, /previous_secrets/],
  ['a key that is none', { settings: `${good}\nsigning_key = "whsk_canary"` }, /signing_key/],
  ['GitHub without a secret', { settings: 'github_signature = true' }, /github_signature|secret/],
  ['a format nobody knows', { settings: 'format = "xml"' }, /format.*standard/s],
  ['a header with a line break', { settings: 'headers = { X-Team = "a\\r\\nX-Evil: canary" }' }, /headers\/X-Team/],
  ['a header that frames', { settings: 'headers = { Content-Length = "1" }' }, /headers\/Content-Length/],
  ['a header of the signature', { settings: 'headers = { webhook-id = "canary" }' }, /headers\/webhook-id/],
  ['a timeout of an hour', { settings: 'timeout_seconds = 3600' }, /timeout_seconds.*30/s],
  ['a pattern that matches nothing', { events: ['findings.*'] }, /events.*finding/s],
];
test('each mistake in the settings is named with its place and its fix, and no secret is shown', async () => {
  const check = ({ url = 'https://siem.example.com/in', settings = good, ...more }) => {
    const config = writeConfig(makeFolder(), { teams: teams(url, settings, more), egress: [] });
    return run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', '--strict', config]).then(({ stdout }) => ({ code: 0, stdout, stderr: '' }), (error) => error);
  };
  const sound = await check({});
  assert.equal(sound.code, 0, sound.stdout + sound.stderr);
  for (const [name, wrong, says] of mistakes) {
    const done = await check(wrong);
    const said = done.stdout + done.stderr;
    assert.equal(done.code, 1, `${name}: ${said}`);
    assert.match(said, says, name);
    assert.match(said, /\.toml:\d+: /, `${name}: the place is named`);
    assert.doesNotMatch(said, /canary|bmV3/, `${name}: a secret is shown`);
  }
});
