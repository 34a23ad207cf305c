// An event pushed over local HTTP leaves as a signed webhook, and its outcome is on record.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Daemon, Receiver, makeFolder, until, webhook, writeConfig } from './lib.mjs';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const running = [];
after(async () => {
  for (const each of running.reverse()) await each.stop();
});

async function start(teams, options = {}) {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, { teams, ...options }));
  running.push(daemon);
  return daemon;
}
async function receive(answer, tls) {
  const receiver = await Receiver.start(answer, tls);
  running.push(receiver);
  return receiver;
}
const team = (channels) => `[[team]]\nname = "demo"\n${channels}`;
const finding = (more = {}) => ({ type: 'finding.created', severity: 'high', source: 'cspm', title: 'A bucket is public', ...more });

test('the standardwebhooks library accepts the signature, with custom headers and a UTF-8 body', async () => {
  const receiver = await receive();
  const daemon = await start(
    team(webhook('siem', receiver.url('/in?key=1'), {
      settings: `secret = "${SECRET}"\nheaders = { "X-Tenant" = "acme", Authorization = "Bearer canary-4711" }`,
    })),
  );
  const pushed = await daemon.push(finding({ title: 'déjà vu – 失敗 🚨', labels: { env: 'prod' }, data: { n: 1.5, deep: { ok: true } } }));
  assert.equal(pushed.status, 202);
  assert.equal(pushed.body.duplicate, false);
  assert.equal(pushed.body.deliveries.length, 1);
  assert.equal(pushed.body.deliveries[0].channel, 'siem');

  const event = await daemon.settled(pushed.body.id);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(event.deliveries[0].attempts.length, 1);
  assert.equal(event.deliveries[0].attempts[0].http_status, 200);
  assert.match(event.deliveries[0].attempts[0].remote_address, /^127\.0\.0\.1:\d+$/);

  const [request] = receiver.requests;
  assert.equal(request.url, '/in?key=1');
  assert.equal(request.headers['x-tenant'], 'acme');
  assert.equal(request.headers.authorization, 'Bearer canary-4711');
  assert.equal(request.headers['webhook-id'], pushed.body.deliveries[0].id);
  const payload = new Webhook(SECRET).verify(request.body, request.headers);
  assert.equal(payload.type, 'finding.created');
  assert.equal(payload.data.title, 'déjà vu – 失敗 🚨');
  assert.deepEqual(payload.data.data, { n: 1.5, deep: { ok: true } });
  assert.throws(() => new Webhook(SECRET).verify(Buffer.concat([request.body, Buffer.from(' ')]), request.headers));

  // No secret in what the daemon said or stored.
  const stored = fs.readdirSync(path.join(daemon.folder, 'data')).map((f) => fs.readFileSync(path.join(daemon.folder, 'data', f), 'latin1'));
  for (const text of [daemon.said(), ...stored, JSON.stringify(event)]) {
    assert.ok(!text.includes('canary-4711') && !text.includes(SECRET.slice(6)), 'a secret leaked');
  }
});

test('each attempt keeps the id and the body and has a time and a signature of its own', async () => {
  const receiver = await receive((_, count) => ({ status: count < 3 ? 503 : 204 }));
  const daemon = await start(team(webhook('siem', receiver.url(), { settings: `secret = "${SECRET}"`, options: 'retry = ["1100ms", "1100ms"]' })));
  const pushed = await daemon.push(finding());
  const event = await daemon.settled(pushed.body.id);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.deepEqual(event.deliveries[0].attempts.map((a) => a.http_status), [503, 503, 204]);
  const ids = new Set(receiver.requests.map((r) => r.headers['webhook-id']));
  const bodies = new Set(receiver.requests.map((r) => r.body.toString()));
  const times = new Set(receiver.requests.map((r) => r.headers['webhook-timestamp']));
  const signatures = new Set(receiver.requests.map((r) => r.headers['webhook-signature']));
  assert.equal(ids.size, 1);
  assert.equal(bodies.size, 1);
  assert.ok(times.size >= 2);
  assert.equal(signatures.size, times.size);
  for (const request of receiver.requests) new Webhook(SECRET).verify(request.body, request.headers);
});

test('without a secret the id and the time still go out, and no signature', async () => {
  const receiver = await receive();
  const daemon = await start(team(webhook('siem', receiver.url())));
  await daemon.settled((await daemon.push(finding())).body.id);
  assert.match(receiver.requests[0].headers['webhook-id'], /^dlv_/);
  assert.match(receiver.requests[0].headers['webhook-timestamp'], /^\d{10}$/);
  assert.equal(receiver.requests[0].headers['webhook-signature'], undefined);
});

test('a real HTTPS receiver: its certificate authority is trusted only where the operator says so', async () => {
  const folder = makeFolder();
  execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-keyout', `${folder}/key.pem`, '-out', `${folder}/cert.pem`, '-subj', '/CN=tocsin test', '-addext', 'subjectAltName=IP:127.0.0.1'],
    { stdio: 'ignore' });
  const receiver = await receive(undefined, { key: fs.readFileSync(`${folder}/key.pem`), cert: fs.readFileSync(`${folder}/cert.pem`) });
  const channels = team(webhook('siem', receiver.url(), { settings: `secret = "${SECRET}"`, options: 'retry = ["100ms"]' }));

  const trusting = await start(channels, { ca: `${folder}/cert.pem` });
  const good = await trusting.settled((await trusting.push(finding())).body.id);
  assert.equal(good.deliveries[0].state, 'delivered');
  new Webhook(SECRET).verify(receiver.requests[0].body, receiver.requests[0].headers);

  const doubting = await start(channels);
  const { id } = (await doubting.push(finding())).body;
  const event = await until(async () => {
    const found = await doubting.event(id);
    return found?.deliveries[0].attempts.length ? found : undefined;
  }, 'a first attempt');
  assert.match(event.deliveries[0].attempts[0].code, /certificate|tls/);
  assert.equal(receiver.requests.length, 1, 'nothing was sent to a receiver that could not prove its name');
});

const ends = [
  ['301 is not followed and ends as misconfigured', { status: 301, headers: { location: 'http://127.0.0.1:1/elsewhere' } }, 'misconfigured', 'scheduled'],
  ['410 disables the channel and fails the delivery', { status: 410 }, 'gone', 'failed'],
  ['413 is final for the message', { status: 413 }, 'rejected', 'failed'],
  ['webhook-delivery: abort-message stops the retries', { status: 500, headers: { 'webhook-delivery': 'abort-message' } }, 'rejected', 'failed'],
];
for (const [name, answer, outcome, state] of ends) {
  test(name, async () => {
    const receiver = await receive(() => answer);
    const daemon = await start(team(webhook('siem', receiver.url(), { options: 'retry = ["1h"]' })));
    const { id } = (await daemon.push(finding())).body;
    const event = await until(async () => {
      const found = await daemon.event(id);
      return found?.deliveries[0].attempts.length ? found : undefined;
    }, 'the attempt is on record');
    assert.equal(event.deliveries[0].attempts[0].outcome, outcome);
    assert.equal(event.deliveries[0].state, state);
    assert.equal(receiver.requests.length, 1);
  });
}

test('Retry-After makes the whole channel wait', async () => {
  const receiver = await receive((_, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '2' } } : { status: 200 }));
  const daemon = await start(team(webhook('siem', receiver.url(), { options: 'retry = ["100ms"]\nwindow = 1' })));
  const first = (await daemon.push(finding())).body.id;
  await until(() => receiver.requests.length === 1, 'the first request');
  const second = (await daemon.push(finding())).body.id;
  await daemon.settled(first);
  await daemon.settled(second);
  assert.equal(receiver.requests.length, 3);
  const waited = receiver.requests[1].at - receiver.requests[0].at;
  assert.ok(waited >= 1900, `waited ${waited} ms`);
});

test('a hanging receiver costs a timeout, is uncertain, and is tried again with the same id', async () => {
  const receiver = await receive((_, count) => (count === 1 ? { hang: true } : { status: 200 }));
  const daemon = await start(team(webhook('siem', receiver.url(), { settings: 'timeout_seconds = 5', options: 'retry = ["100ms"]' })));
  const event = await daemon.settled((await daemon.push(finding())).body.id, 30_000);
  assert.equal(event.deliveries[0].attempts[0].outcome, 'uncertain');
  assert.equal(event.deliveries[0].attempts[0].code, 'webhook.timeout');
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(receiver.requests[0].headers['webhook-id'], receiver.requests[1].headers['webhook-id']);
});
