// Plugins in processes of their own, under the real daemon: killed a hundred times under load, a hostile one beside a
// channel that is well, and what an operator does about them. The faulty ones are in faults.test.mjs.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { BUILD, Daemon, OPERATOR, Receiver, faulty, keeper, makeFolder, percentile, plugin, random, until, webhook, writeConfig } from './lib.mjs';

const kept = keeper(after);
const run = promisify(execFile);
const KILLS = Number(process.env.TOCSIN_KILLS ?? 100);
const hostile = path.join(BUILD, 'tests', 'hostile', 'hostile.so');
const sandboxed = (file) => `[[plugin]]\npath = "${file}"\nisolation = "sandbox"\n`;
const tocsin = (daemon, ...args) => run(path.join(BUILD, 'bin', 'tocsin'), ['--url', `unix:${daemon.folder}/api.sock`, ...args]);

async function listed(daemon, name) {
  const answer = await daemon.request('GET', '/v1/plugins', { token: OPERATOR });
  return answer.body.plugins.find((each) => each.path.endsWith(`/${name}.so`));
}

const isAlive = (pid) => {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

test(`a plugin's process killed ${KILLS} times under load costs no delivery, and doubles one only where bytes had left`, { timeout: 600_000 }, async () => {
  const seed = Number(process.env.TOCSIN_SEED ?? Date.now() % 100_000);
  const next = random(seed);
  const receiver = kept(await Receiver.start(() => ({ status: 200, delayMs: Math.floor(next() * 10) })));
  const folder = makeFolder();
  // A window below the breaker's five, so that one crash does not pass for a dead receiver.
  const daemon = await Daemon.start(folder, writeConfig(folder, {
    plugins: [], extra: sandboxed(plugin('webhook')),
    teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url(), { options: 'window = 4\nretry = ["100ms", "200ms", "300ms", "400ms", "500ms"]' })}`,
  }));
  assert.equal((await listed(daemon, 'webhook')).sandbox.level, 'full');
  const pushed = [];
  let pushing = true;
  const load = (async () => {
    while (pushing) {
      const answer = await daemon.push({ type: 'scan.failed', title: `event ${pushed.length}` });
      assert.equal(answer.status, 202, answer.text);
      pushed.push(answer.body.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  for (let kill = 0; kill < KILLS; ++kill) {
    const pid = await until(async () => (await listed(daemon, 'webhook')).sandbox.pid, `a process after ${kill} kills (seed ${seed})`);
    await new Promise((resolve) => setTimeout(resolve, next() * 60));
    process.kill(pid, 'SIGKILL');
    await until(async () => (await listed(daemon, 'webhook')).sandbox.pid !== pid, 'the daemon noticed');
    // Who kills it on purpose says that it may start again; half of the waits are waited for.
    if (kill % 2 === 0 || kill > KILLS - 3) assert.equal((await daemon.request('POST', '/v1/plugins/webhook/reset', { token: OPERATOR })).status, 200);
  }
  pushing = false;
  await load;
  const events = [];
  for (const id of pushed) events.push(await daemon.settled(id, 60_000));
  const arrivals = new Map();
  for (const { headers } of receiver.requests) arrivals.set(headers['webhook-id'], (arrivals.get(headers['webhook-id']) ?? 0) + 1);
  let doubled = 0;
  let uncertain = 0;
  for (const { deliveries: [delivery] } of events) {
    assert.equal(delivery.state, 'delivered', `seed ${seed}: ${JSON.stringify(delivery)}`);
    const left = delivery.attempts.filter((attempt) => attempt.code === 'plugin.crashed');
    for (const attempt of left) assert.equal(attempt.outcome, 'uncertain');
    uncertain += left.length;
    const count = arrivals.get(delivery.id) ?? 0;
    assert.ok(count >= 1, `${delivery.id} arrived (seed ${seed})`);
    assert.ok(count <= 1 + left.length, `${delivery.id} arrived ${count} times with ${left.length} uncertain attempts (seed ${seed})`);
    if (count > 1) ++doubled;
  }
  const { sandbox } = await listed(daemon, 'webhook');
  console.log(JSON.stringify({ kills: KILLS, seed, events: pushed.length, uncertain, doubled, restarts: sandbox.restarts }));
  assert.equal((await daemon.stop()).code, 0);
});

test('a new file of a plugin is taken at a reload: the new process starts, the old one is drained, nothing is lost or sent twice', { timeout: 300_000 }, async () => {
  const receiver = kept(await Receiver.start(() => ({ status: 200, delayMs: 20 })));
  const folder = makeFolder();
  const file = path.join(folder, 'webhook.so');
  // The same program with other bytes behind its end: another file, which does the same.
  const put = (bytes) => {
    fs.writeFileSync(`${file}.new`, bytes, { mode: 0o755 });
    fs.renameSync(`${file}.new`, file);
  };
  const original = fs.readFileSync(plugin('webhook'));
  put(original);
  const daemon = await Daemon.start(folder, writeConfig(folder, {
    plugins: [], extra: sandboxed(file), teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url())}`,
  }));
  const pushed = [];
  let pushing = true;
  const load = (async () => {
    while (pushing) {
      pushed.push((await daemon.push({ type: 'scan.failed', title: `event ${pushed.length}` })).body.id);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  // Whoever asks meanwhile reads of one file and of its own process.
  const processes = new Map();
  let asking = true;
  const answers = (async () => {
    while (asking) {
      const { sha256, sandbox } = await listed(daemon, 'webhook');
      if (!processes.has(sha256)) processes.set(sha256, new Set());
      processes.get(sha256).add(sandbox.pid);
    }
  })();
  for (let version = 1; version <= 5; ++version) {
    const before = await listed(daemon, 'webhook');
    const enough = pushed.length + 40;
    await until(() => pushed.length > enough, 'it works');
    put(Buffer.concat([original, Buffer.from(`version ${version}`)]));
    daemon.signal('SIGHUP');
    const now = await until(async () => {
      const state = await listed(daemon, 'webhook');
      return state.sha256 !== before.sha256 && state.sandbox.state === 'running' ? state : undefined;
    }, `version ${version} runs`);
    assert.notEqual(now.sandbox.pid, before.sandbox.pid);
    await until(() => !isAlive(before.sandbox.pid), 'the old process ended once it had nothing to do');
  }
  asking = false;
  await answers;
  assert.deepEqual([...processes.values()].map((pids) => pids.size), Array(6).fill(1), 'a file has one process');
  const good = await listed(daemon, 'webhook');
  // One that is stricter, and refuses a channel that there is: the reload is refused, and with it the new file. The old
  // one goes on, and no team's edit meets the other.
  const stricter = Buffer.from(original.toString('latin1').replace('"format": "uri", "minLength": 1, "maxLength": 2048', '"format": "uri", "minLength": 1, "maxLength": 8   '), 'latin1');
  assert.ok(!stricter.equals(original) && stricter.length === original.length);
  put(stricter);
  daemon.signal('SIGHUP');
  const strict = await until(() => daemon.log.find((line) => /reload refused/.test(line.message)), 'the stricter file is refused');
  assert.match(strict.message, /channel "siem", settings\/url/);
  const edit = await daemon.request('POST', '/v1/teams/demo/rules', { token: OPERATOR, body: { name: 'mine', channels: ['siem'], events: ['sla.*'] } });
  assert.equal(edit.status, 201, JSON.stringify(edit.body));
  const same = await listed(daemon, 'webhook');
  assert.deepEqual([same.sha256, same.sandbox.pid, same.problem], [good.sha256, good.sandbox.pid, '']);
  await until(() => childrenOf(daemon.pid).length === 1, 'the process of the refused file has ended');
  const before = receiver.requests.length;
  await until(() => receiver.requests.length > before + 10, 'it delivers on');
  // A file that does not load changes nothing but what is said.
  put('no library');
  daemon.signal('SIGHUP');
  const refused = await until(async () => {
    const state = await listed(daemon, 'webhook');
    return state.problem ? state : undefined;
  }, 'the bad file is refused');
  assert.match(refused.problem, /goes on as it was loaded.*its file is refused now/);
  assert.deepEqual([refused.loaded, refused.sandbox.pid, refused.sha256], [true, good.sandbox.pid, good.sha256]);
  put(original);
  daemon.signal('SIGHUP');
  await until(async () => (await listed(daemon, 'webhook')).problem === '', 'the good file again');
  pushing = false;
  await load;
  for (const id of pushed) {
    const { deliveries: [delivery] } = await daemon.settled(id, 60_000);
    assert.deepEqual([delivery.state, delivery.attempts.length], ['delivered', 1], JSON.stringify(delivery));
  }
  const arrivals = receiver.requests.map(({ headers }) => headers['webhook-id']);
  assert.equal(new Set(arrivals).size, pushed.length);
  assert.equal(arrivals.length, pushed.length, 'none twice');
  console.log(JSON.stringify({ versions: 7, events: pushed.length }));
  assert.equal((await daemon.stop()).code, 0);
});

const childrenOf = (pid) => fs.readdirSync(`/proc/${pid}/task`).flatMap((thread) => fs.readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' ').filter(Boolean));
const channel = (name, type, events, options = '') => `\n[[team.channel]]\nname = "${name}"\ntype = "${type}"\nevents = ["${events}"]\n${options}\n`;

test('a hostile plugin is refused everything, each attempt is in the log, and the daemon serves on', async () => {
  const receiver = kept(await Receiver.start());
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, {
    plugins: [plugin('webhook'), hostile],
    teams: `[[team]]\nname = "demo"\n${webhook('well', receiver.url(), { events: ['finding.*'] })}${channel('bad', 'test.hostile', 'scan.failed')}`,
  }));
  const acts = { read_passwd: 'openat', read_parent: 'openat', connect: 'connect', exec: 'execve', ptrace: 'ptrace', kill_parent: 'kill', fill_memory: '', fill_disk: 'openat', map_code: 'mprotect to code', fork_bomb: 'clone' };
  const latencies = [];
  for (const [act, call] of Object.entries(acts)) {
    const before = daemon.log.length;
    const { id } = (await daemon.push({ type: 'scan.failed', title: act })).body;
    for (let i = 0; i < 10; ++i) {
      const from = performance.now();
      const well = await daemon.settled((await daemon.push({ type: 'finding.created', severity: 'low' })).body.id);
      latencies.push(performance.now() - from);
      assert.equal(well.deliveries[0].state, 'delivered', act);
    }
    const [delivery] = (await daemon.settled(id)).deliveries;
    assert.equal(delivery.attempts[0].code || delivery.state, 'hostile.refused', act);
    if (call) await until(() => daemon.log.slice(before).some((line) => line.component === 'sandbox' && line.call === call), `${act}: ${call} is in the log`);
  }
  assert.ok(isAlive(daemon.pid));
  assert.ok(!fs.existsSync('/tmp/tocsin-hostile'));
  console.log(JSON.stringify({ neighbour_p99_ms: Math.round(percentile(latencies, 0.99)) }));
  assert.equal((await daemon.stop()).code, 0);
});

test('quarantine: the deliveries wait, the status says why, and reset delivers them', { timeout: 120_000 }, async () => {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, {
    plugins: [faulty('valid'), plugin('in_app')], teams: `[[team]]\nname = "demo"\n${channel('pager', 'test.ok', '*')}`,
  }));
  for (let crash = 0; crash < 5; ++crash) {
    const pid = await until(async () => (await listed(daemon, 'valid')).sandbox.pid, 'a process');
    await until(async () => (await listed(daemon, 'valid')).sandbox.state === 'running', 'it runs');
    process.kill(pid, 'SIGKILL');
    await until(async () => (await listed(daemon, 'valid')).sandbox.pid !== pid, 'the daemon noticed');
  }
  assert.equal((await listed(daemon, 'valid')).sandbox.state, 'quarantined');
  const status = await until(async () => {
    const { body } = await daemon.request('GET', '/v1/teams/demo/channels/pager/status', { token: OPERATOR });
    return body.state === 'unavailable' ? body : undefined;
  }, 'the channel is unavailable');
  assert.match(status.reason, /quarantined.*tocsin plugin reset/);
  const { id } = (await daemon.push({ type: 'scan.failed' })).body;
  const state = (event) => event.deliveries.find((delivery) => delivery.channel === 'pager').state;
  assert.equal(state(await daemon.event(id)), 'pending');
  const told = await until(async () => {
    const log = await daemon.request('GET', '/v1/teams/demo/deliveries?type=system.channel_stopped', { token: OPERATOR });
    return log.body.deliveries.length > 0 && log.body.deliveries;
  }, 'the team is told');
  assert.deepEqual(told.map((delivery) => delivery.channel), ['in-app']);
  const { stdout } = await tocsin(daemon, 'plugin', 'list');
  assert.match(stdout, /sandbox, quarantined/);
  assert.match(stdout, /SIGKILL/);
  assert.match((await tocsin(daemon, 'plugin', 'reset', 'test.ok')).stdout, /starts anew/);
  assert.equal(state(await daemon.settled(id)), 'delivered');
  const { pid } = (await listed(daemon, 'valid')).sandbox;
  await daemon.kill();
  await until(() => !isAlive(pid), 'the process ends with the daemon');
});

test('plugin add looks at a file in a sandbox and lists it with its hash; the daemon takes it up', async () => {
  const folder = makeFolder();
  const config = writeConfig(folder, { plugins: [], teams: '[[team]]\nname = "demo"\nin_app = false\n' });
  const file = path.join(folder, 'acme.so');
  fs.copyFileSync(faulty('valid'), file);
  fs.chmodSync(file, 0o755);
  const add = (...args) => run(path.join(BUILD, 'bin', 'tocsin'), ['plugin', 'add', ...args, '--config', config]);
  const before = fs.readFileSync(config, 'utf8');
  const { stdout } = await add(file, '--dry-run');
  assert.match(stdout, /test\.ok 1\.0\.0/);
  assert.match(stdout, /sandbox full/);
  assert.equal(fs.readFileSync(config, 'utf8'), before);
  await add(file);
  const after_ = fs.readFileSync(config, 'utf8');
  assert.match(after_.slice(before.length), /^\n\[\[plugin\]\]\npath = ".*acme\.so"\nsha256 = "[0-9a-f]{64}"\n$/);
  await assert.rejects(add(file), /lists it already, in line \d+/);
  await assert.rejects(add(faulty('no_entry')), /exports no tocsin_plugin_v1/);
  const daemon = await Daemon.start(folder, config);
  const found = await listed(daemon, 'acme');
  assert.deepEqual([found.loaded, found.isolation, found.sandbox.state], [true, 'sandbox', 'running']);
  assert.equal((await daemon.stop()).code, 0);
});
