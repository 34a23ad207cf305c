// Stopping, reloading, restarting, asking: what an operator does with the daemon, and what a producer may rely on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { BUILD, Daemon, OPERATOR, Receiver, makeFolder, mail, plugin, until, webhook, writeConfig } from './lib.mjs';

const run = promisify(execFile);
const running = [];
after(async () => {
  for (const each of running.reverse()) await each.stop();
});
async function start(options) {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, options));
  running.push(daemon);
  return daemon;
}
async function receive(answer) {
  const receiver = await Receiver.start(answer);
  running.push(receiver);
  return receiver;
}
const tocsin = async (daemon, ...args) => JSON.parse((await run(path.join(BUILD, 'bin', 'tocsin'), ['--url', `unix:${daemon.folder}/api.sock`, ...args, '--json'])).stdout);

test('SIGTERM under load loses nothing and doubles nothing', async () => {
  const seen = new Map();
  const receiver = await receive((request) => {
    const id = request.headers['webhook-id'];
    seen.set(id, (seen.get(id) ?? 0) + 1);
    return { status: 200, delayMs: 20 };
  });
  const daemon = await start({ teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url())}` });
  const acknowledged = new Set();
  for (let round = 0; round < 3; ++round) {
    const answers = [];
    for (let i = 0; i < 300; ++i) answers.push(daemon.push({ type: 'scan.failed', title: `${round}-${i}` }).catch(() => undefined));
    const goal = acknowledged.size + 50;
    for (const answer of answers) answer.then((a) => a?.status === 202 && acknowledged.add(a.body.deliveries[0].id));
    await until(() => acknowledged.size >= goal, 'some are acknowledged');
    daemon.signal('SIGTERM');
    const { code } = await daemon.gone;
    assert.equal(code, 0);
    daemon.agent.destroy();
    await Promise.all(answers);
    await daemon.launch();
  }
  await until(() => [...acknowledged].every((id) => seen.has(id)), 'every acknowledged delivery arrives');
  assert.equal(Math.max(...seen.values()), 1, 'none arrived twice');
});

// As after an upgrade of a plugin that is stricter than its last version, or a typing mistake in one channel of many.
test('a channel that its plugin refuses keeps neither the daemon from starting nor another team from an edit', async () => {
  const hook = await receive();
  const write = (folder, { url, to, more = '', extra = '' }) => writeConfig(folder, { plugins: ['webhook', 'smtp', 'in_app'].map(plugin), extra,
    teams: `[[team]]\nname = "demo"\n${webhook('siem', hook.url())}${webhook('typo', url)}${mail('mail', 9, to)}${more}` });
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, write(folder, { url: 'ftp://nowhere', to: 'jürgen@example.com' }));
  running.push(daemon);
  const channel = async (name) => (await daemon.request('GET', `/v1/teams/demo/channels/${name}/status`, { token: OPERATOR })).body;
  const { id } = (await daemon.push({ type: 'scan.failed', title: 'Arrives where it can' })).body;
  await until(() => hook.requests.some((request) => /Arrives where it can/.test(request.body)), 'the other channel delivers');
  for (const [name, words] of [['typo', /settings\/url: /], ['mail', /settings\/to\/0: .*beyond ASCII/]]) {
    const { state, reason } = await channel(name);
    assert.equal(state, 'unavailable', name);
    assert.match(reason, words);
    assert.ok(!reason.includes('tocsin.toml'), 'where the file is, is nothing to a team');
    assert.ok(daemon.log.some((l) => words.test(l.message) && /tocsin\.toml:\d+: team "demo", channel/.test(l.message)), 'the log says the place, too');
  }
  const checked = await run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', daemon.config]).catch((error) => error);
  assert.equal(checked.code, 1, 'who asks beforehand is told');
  assert.match(checked.stdout + checked.stderr, /channel "typo", settings\/url[^]*channel "mail", settings\/to\/0/);
  const told = await until(async () => {
    const { events } = (await daemon.request('GET', '/v1/teams/demo/events?type=system.channel_stopped', { token: OPERATOR })).body;
    return events.length === 2 ? events : undefined;
  }, 'and its team is told');
  assert.deepEqual(told.map((each) => each.title).sort(), ['The channel mail does not deliver', 'The channel typo does not deliver']);
  const made = await daemon.request('POST', '/v1/teams/demo/rules', { token: OPERATOR, body: { name: 'mine', channels: ['siem'] } });
  assert.equal(made.status, 201, JSON.stringify(made.body));

  // A reload refuses what is new about the file, and not what is known.
  const reloads = () => daemon.log.filter((l) => /configuration reloaded/.test(l.message)).length;
  write(folder, { url: 'ftp://nowhere', to: 'jürgen@example.com', more: webhook('second-typo', 'ftp://elsewhere') });
  daemon.signal('SIGHUP');
  const refused = await until(() => daemon.log.find((l) => /reload refused/.test(l.message)), 'a new mistake is refused');
  assert.match(refused.message, /second-typo/);
  // Another mistake of the same kind in a channel that is known is new, too: who mends it wants to hear it.
  write(folder, { url: 'ftp://somewhere-else', to: 'jürgen@example.com' });
  daemon.signal('SIGHUP');
  await until(() => daemon.log.filter((l) => /reload refused.*channel "typo"/.test(l.message)).length === 1, 'another wrong address is refused');
  write(folder, { url: 'ftp://nowhere', to: 'jürgen@example.com', more: webhook('second', hook.url()), extra: '# every line moves\n' });
  daemon.signal('SIGHUP');
  await until(() => reloads() === 1, 'the known ones are not');
  write(folder, { url: hook.url(), to: 'jürgen@example.com' });
  daemon.signal('SIGHUP');
  await until(() => reloads() === 2, 'one is mended');
  await until(async () => (await daemon.event(id)).deliveries.find((d) => d.channel === 'typo').state === 'delivered', 'what waited is delivered');
  assert.equal((await channel('mail')).state, 'unavailable');
  assert.equal((await channel('typo')).state, 'ready');
});

test('SIGHUP takes a good configuration at once and refuses a bad one whole', async () => {
  const first = await receive();
  const second = await receive();
  const teams = (url) => `[[team]]\nname = "demo"\n${webhook('siem', url)}`;
  const daemon = await start({ teams: teams(first.url()) });
  await daemon.settled((await daemon.push({ type: 'scan.failed' })).body.id);
  assert.equal(first.requests.length, 1);

  fs.appendFileSync(daemon.config, '\n[[team.rule]]\nname = "r"\nchannels = ["nope"]\n');
  daemon.signal('SIGHUP');
  const refusal = await until(() => daemon.log.find((l) => /reload refused/.test(l.message)), 'the refusal is logged');
  assert.match(JSON.stringify(refusal), /nope/);
  await daemon.settled((await daemon.push({ type: 'scan.failed' })).body.id);
  assert.equal(first.requests.length, 2);

  fs.writeFileSync(daemon.config, '');
  daemon.signal('SIGHUP');
  await until(() => daemon.log.find((l) => /lists no team/.test(l.message)), 'an empty file is refused');

  writeConfig(daemon.folder, { teams: teams(second.url()) });
  daemon.signal('SIGHUP');
  await until(() => daemon.log.find((l) => /configuration reloaded/.test(l.message)), 'the reload is logged');
  await daemon.settled((await daemon.push({ type: 'scan.failed' })).body.id);
  assert.equal(first.requests.length, 2);
  assert.equal(second.requests.length, 1);
});

test('200 reloads under load lose and double nothing', async () => {
  const seen = new Map();
  const receiver = await receive((request) => {
    seen.set(request.headers['webhook-id'], (seen.get(request.headers['webhook-id']) ?? 0) + 1);
  });
  const teams = (n) => `[[team]]\nname = "demo"\n${webhook('siem', receiver.url(`/v${n % 2}`))}`;
  const daemon = await start({ teams: teams(0) });
  const acknowledged = new Set();
  let reloading = true;
  const load = (async () => {
    while (reloading) {
      const answer = await daemon.push({ type: 'scan.failed' });
      assert.equal(answer.status, 202, 'no request fails during a reload');
      acknowledged.add(answer.body.deliveries[0].id);
    }
  })();
  for (let n = 1; n <= 200; ++n) {
    writeConfig(daemon.folder, { teams: teams(n) });
    daemon.signal('SIGHUP');
    const reloads = () => daemon.log.filter((l) => /configuration reloaded/.test(l.message)).length;
    await until(() => reloads() >= n, 'the reload happened');
  }
  reloading = false;
  await load;
  await until(() => [...acknowledged].every((id) => seen.has(id)), 'every acknowledged delivery arrives');
  assert.equal(Math.max(...seen.values()), 1);
});

test('a removed channel cancels what waited for it, with the reason', async () => {
  const daemon = await start({ teams: `[[team]]\nname = "demo"\n${webhook('old', 'http://127.0.0.1:9/x')}${webhook('new', 'http://127.0.0.1:9/y')}` });
  const { id } = (await daemon.push({ type: 'scan.failed' })).body;
  // Nothing listens there, so it waits for its second try; one that is under way ends with that attempt's own reason.
  await until(async () => (await daemon.event(id))?.deliveries.every((d) => d.state === 'scheduled'), 'both wait');
  writeConfig(daemon.folder, { teams: `[[team]]\nname = "demo"\n${webhook('new', 'http://127.0.0.1:9/y')}` });
  daemon.signal('SIGHUP');
  const event = await until(async () => {
    const found = await daemon.event(id);
    return found.deliveries.some((d) => d.state === 'cancelled') ? found : undefined;
  }, 'the delivery is cancelled');
  const cancelled = event.deliveries.find((d) => d.state === 'cancelled');
  assert.equal(cancelled.channel, 'old');
  assert.equal(cancelled.reason, 'channel_removed');
});

test('a second daemon on the same data is refused in one sentence', async () => {
  const daemon = await start({ teams: '[[team]]\nname = "demo"\n' });
  await assert.rejects(run(path.join(BUILD, 'bin', 'tocsind'), ['--config', daemon.config]), (error) => {
    assert.equal(error.code, 1);
    assert.match(error.stderr, /data/);
    return true;
  });
});

test('the same id and content is the same event, other content is a conflict, and 64 at once make one', async () => {
  const receiver = await receive();
  const daemon = await start({ teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url())}` });
  const event = { id: 'scan-1', type: 'scan.failed', title: 'a', data: { x: 1, y: 2 } };
  const answers = await Promise.all(Array.from({ length: 64 }, () => daemon.push(event)));
  assert.ok(answers.every((a) => a.status === 202 && a.body.id === 'scan-1'));
  assert.equal(answers.filter((a) => !a.body.duplicate).length, 1);
  assert.equal(new Set(answers.map((a) => a.body.deliveries[0].id)).size, 1);
  const reordered = await daemon.push('{"data": {"y":2,"x":1}, "title":"a","type":"scan.failed","id":"scan-1"}');
  assert.equal(reordered.body.duplicate, true);
  const other = await daemon.push({ ...event, title: 'b' });
  assert.equal(other.status, 409);
  await daemon.settled('scan-1');
  assert.equal(receiver.requests.length, 1);
  const keyed = () => daemon.push({ type: 'scan.failed', title: 'k' }, { headers: { 'idempotency-key': 'k-1' } });
  const [one, two] = [await keyed(), await keyed()];
  assert.equal(one.body.id, two.body.id);
  assert.equal(two.body.duplicate, true);
});

test('arrays and NDJSON: each event has its own answer', async () => {
  const daemon = await start({ teams: '[[team]]\nname = "demo"\n' });
  const array = await daemon.push([{ type: 'scan.failed' }, { type: 'nope.nope' }, { type: 'scan.started' }]);
  assert.equal(array.status, 202);
  assert.deepEqual(array.body.results.map((r) => r.status), [202, 422, 202]);
  assert.equal(array.body.results[1].problem.errors[0].pointer, '/type');
  const lines = await daemon.push('{"type":"scan.failed"}\n\n{"type":"scan.started"}\r\n', { headers: { 'content-type': 'application/x-ndjson' } });
  assert.equal(lines.body.accepted, 2);
  const none = await daemon.push([{ type: 'nope.nope' }]);
  assert.equal(none.status, 422);
});

test('explain tells the decision as it was made then, also after the rules changed', async () => {
  const receiver = await receive();
  const rule = (severity) => `
[[team]]
name = "demo"
${webhook('critical', receiver.url('/critical'), { events: [] })}
${webhook('default', receiver.url('/default'), { events: [], options: 'default = true' })}
[[team.rule]]
name = "to-critical"
category = "security_alert"
severities = ["${severity}"]
channels = ["critical"]
`;
  const daemon = await start({ teams: rule('critical') });
  const push = (severity) => daemon.push({ type: 'finding.created', severity });
  const critical = (await push('critical')).body;
  const high = (await push('high')).body;
  const low = (await push('low')).body;
  assert.deepEqual(critical.deliveries.map((d) => d.channel), ['critical']);
  assert.deepEqual(high.deliveries.map((d) => d.channel), ['default']);
  assert.deepEqual(low.deliveries, []);
  assert.equal((await daemon.event(low.id)).state, 'unmatched');
  const before = await tocsin(daemon, 'explain', high.id);
  assert.deepEqual(before.channels, ['default']);
  assert.equal(before.findings.find((f) => f.name === 'to-critical').matched, false);
  assert.match(before.findings.find((f) => f.name === 'to-critical').reason, /severity/);

  writeConfig(daemon.folder, { teams: rule('high') });
  daemon.signal('SIGHUP');
  await until(() => daemon.log.find((l) => /configuration reloaded/.test(l.message)), 'the reload');
  const after = await tocsin(daemon, 'explain', high.id);
  assert.deepEqual(after.channels, ['default'], 'what was decided stays decided');
  assert.deepEqual((await push('high')).body.deliveries.map((d) => d.channel), ['critical']);
  assert.equal((await tocsin(daemon, 'events', 'show', high.id)).id, high.id);
  assert.ok((await tocsin(daemon, 'deliveries', '--team', 'demo')).deliveries.length >= 3);
});

test('on the Unix socket the daemon’s own user needs no token; on TCP everybody does', async () => {
  const daemon = await start({ teams: '[[team]]\nname = "demo"\n' });
  assert.equal((await daemon.push({ type: 'scan.failed', team: 'demo' }, { socket: true, token: '' })).status, 202);
  assert.equal((await daemon.push({ type: 'scan.failed', team: 'demo' }, { token: '' })).status, 401);
  assert.equal((await daemon.request('GET', '/v1/plugins')).status, 403);
  assert.equal((await daemon.request('GET', '/v1/plugins', { token: OPERATOR })).status, 200);
});

test('another team’s event and delivery are 404', async () => {
  const receiver = await receive();
  const folder = makeFolder();
  const config = writeConfig(folder, { teams: `[[team]]\nname = "red"\n${webhook('siem', receiver.url())}\n[[team]]\nname = "blue"\n` });
  fs.appendFileSync(config, '\n[[token]]\nname = "blue-only"\nrole = "service"\nteams = ["blue"]\ntoken = "tcs_only-for-the-blue-team"\n');
  const daemon = await Daemon.start(folder, config);
  running.push(daemon);
  const pushed = (await daemon.push({ type: 'scan.failed', team: 'red', id: 'shared-name' })).body;
  const token = 'tcs_only-for-the-blue-team';
  for (const target of [`/v1/events/shared-name`, `/v1/events/shared-name/explain`, `/v1/teams/red/deliveries`, `/v1/teams/red/deliveries/${pushed.deliveries[0].id}`, `/v1/teams/blue/deliveries/${pushed.deliveries[0].id}`, '/v1/teams/nope/deliveries']) {
    assert.equal((await daemon.request('GET', target, { token })).status, 404, target);
  }
  assert.equal((await daemon.push({ type: 'scan.failed', team: 'red' }, { token })).status, 403);
});
