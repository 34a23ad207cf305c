// Channels and rules over the API, as a team admin with curl has them: made, changed, refused and removed against a real
// daemon; secrets that go in and never come out; what a restart, a lost key and a storm of changes do to them.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const kept = keeper(after);
const plugins = ['slack', 'smtp', 'teams', 'webhook', 'in_app'].map(plugin);
const ADMIN = 'tcs_end-to-end-tests-admin-token-of-demo';
const NEIGHBOUR = 'tcs_end-to-end-tests-admin-token-of-other';
const KEY = Buffer.alloc(32, 7).toString('base64');
const SECRET = `whsec_${Buffer.from('canary-canary-canary-canary').toString('base64')}`;
const MASK = '••••';

const admins = `
[[token]]
name = "admin"
role = "admin"
teams = ["demo"]
token = "${ADMIN}"
[[token]]
name = "neighbour"
role = "admin"
teams = ["other"]
token = "${NEIGHBOUR}"
[[team]]
name = "other"
`;
const key = (id = 'k1', file = 'master.key') => `[[secrets.key]]\nid = "${id}"\nfile = "${file}"\n`;

async function start(folder, { teams = '[[team]]\nname = "demo"\n', extra = key() } = {}) {
  fs.writeFileSync(path.join(folder, 'master.key'), KEY);
  const config = () => writeConfig(folder, { plugins, extra, teams: teams + admins });
  return kept(await Daemon.start(folder, config()));
}
const call = (daemon, method, target, body, { token = ADMIN, headers } = {}) =>
  daemon.request(method, `/v1/teams/demo/${target}`, { token, body, headers });
const hook = (name, url, more = {}) => ({ name, type: 'webhook', events: ['*'], settings: { url, secret: SECRET }, ...more });
// A push whose 202 is certain: the service's token has every team.
const push = async (daemon, event = {}) => {
  const answer = await daemon.push({ team: 'demo', type: 'scan.failed', title: 'one', ...event });
  assert.equal(answer.status, 202, answer.text);
  return answer.body;
};

test('a channel is made, changed and removed, at once, and its secret never comes out', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const second = kept(await Receiver.start());
  const daemon = await start(folder);
  const answers = [];
  const say = async (...args) => {
    const answer = await call(daemon, ...args);
    answers.push(answer);
    return answer;
  };

  const made = await say('POST', 'channels', hook('siem', receiver.url()));
  assert.equal(made.status, 201, made.text);
  assert.equal(made.headers.location, '/v1/teams/demo/channels/siem');
  assert.equal(made.body.settings.secret, MASK);
  assert.equal(made.body.settings.url, receiver.url());
  assert.equal(made.body.provisioned, false);
  await daemon.settled((await push(daemon)).id);
  assert.equal(new Webhook(SECRET).verify(receiver.requests[0].body, receiver.requests[0].headers).type, 'scan.failed');

  // What was read is a body that may be sent back; the mask stands for the secret.
  const read = await say('GET', 'channels/siem');
  assert.deepEqual(read.body, made.body);
  assert.equal(read.headers.etag, made.headers.etag);
  const moved = await say('PUT', 'channels/siem', { ...read.body, settings: { ...read.body.settings, url: receiver.url('/elsewhere') } });
  assert.equal(moved.status, 200, moved.text);
  assert.equal(moved.body.settings.secret, MASK);
  const replaced = await say('PUT', 'channels/siem', { ...read.body, settings: { url: second.url(), secret: SECRET } }, {
    headers: { 'if-match': moved.headers.etag },
  });
  assert.equal(replaced.status, 200, replaced.text);
  assert.notEqual(replaced.headers.etag, read.headers.etag);
  await daemon.settled((await push(daemon)).id);
  assert.equal(receiver.requests.length, 1, 'the old URL is asked no more');
  new Webhook(SECRET).verify(second.requests[0].body, second.requests[0].headers);

  // Whoever read the old version does not overwrite the new one.
  const lost = await say('PATCH', 'channels/siem', { paused: true }, { headers: { 'if-match': read.headers.etag } });
  assert.equal(lost.status, 412);
  assert.equal(lost.body.type, '/problems/outdated');
  const patched = await say('PATCH', 'channels/siem', { events: ['scan.*'], settings: { headers: { 'X-Tenant': 'canary-header' } } });
  assert.equal(patched.status, 200, patched.text);
  assert.equal(patched.body.settings.headers['X-Tenant'], MASK);
  assert.equal(patched.body.settings.secret, MASK);
  await daemon.settled((await push(daemon)).id);
  assert.equal(second.requests[1].headers['x-tenant'], 'canary-header');
  const dropped = await say('PATCH', 'channels/siem', { settings: { secret: null } });
  assert.equal(dropped.body.settings.secret, undefined);
  await daemon.settled((await push(daemon)).id);
  assert.equal(second.requests[2].headers['webhook-signature'], undefined);
  await say('PATCH', 'channels/siem', { settings: { secret: SECRET } });

  assert.equal((await say('POST', 'channels/siem/pause')).body.paused, true);
  const waiting = await push(daemon);
  assert.equal((await say('GET', 'channels/siem/status')).body.state, 'paused');
  assert.equal((await say('POST', 'channels/siem/resume')).body.paused, false);
  await daemon.settled(waiting.id);

  const listed = await say('GET', 'channels');
  assert.deepEqual(listed.body.channels.map((c) => [c.name, c.provisioned, c.status.state]), [
    ['in-app', true, 'ready'], ['siem', false, 'ready']]);
  const removed = await say('DELETE', 'channels/siem');
  assert.equal(removed.status, 200);
  assert.equal((await say('GET', 'channels/siem')).status, 404);
  assert.equal((await push(daemon)).deliveries.some((d) => d.channel === 'siem'), false);

  // Made again, it is another one: the old version's ETag does not fit it.
  assert.equal((await say('POST', 'channels', hook('siem', second.url()))).status, 201);
  assert.equal((await say('DELETE', 'channels/siem', undefined, { headers: { 'if-match': made.headers.etag } })).status, 412);

  await daemon.stop();
  const shown = answers.map((a) => a.text + JSON.stringify(a.headers)).join('\n') + daemon.said();
  for (const canary of [SECRET, SECRET.slice(6), 'canary-header', 'canary-canary']) assert.equal(shown.includes(canary), false, canary);
  for (const file of fs.readdirSync(path.join(folder, 'data'))) {
    const bytes = fs.readFileSync(path.join(folder, 'data', file));
    for (const canary of [SECRET, 'canary-header', 'canary-canary']) assert.equal(bytes.includes(canary), false, `${canary} in ${file}`);
  }
});

test('what cannot be is refused with the member, the reason and what to do, and changes nothing', async () => {
  const folder = makeFolder();
  const daemon = await start(folder, { teams: `[[team]]\nname = "demo"\n${webhook('fixed', 'http://127.0.0.1:1/in')}` });
  const url = 'http://127.0.0.1:9/hook';
  assert.equal((await call(daemon, 'POST', 'channels', hook('siem', url))).status, 201);
  const rule = await call(daemon, 'POST', 'rules', { name: 'urgent', severities: ['critical'], channels: ['siem'] });
  assert.equal(rule.status, 201, rule.text);
  const before = (await call(daemon, 'GET', 'channels')).text + (await call(daemon, 'GET', 'rules')).text;

  const rows = [
    // method, target, body, status, pointer or undefined, words
    ['POST', 'channels', '{', 400, undefined, /JSON object/],
    ['POST', 'channels', '{"name":"x","name":"y"}', 400, undefined, /twice|name/],
    ['POST', 'channels', [], 422, undefined, /JSON object/],
    ['PUT', 'rules/urgent', '[', 400, undefined, /JSON object/],
    ['POST', 'channels', { type: 'webhook' }, 422, '/name', /missing/],
    ['POST', 'channels', hook('No Name', url), 422, '/name', /1 to 63 of a-z/],
    ['POST', 'channels', { name: 'x' }, 422, '/type', /missing/],
    ['POST', 'channels', hook('x', url, { type: 'pager' }), 422, '/type', /no loaded plugin provides "pager"/],
    ['POST', 'channels', hook('x', url, { evnts: [] }), 422, '/evnts', /did you mean "events"/],
    ['POST', 'channels', hook('x', url, { events: ['scan.fialed'] }), 422, '/events/0', /scan\.fialed/],
    ['POST', 'channels', hook('x', url, { retry: ['soon'] }), 422, '/retry/0', /soon|duration|time/],
    ['POST', 'channels', hook('x', url, { settings: { url: 7 } }), 422, '/settings/url', /string|text/],
    ['POST', 'channels', hook('x', url, { settings: { uri: url } }), 422, /^\/settings/, /url|uri/],
    ['POST', 'channels', hook('x', 'http://10.0.0.1/x'), 422, '/settings/url', /egress\.allow/],
    ['POST', 'channels', hook('x', 'http://169.254.169.254/'), 422, '/settings/url', /metadata/],
    ['POST', 'channels', hook('x', url, { settings: { url, secret: 'whsec_%%' } }), 422, '/settings/secret', /secret|base64/],
    ['POST', 'channels', hook('x', url, { settings: { url, secret: MASK } }), 422, '/settings/secret', /mask/],
    ['POST', 'channels', { name: 'x', type: 'slack', settings: { url: 'https://example.com/' } }, 422, '/settings/url', /hooks\.slack\.com/],
    ['POST', 'channels', hook('siem', url), 409, undefined, /already/],
    ['POST', 'channels', hook('fixed', url), 409, undefined, /configuration file/],
    ['PUT', 'channels/fixed', hook('fixed', url), 409, undefined, /change it there/],
    ['DELETE', 'channels/fixed', undefined, 409, undefined, /configuration file/],
    ['PUT', 'channels/siem', hook('other-name', url), 422, '/name', /another name/],
    ['PATCH', 'channels/siem', { type: 'slack' }, 422, '/type', /cannot change/],
    ['PATCH', 'channels/siem', { settings: { url: null } }, 422, /^\/settings/, /url/],
    ['PATCH', 'channels/nowhere', { paused: true }, 404, undefined, /no channel/],
    ['DELETE', 'channels/nowhere', undefined, 404, undefined, /no channel/],
    ['DELETE', 'channels/siem', undefined, 409, undefined, /^something needs the channel "siem": rules\/urgent/],
    ['POST', 'rules', { name: 'r', channels: ['nowhere'] }, 422, '/channels/0', /nowhere/],
    ['POST', 'rules', { name: 'r' }, 422, '/channels', /missing/],
    ['POST', 'rules', { name: 'r', channels: ['siem'], severities: ['urgent'] }, 422, '/severities', /critical/],
    ['POST', 'rules', { name: 'r', channels: ['siem'], category: 'x' }, 422, '/category', /security_alert/],
    ['POST', 'rules', { name: 'r', channels: ['siem'], labels: { 'a b': 'c' } }, 422, /^\/labels/, /label/],
    ['PUT', 'rules/urgent', { channels: [] }, 422, '/channels', /channel/],
    ['GET', 'rules/nowhere', undefined, 404, undefined, /no rule/],
  ];
  for (const [method, target, body, status, pointer, words] of rows) {
    const answer = await call(daemon, method, target, body);
    const what = `${method} ${target} ${JSON.stringify(body)}: ${answer.text}`;
    assert.equal(answer.status, status, what);
    assert.match(answer.body.detail, words, what);
    if (pointer instanceof RegExp) assert.match(answer.body.errors[0].pointer, pointer, what);
    else if (pointer) assert.equal(answer.body.errors[0].pointer, pointer, what);
    assert.doesNotMatch(answer.text, /canary|the API:/, what);
  }
  const after = (await call(daemon, 'GET', 'channels')).text + (await call(daemon, 'GET', 'rules')).text;
  assert.equal(after, before);
  for (const target of ['channels', 'channels/siem', 'rules', 'rules/urgent']) {
    assert.equal((await call(daemon, 'GET', target, undefined, { token: NEIGHBOUR })).status, 404);
    assert.equal((await call(daemon, 'PUT', target, {}, { token: NEIGHBOUR })).status, target.includes('/') ? 404 : 405);
  }
});

test("a team's rules take effect at once, behind the file's, and explain names them", async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder);
  for (const name of ['security-critical', 'everything-else']) {
    const more = name === 'everything-else' ? { default: true } : {};
    const answer = await call(daemon, 'POST', 'channels', { name, type: 'webhook', settings: { url: receiver.url(`/${name}`) }, ...more });
    assert.equal(answer.status, 201, answer.text);
  }
  const to = async (event) => (await push(daemon, event)).deliveries.map((d) => d.channel).filter((n) => n !== 'in-app');
  assert.deepEqual(await to({}), ['everything-else']);
  const rule = { name: 'urgent', category: 'security_alert', severities: ['critical', 'high'], channels: ['security-critical'] };
  assert.equal((await call(daemon, 'POST', 'rules', rule)).status, 201);
  const critical = await push(daemon, { type: 'finding.created', severity: 'critical' });
  assert.deepEqual(critical.deliveries.map((d) => d.channel).filter((n) => n !== 'in-app'), ['security-critical']);
  const why = await daemon.request('GET', `/v1/events/${critical.id}/explain`, { token: ADMIN });
  assert.equal(why.body.findings.find((f) => f.name === 'urgent').matched, true);
  assert.deepEqual(await to({ type: 'scan.failed' }), ['everything-else']);
  assert.equal((await call(daemon, 'PATCH', 'rules/urgent', { severities: null, category: null })).status, 200);
  assert.deepEqual(await to({ type: 'scan.failed' }), ['security-critical']);
  assert.equal((await call(daemon, 'DELETE', 'rules/urgent')).status, 200);
  assert.deepEqual(await to({ type: 'scan.failed' }), ['everything-else']);
});

test('what a team keeps survives kill -9, a reload that takes its name, and the loss of the master key', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder);
  assert.equal((await call(daemon, 'POST', 'channels', hook('siem', receiver.url()))).status, 201);
  assert.equal((await call(daemon, 'POST', 'channels', { name: 'plain', type: 'webhook', events: ['*'], settings: { url: receiver.url('/plain') } })).status, 201);
  assert.equal((await call(daemon, 'POST', 'rules', { name: 'all', channels: ['siem'] })).status, 201);
  const before = await call(daemon, 'GET', 'channels/siem');
  await daemon.kill();
  await daemon.launch();
  const again = await call(daemon, 'GET', 'channels/siem');
  assert.deepEqual([again.body, again.headers.etag], [before.body, before.headers.etag]);
  await daemon.settled((await push(daemon)).id);
  const signed = receiver.requests.find((r) => r.url === '/hook');
  new Webhook(SECRET).verify(signed.body, signed.headers);

  // Another key under the same name: the channel waits and says why; the others deliver; nothing is overwritten.
  const state = async (name) => (await call(daemon, 'GET', `channels/${name}/status`)).body;
  const keyFile = path.join(folder, 'master.key');
  for (const [change, words] of [
    [() => fs.rmSync(keyFile), /master key "k1" cannot be used.*master\.key/],
    [() => fs.writeFileSync(keyFile, Buffer.alloc(32, 9).toString('base64')), /does not open with the master key "k1"/],
  ]) {
    await daemon.kill();
    change();
    await daemon.launch();
    assert.equal((await state('plain')).state, 'ready');
    const lost = await state('siem');
    assert.equal(lost.state, 'unavailable');
    assert.match(lost.reason, words);
    assert.match((await call(daemon, 'GET', 'channels/siem')).body.problem, words);
    const patched = await call(daemon, 'PATCH', 'channels/siem', { retry: ['1s'] });
    assert.equal(patched.status, 200, patched.text);
    assert.match(patched.body.problem, words);
    assert.equal(patched.body.settings.secret, MASK);
  }
  const waiting = await push(daemon);
  fs.writeFileSync(keyFile, KEY);
  daemon.signal('SIGHUP');
  await until(async () => (await state('siem')).state !== 'unavailable', 'the key is back');
  await daemon.settled(waiting.id);
  const last = receiver.requests.filter((r) => r.url === '/hook').pop();
  new Webhook(SECRET).verify(last.body, last.headers);

  // The file takes the name: the file's is in force, the team's is kept and says so.
  writeConfig(folder, { plugins, extra: key(), teams: `[[team]]\nname = "demo"\n${webhook('plain', receiver.url('/file'))}${admins}` });
  daemon.signal('SIGHUP');
  await until(async () => (await call(daemon, 'GET', 'channels/plain')).body.provisioned, 'the file has the name');
  const both = (await call(daemon, 'GET', 'channels')).body.channels.filter((c) => c.name === 'plain');
  assert.deepEqual(both.map((c) => c.provisioned), [true, false]);
  assert.match(both[1].problem, /plain/);
});

test('a tampered, cut or moved secret is named and its channel alone waits', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder);
  for (const name of ['flipped', 'cut', 'moved', 'donor', 'whole']) {
    assert.equal((await call(daemon, 'POST', 'channels', hook(name, receiver.url(`/${name}`)))).status, 201);
  }
  await daemon.stop();
  const database = fs.readdirSync(path.join(folder, 'data')).find((f) => f.endsWith('.db') || f.endsWith('.sqlite'));
  const sql = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
rows = {name: bytes(sealed) for name, sealed in db.execute("select name, sealed from object_secret")}
def put(name, value):
    db.execute("update object_secret set sealed = ? where name = ?", (value, name))
flipped = bytearray(rows["flipped"]); flipped[15] ^= 1
put("flipped", bytes(flipped)); put("cut", rows["cut"][:-1]); put("moved", rows["donor"])
db.commit()
`;
  execFileSync('python3', ['-c', sql, path.join(folder, 'data', database)], { stdio: 'pipe' });
  await daemon.launch();
  const states = Object.fromEntries((await call(daemon, 'GET', 'channels')).body.channels.map((c) => [c.name, c.status]));
  for (const name of ['flipped', 'cut', 'moved']) {
    assert.equal(states[name].state, 'unavailable');
    assert.match(states[name].reason, /settings\/secret: its stored secret does not open.*set it anew/);
  }
  assert.equal(states.whole.state, 'ready');
  assert.equal((await call(daemon, 'PATCH', 'channels/cut', { settings: { secret: SECRET } })).status, 200);
  assert.equal((await call(daemon, 'GET', 'channels/cut/status')).body.state, 'ready');
});

test('500 changes under load: each delivery has one version of the settings, none is lost or doubled', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder);
  const version = (n) => hook('siem', receiver.url(`/v/${n}`), { settings: { url: receiver.url(`/v/${n}`), headers: { 'X-Version': String(n) } } });
  assert.equal((await call(daemon, 'PUT', 'channels/siem', version(0))).status, 201);
  const ids = [];
  let changing = true;
  const load = Promise.all(Array.from({ length: 4 }, async () => {
    while (changing) ids.push((await push(daemon)).id);
  }));
  for (let n = 1; n <= 500; ++n) {
    const answer = await call(daemon, 'PUT', 'channels/siem', version(n));
    assert.equal(answer.status, 200, answer.text);
  }
  changing = false;
  await load;
  await until(() => new Set(receiver.requests.map((r) => r.headers['webhook-id'])).size >= ids.length, 'all have arrived', 60_000);
  for (const request of receiver.requests) assert.equal(request.url, `/v/${request.headers['x-version']}`);
  const seen = receiver.requests.map((r) => r.headers['webhook-id']);
  assert.equal(new Set(seen).size, seen.length, 'none came twice');
  assert.equal(seen.length, ids.length);
  const versions = new Set(receiver.requests.map((r) => r.url)).size;
  assert.ok(versions > 20, `the changes met the load: ${versions} versions were used`);
  console.log(`# ${ids.length} events over 500 changes, ${versions} versions used`);
});

test('a dry run says where an event would go, and the export is a file that gives the same team', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder, { teams: `[[team]]\nname = "demo"\n${webhook('fixed', receiver.url('/fixed'), { events: ['sla.*'] })}` });
  const quiet = [{ from: '22:00', to: '07:00', zone: 'Europe/Berlin', days: ['sat'], bypass: ['critical', 'high'] }];
  assert.equal((await call(daemon, 'POST', 'channels', hook('siem', receiver.url(), {
    events: ['scan.*'], quiet, retry: ['1s', '1m'], settings: { url: receiver.url(), secret: SECRET, headers: { 'X-Team.A': 'canary-header' } } }))).status, 201);
  assert.equal((await call(daemon, 'POST', 'rules', { name: 'urgent', severities: ['critical'], labels: { 'app/x': 'y "z"' }, channels: ['fixed'], stop: true })).status, 201);
  assert.equal((await call(daemon, 'POST', 'silences', { name: 'old', until: '2026-01-01T00:00:00Z', reason: 'over' })).status, 201);
  const event = { type: 'scan.failed', severity: 'critical', labels: { 'app/x': 'y "z"' } };
  const dry = await call(daemon, 'POST', 'rules/dry-run', event);
  assert.equal(dry.status, 200, dry.text);
  assert.deepEqual(dry.body.channels, ['fixed', 'in-app', 'siem']);
  assert.equal(dry.body.findings.find((f) => f.name === 'urgent').matched, true);
  assert.equal(receiver.requests.length, 0);
  assert.equal((await call(daemon, 'POST', 'rules/dry-run', { type: 'scan.fialed' })).body.errors[0].pointer, '/type');
  assert.equal((await call(daemon, 'POST', 'rules/dry-run', { team: 'other', ...event })).status, 403);

  const exported = await call(daemon, 'GET', 'export');
  assert.match(exported.headers['content-type'], /^application\/toml/);
  assert.doesNotMatch(exported.text, /canary|••••/);
  const before = await call(daemon, 'GET', 'channels/siem');
  await daemon.stop();

  const copy = makeFolder();
  fs.writeFileSync(path.join(copy, 'demo.siem.secret'), SECRET);
  fs.writeFileSync(path.join(copy, 'demo.siem.headers.X-Team.A'), 'canary-header');
  const again = await start(copy, { teams: exported.text });
  const after = await call(again, 'GET', 'channels/siem');
  const { provisioned, ...rest } = before.body;
  assert.equal(provisioned, false);
  assert.deepEqual({ ...after.body, provisioned: false }, before.body, JSON.stringify(rest));
  assert.deepEqual((await call(again, 'POST', 'rules/dry-run', event)).body.channels.sort(), dry.body.channels);
  await again.settled((await push(again, event)).id);
  const signed = receiver.requests.find((r) => r.url === '/hook');
  new Webhook(SECRET).verify(signed.body, signed.headers);
  assert.equal(signed.headers['x-team.a'], 'canary-header');
});

test("what does not fit one team's objects any more leaves the other team's, and what waits for them, alone", async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const type = '[[event_type]]\nname = "backup.failed"\nsummary = "A backup failed"\ncategory = "system_error"\ndefault_severity = "high"\n';
  const daemon = await start(folder, { extra: key() + type });
  const of = (team, method, target, body) => daemon.request(method, `/v1/teams/${team}/${target}`, { token: OPERATOR, body });
  for (const [team, events] of [['demo', ['scan.*']], ['other', ['backup.*']]]) {
    const made = await of(team, 'POST', 'channels', { name: 'siem', type: 'webhook', events, paused: true, settings: { url: receiver.url(`/${team}`) } });
    assert.equal(made.status, 201, made.text);
    assert.equal((await of(team, 'POST', 'rules', { name: 'r', events, channels: ['siem'] })).status, 201);
  }
  await push(daemon);
  const waiting = (await daemon.push({ team: 'other', type: 'backup.failed' }, { token: OPERATOR })).body;
  const id = waiting.deliveries.find((d) => d.channel === 'siem').id;

  const reload = (extra) => {
    writeConfig(folder, { plugins, extra, teams: `[[team]]\nname = "demo"\n${admins}` });
    daemon.signal('SIGHUP');
  };
  reload(key());
  await until(async () => (await of('other', 'GET', 'channels/siem')).body.problem, "the other team's does not fit");
  assert.equal((await of('demo', 'GET', 'channels/siem')).body.problem, undefined);
  assert.equal((await of('demo', 'GET', 'rules/r')).body.problem, undefined);
  assert.equal((await of('demo', 'GET', 'channels/siem/status')).body.state, 'paused');
  const held = (await of('other', 'GET', `deliveries/${id}`)).body;
  assert.equal(held.state, 'pending', 'what waits for it is kept');
  assert.match(held.waits_for, /not in force now/);
  const removed = await of('demo', 'DELETE', 'rules/r');
  assert.equal(removed.status, 200, removed.text);

  reload(key() + type);
  await until(async () => !(await of('other', 'GET', 'channels/siem')).body.problem, 'it fits again');
  assert.equal((await of('other', 'POST', 'channels/siem/resume')).status, 200);
  await until(() => receiver.requests.some((r) => r.url === '/other'), 'what waited arrives');
});

test('what nobody would keep is refused before it costs the others anything', async () => {
  const daemon = await start(makeFolder());
  const many = (count, make) => Array.from({ length: count }, (_, i) => make(i));
  const until = '2099-01-01T00:00:00Z';
  for (const [kind, body, pointer] of [
    ['silences', { name: 's', until, sources: many(350_000, (i) => `s${i}`) }, null],
    ['silences', { name: 's', until, sources: many(201, (i) => `s${i}`) }, '/sources'],
    ['silences', { name: 's', until, reason: 'x'.repeat(2_000) }, '/reason'],
    ['rules', { name: 'r', channels: ['in-app'], labels: Object.fromEntries(many(65, (i) => [`l${i}`, 'x'])) }, '/labels'],
    ['rules', { name: 'r', channels: many(200_000, () => 'in-app') }, null],
    ['rules', { name: 'r', channels: many(201, () => 'in-app') }, '/channels'],
    ['rules', { name: 'r', channels: ['in-app'], events: many(201, () => 'scan.*') }, '/events'],
    ['channels', hook('c', 'http://127.0.0.1:9/', { events: many(201, () => 'scan.*') }), '/events'],
    ['channels', hook('c', 'http://127.0.0.1:9/', { settings: { url: 'http://127.0.0.1:9/', headers: { x: 'y'.repeat(100_000) } } }), null],
  ]) {
    const started = Date.now();
    const answer = await call(daemon, 'POST', kind, body);
    assert.equal(answer.status, 422, answer.text.slice(0, 300));
    if (pointer) assert.equal(answer.body.errors[0].pointer, pointer, answer.text.slice(0, 300));
    assert.ok(Date.now() - started < 5_000, `${kind} took ${Date.now() - started} ms`);
  }
  const labels = await call(daemon, 'POST', 'rules', { name: 'r', channels: ['in-app'], labels: { 'k8s.io/app': 5 } });
  assert.equal(labels.body.errors[0].pointer, '/labels/k8s.io~1app', labels.text);
  const unknown = await call(daemon, 'PUT', 'default-alerts', { 'x/y~z': 1, alerts: [] });
  assert.equal(unknown.body.errors[0].pointer, '/x~1y~0z', unknown.text);
});

test('a secret is not sent where it was not meant for, and preconditions hold', async () => {
  const receiver = kept(await Receiver.start());
  const thief = kept(await Receiver.start());
  const daemon = await start(makeFolder());
  const made = await call(daemon, 'POST', 'channels', hook('siem', receiver.url()));
  assert.equal(made.status, 201, made.text);
  for (const settings of [{ url: thief.url() }, { url: thief.url(), secret: MASK }, { url: receiver.url().replace('http:', 'https:') }]) {
    const refused = await call(daemon, 'PATCH', 'channels/siem', { settings });
    assert.deepEqual([refused.status, refused.body.errors[0].pointer], [422, '/settings/url'], refused.text);
    assert.match(refused.body.errors[0].message, /give the channel's secrets \(\/settings\/secret\)/);
  }
  assert.equal((await call(daemon, 'PATCH', 'channels/siem', { settings: { url: receiver.url('/other') } })).status, 200, 'the same receiver');
  assert.equal((await call(daemon, 'PATCH', 'channels/siem', { settings: { url: thief.url(), secret: SECRET } })).status, 200, 'given anew');
  assert.equal((await call(daemon, 'PATCH', 'channels/siem', { settings: { url: receiver.url(), secret: null } })).status, 200, 'taken away');

  const etag = (await call(daemon, 'GET', 'channels/siem')).headers.etag;
  const put = (headers) => call(daemon, 'PUT', 'channels/siem', hook('siem', receiver.url()), { headers });
  assert.equal((await put({ 'if-none-match': '*' })).status, 412);
  assert.equal((await put({ 'if-none-match': etag })).status, 422);
  assert.equal((await put({ 'if-match': `"x", ${etag}` })).status, 200);
  assert.equal((await put({ 'if-match': etag })).status, 412);
  assert.equal((await call(daemon, 'PUT', 'channels/new', hook('new', receiver.url()), { headers: { 'if-none-match': '*' } })).status, 201);
  assert.equal((await call(daemon, 'POST', 'rules/order', { rules: [], bogus: 1 })).body.errors[0].pointer, '/bogus');
});

test('what a reload sets aside is told of, comes back once its cause is mended, and can be removed', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const own = '[[team]]\nname = "demo"\n';
  const daemon = await start(folder, { teams: own });
  const quiet = [{ from: '22:00', to: '07:00', zone: null }];
  assert.equal((await call(daemon, 'POST', 'channels', hook('d1', receiver.url(), { events: [], default: true, quiet }))).status, 201);
  assert.equal((await call(daemon, 'GET', 'channels/d1')).body.quiet[0].zone, undefined, 'null is as if it were left out');
  assert.equal((await call(daemon, 'POST', 'rules', { name: 'rd', channels: ['d1'] })).status, 201);
  const reload = (teams) => {
    writeConfig(folder, { plugins, extra: key(), teams: teams + admins });
    daemon.signal('SIGHUP');
  };
  const rule = async () => (await call(daemon, 'GET', 'rules/rd')).body;
  reload(own + webhook('taken', receiver.url(), { events: [], options: 'default = true' }));
  await until(async () => (await rule()).problem !== undefined, 'the rule is set aside');
  const told = async () => (await call(daemon, 'GET', 'deliveries?type=system.not_in_force')).body.deliveries ?? [];
  await until(async () => (await told()).length === 2, 'the team is told of the channel and the rule');
  assert.equal((await call(daemon, 'PATCH', 'channels/d1', { default: null })).status, 200);
  assert.equal((await rule()).problem, undefined, 'it is in force again');
  const dry = (await call(daemon, 'POST', 'rules/dry-run', { type: 'scan.failed' })).body;
  assert.ok(dry.channels.includes('d1'), JSON.stringify(dry));

  // What somebody changes now wins over what was set aside.
  assert.equal((await call(daemon, 'PATCH', 'channels/d1', { default: true })).status, 422, 'the file has a default');
  reload(own);
  await until(async () => (await call(daemon, 'GET', 'channels')).body.channels.length === 2, 'the file has none any more');
  assert.equal((await call(daemon, 'PATCH', 'channels/d1', { default: true })).status, 200);
  reload(own + webhook('taken', receiver.url(), { events: [], options: 'default = true' }));
  await until(async () => (await call(daemon, 'GET', 'channels/d1')).body.problem !== undefined, 'it is set aside');
  assert.equal((await call(daemon, 'POST', 'channels', hook('d2', receiver.url(), { events: [] }))).status, 201);
  assert.notEqual((await call(daemon, 'GET', 'channels/d1')).body.problem, undefined, 'its cause is there still');

  reload(own + webhook('d1', receiver.url('/of-the-file'), { events: [] }));
  await until(async () => (await call(daemon, 'GET', 'channels')).body.channels.filter((c) => c.name === 'd1').length === 2, 'both are listed');
  const hidden = (await call(daemon, 'GET', 'channels')).body.channels.find((c) => c.name === 'd1' && !c.provisioned);
  assert.equal(hidden.status, undefined, 'what is not in force has no status');
  assert.equal((await call(daemon, 'DELETE', 'channels/d1')).status, 200);
  assert.equal((await call(daemon, 'GET', 'channels')).body.channels.filter((c) => c.name === 'd1').length, 1);
});
