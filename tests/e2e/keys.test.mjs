// Changing the master key while everything runs: under load, over a kill -9 in the middle, with a value that was tampered
// with and a key that is lost.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { BUILD, Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, writeConfig } from './lib.mjs';

const kept = keeper(after);
const CHANNELS = 40;
const HEADERS = 5;
const SECRETS = CHANNELS * (1 + HEADERS);
const secretOf = (n) => `whsec_${Buffer.from(`canary-canary-canary-${String(n).padStart(4, '0')}`).toString('base64')}`;

// The configuration with these keys; the first of them is active.
function configure(folder, ids) {
  for (const id of ids) fs.writeFileSync(path.join(folder, `${id}.key`), Buffer.alloc(32, id).toString('base64'));
  const keys = ids.map((id) => `[[secrets.key]]\nid = "${id}"\nfile = "${id}.key"\n`).join('');
  return writeConfig(folder, {
    plugins: ['webhook', 'in_app'].map(plugin), teams: '[[team]]\nname = "demo"\n',
    extra: ids.length === 0 ? '' : `[secrets]\nactive = "${ids[0]}"\n${keys}`,
  });
}

async function start(ids = ['k1']) {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = kept(await Daemon.start(folder, configure(folder, ids)));
  return { folder, receiver, daemon };
}

const ask = (daemon, method, target, body) => daemon.request(method, target, { body, token: OPERATOR });
const keysOf = async (daemon) => (await ask(daemon, 'GET', '/v1/keys')).body;
const counts = (answer) => Object.fromEntries(answer.keys.map((k) => [k.id, k.secrets]));
const ended = (daemon) => until(async () => {
  const answer = await keysOf(daemon);
  return answer.rotation.running ? undefined : answer;
}, 'the rotation ends');

async function makeChannels(daemon, receiver, count = CHANNELS) {
  for (let n = 0; n < count; ++n) {
    const headers = Object.fromEntries(Array.from({ length: HEADERS }, (_, h) => [`X-H${h}`, `canary-header-${n}-${h}`]));
    const answer = await ask(daemon, 'POST', '/v1/teams/demo/channels', {
      name: `c${n}`, type: 'webhook', events: ['*'], settings: { url: receiver.url(`/${n}`), secret: secretOf(n), headers },
    });
    assert.equal(answer.status, 201, answer.text);
  }
}

// Every request that came is signed with its channel's secret and has its headers.
function verifyAll(receiver) {
  for (const request of receiver.requests) {
    const n = request.url.slice(1);
    new Webhook(secretOf(n)).verify(request.body, request.headers);
    for (let h = 0; h < HEADERS; ++h) assert.equal(request.headers[`x-h${h}`], `canary-header-${n}-${h}`);
  }
}

async function reload(daemon, folder, ids) {
  configure(folder, ids);
  daemon.signal('SIGHUP');
  await until(async () => (await keysOf(daemon)).keys.find((k) => k.active)?.id === ids[0], `${ids[0]} is active`);
}

// A line of Python on the database of a stopped daemon; its output.
function onDatabase(folder, code) {
  const text = `import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n${code}\ndb.commit()\n`;
  return execFileSync('python3', ['-c', text, path.join(folder, 'data', 'tocsin.db')], { encoding: 'utf8' });
}

test('keys rotate under 200 events a second without a failure', async () => {
  const { folder, receiver, daemon } = await start();
  await makeChannels(daemon, receiver);
  assert.deepEqual(counts(await keysOf(daemon)), { k1: SECRETS });
  const etag = (await ask(daemon, 'GET', '/v1/teams/demo/channels/c0')).headers.etag;

  // One channel takes what the load sends; the others wait for one event at the end.
  for (let n = 1; n < CHANNELS; ++n) {
    assert.equal((await ask(daemon, 'PATCH', `/v1/teams/demo/channels/c${n}`, { events: ['finding.*'] })).status, 200);
  }
  const answers = [];
  const begun = Date.now();
  let sent = 0;
  const load = setInterval(() => {
    for (; sent < (Date.now() - begun) / 5; ++sent) answers.push(daemon.push({ team: 'demo', type: 'scan.failed', title: String(sent) }));
  }, 5);
  await until(() => sent > 100, 'the load runs');
  await reload(daemon, folder, ['k2', 'k1']);
  const rotate = await ask(daemon, 'POST', '/v1/keys/rotate');
  assert.equal(rotate.status, 202, rotate.text);
  const rotated = Date.now();
  // A change in the middle, with the mask for what is stored, must not bring back what the old key has sealed.
  for (let n = 30; n < CHANNELS; ++n) {
    assert.equal((await ask(daemon, 'PATCH', `/v1/teams/demo/channels/c${n}`, { paused: false })).status, 200);
  }
  const done = await ended(daemon);
  const took = Date.now() - rotated;
  await until(() => sent > 600, 'the load goes on');
  clearInterval(load);
  const rate = Math.round(sent / ((Date.now() - begun) / 1000));
  assert.deepEqual(counts(done), { k2: SECRETS, k1: 0 });
  assert.deepEqual(done.rotation, { running: false, done: SECRETS, failed: 0, left: 0, unopened: [] });
  assert.equal((await ask(daemon, 'GET', '/v1/teams/demo/channels/c0')).headers.etag, etag, 'it is the same version');
  for (const answer of await Promise.all(answers)) assert.equal(answer.status, 202);
  const last = await daemon.push({ team: 'demo', type: 'finding.created', severity: 'high', title: 'to all' });
  await daemon.settled(last.body.id);
  await until(() => receiver.requests.length >= sent + CHANNELS, 'all have arrived', 60_000);
  assert.equal(receiver.requests.length, sent + CHANNELS, 'none came twice');
  verifyAll(receiver);
  console.log(`# ${SECRETS} secrets in ${took} ms under ${sent} events, ${rate}/s`);

  // Nothing depends on the old key any more.
  configure(folder, ['k2']);
  await daemon.stop();
  await daemon.launch();
  const channels = (await ask(daemon, 'GET', '/v1/teams/demo/channels')).body.channels;
  assert.deepEqual([...new Set(channels.map((c) => c.status.state))], ['ready']);
  const again = await daemon.push({ team: 'demo', type: 'finding.created', severity: 'high', title: 'after' });
  await daemon.settled(again.body.id);
  verifyAll(receiver);
  await daemon.stop();
  const bytes = fs.readdirSync(path.join(folder, 'data')).map((f) => fs.readFileSync(path.join(folder, 'data', f), 'latin1')).join('');
  for (const canary of ['whsec_', 'canary-header', 'canary-canary']) assert.equal((bytes + daemon.said()).includes(canary), false, canary);
});

test('a kill -9 in the middle of a rotation loses nothing, and the next one goes on', async () => {
  const { folder, receiver, daemon } = await start();
  await makeChannels(daemon, receiver);
  let [from, to] = ['k1', 'k2'];
  let mixed = 0;
  for (let round = 0; round < 20 && mixed < 3; ++round) {
    await reload(daemon, folder, [to, from]);
    assert.equal((await ask(daemon, 'POST', '/v1/keys/rotate')).status, 202);
    await until(async () => (await keysOf(daemon)).rotation.done > 0, 'it has begun');
    await daemon.kill();
    await daemon.launch();
    const before = await keysOf(daemon);
    assert.equal(before.rotation.running, false);
    const { [from]: old, [to]: anew } = counts(before);
    assert.equal(old + anew, SECRETS, 'each value is under one of the two');
    assert.equal(before.rotation.left, old);
    if (old > 0) ++mixed;
    const states = (await ask(daemon, 'GET', '/v1/teams/demo/channels')).body.channels.map((c) => c.status.state);
    assert.deepEqual([...new Set(states)], ['ready']);
    assert.equal((await ask(daemon, 'POST', '/v1/keys/rotate')).status, 202);
    const after = await ended(daemon);
    assert.deepEqual(after.rotation, { running: false, done: old, failed: 0, left: 0, unopened: [] });
    [from, to] = [to, from];
  }
  assert.ok(mixed > 0, 'no kill met the middle');
  await daemon.settled((await daemon.push({ team: 'demo', type: 'scan.failed', title: 'after' })).body.id);
  assert.equal(receiver.requests.length, CHANNELS);
  verifyAll(receiver);
  console.log(`# ${mixed} kills met the middle`);
});

test('what was tampered with and what a lost key has sealed is named and left; the command says it', async () => {
  const { folder, receiver, daemon } = await start();
  await makeChannels(daemon, receiver, 3);
  await reload(daemon, folder, ['k3', 'k1']);
  assert.equal((await ask(daemon, 'PATCH', '/v1/teams/demo/channels/c2', { settings: { secret: secretOf(2) } })).status, 200);
  await daemon.stop();
  onDatabase(folder, `
sealed = bytearray(db.execute("select sealed from object_secret where name = 'c1' and pointer = '/secret'").fetchone()[0])
sealed[15] ^= 1
db.execute("update object_secret set sealed = ? where name = 'c1' and pointer = '/secret'", (bytes(sealed),))`);
  const rows = () => onDatabase(folder, `
for row in db.execute("select hex(sealed) from object_secret where (name = 'c1' or name = 'c2') and pointer = '/secret' order by name"): print(row[0])`);
  const before = rows();
  configure(folder, ['k2', 'k1']);  // k3 is lost
  await daemon.launch();

  const environment = { ...process.env, TOCSIN_URL: `http://127.0.0.1:${daemon.port}`, TOCSIN_TOKEN: OPERATOR };
  const command = (...args) => spawnSync(path.join(BUILD, 'bin', 'tocsin'), args, { env: environment, encoding: 'utf8' });
  const rotated = command('keys', 'rotate', '--wait');
  assert.equal(rotated.status, 1, rotated.stderr);
  assert.match(rotated.stdout, /rotation: not running, 16 done, 2 failed, 2 left/);
  assert.match(rotated.stdout, /team demo, channel c1, \/settings\/secret: its stored secret does not open with the master key "k1"/);
  assert.match(rotated.stdout, /team demo, channel c2, \/settings\/secret: .*master key "k3", which is not configured/);
  const listed = command('keys');
  assert.equal(listed.status, 0, listed.stderr);
  assert.match(listed.stdout, /k2 +yes +16/);
  assert.match(listed.stdout, /k3 +1 +is not configured/);
  await until(() => daemon.log.filter((l) => l.message?.startsWith('a secret does not open')).length === 2, 'the log names both');
  await daemon.stop();
  assert.equal(rows(), before, 'they are left as they are');

  // The lost key is found, the tampered value set anew: the next rotation leaves nothing.
  configure(folder, ['k2', 'k1', 'k3']);
  await daemon.launch();
  assert.equal((await ask(daemon, 'PATCH', '/v1/teams/demo/channels/c1', { settings: { secret: secretOf(1) } })).status, 200);
  assert.equal((await ask(daemon, 'POST', '/v1/keys/rotate')).status, 202);
  const done = await ended(daemon);
  assert.deepEqual([done.rotation.failed, done.rotation.left], [0, 0]);
  await daemon.settled((await daemon.push({ team: 'demo', type: 'scan.failed', title: 'all three' })).body.id);
  verifyAll(receiver);

  // Without a key that can seal there is nothing to rotate to.
  fs.rmSync(path.join(folder, 'k2.key'));
  daemon.signal('SIGHUP');
  await until(async () => !(await keysOf(daemon)).keys[0].usable, 'its file is gone');
  const refused = await ask(daemon, 'POST', '/v1/keys/rotate');
  assert.equal(refused.status, 409);
  assert.match(refused.body.detail, /"k2" cannot be used/);
});
