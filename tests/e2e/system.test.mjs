// What tocsin says of itself: a channel that is gone, deliveries that failed for good, a secret that does not open. It
// reaches the team's notification centre and where its rules send it, never through the broken channel, never in a loop.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';
import { Stream } from './sse.mjs';

const kept = keeper(after);
const plugins = ['webhook', 'in_app'].map(plugin);
const push = async (daemon, event = {}) => {
  const answer = await daemon.push({ team: 'demo', type: 'scan.failed', title: 'one', ...event });
  assert.equal(answer.status, 202, answer.text);
  return answer.body;
};
// The newest first.
const own = async (daemon, team = 'demo') => {
  const log = await daemon.request('GET', `/v1/teams/${team}/deliveries?limit=200`, { token: OPERATOR });
  return log.body.deliveries.filter((d) => d.event_type.startsWith('system.'));
};
const ownItem = (stream, type) => stream.next('item', (event) => event.data.type === type);

test('a channel that is gone is told of once, where it can be heard', async () => {
  const folder = makeFolder();
  const gone = kept(await Receiver.start(() => ({ status: 410 })));
  const ops = kept(await Receiver.start());
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, { plugins, teams: `
[[team]]
name = "demo"
${webhook('siem', gone.url())}
${webhook('ops', ops.url(), { events: [] })}
[[team.rule]]
name = "own"
events = ["system.*"]
channels = ["ops", "siem"]
[[team]]
name = "other"
` })));
  const stream = kept(await Stream.open(daemon, 'demo', OPERATOR));
  await push(daemon);
  const item = (await ownItem(stream, 'system.channel_stopped')).data;
  assert.equal(item.severity, 'high');
  assert.match(item.title, /The channel siem does not deliver/);
  assert.match(item.summary, /410/);
  await ownItem(stream, 'system.deliveries_failed');
  await until(() => ops.requests.length === 2, 'the rule has its effect');
  const bodies = ops.requests.map((r) => JSON.parse(r.body));
  const stopped = bodies.find((b) => b.type === 'system.channel_stopped');
  assert.deepEqual(stopped.data.data ?? stopped.data, { channel: 'siem', channel_type: 'webhook', state: 'disabled' }, JSON.stringify(stopped));
  for (let i = 0; i < 5; ++i) await push(daemon);
  const log = await own(daemon);
  assert.deepEqual([...new Set(log.map((d) => d.channel))].sort(), ['in-app', 'ops'], 'never through the broken channel');
  assert.equal(log.length, 4, 'each once');
  assert.deepEqual(await own(daemon, 'other'), []);
  assert.equal(gone.requests.length, 1);
});

test('failed deliveries are counted, and their own failing is told to nobody', async () => {
  const folder = makeFolder();
  const bad = kept(await Receiver.start(() => ({ status: 413 })));
  const alsoBad = kept(await Receiver.start(() => ({ status: 413 })));
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, { plugins, teams: `
[[team]]
name = "demo"
${webhook('siem', bad.url(), { events: ['scan.*'] })}
${webhook('ops', alsoBad.url(), { events: ['system.*'] })}
` })));
  const events = await Promise.all(Array.from({ length: 20 }, () => push(daemon)));
  for (const event of events) await daemon.settled(event.id);
  const log = await until(async () => {
    const found = await own(daemon);
    return found.length === 2 && found.every((d) => ['delivered', 'failed'].includes(d.state)) && found;
  }, 'one event in ten minutes, and it ended');
  assert.deepEqual(Object.fromEntries(log.map((d) => [d.channel, d.state])), { 'in-app': 'delivered', ops: 'failed' });
  const event = await daemon.event(log[0].event);
  assert.match(event.title, /^1 delivery through the channel siem failed for good$/);
  assert.match(event.summary, /413/);
  const refused = await daemon.push({ team: 'demo', type: 'system.channel_stopped' });
  assert.equal(refused.status, 422);
  assert.match(refused.body.errors[0].message, /what tocsin says of itself/);
});

test('a secret that does not open is told of at the start', async () => {
  const folder = makeFolder();
  const key = path.join(folder, 'master.key');
  fs.writeFileSync(key, Buffer.alloc(32, 7).toString('base64'));
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, { plugins, extra: '[[secrets.key]]\nid = "k1"\nfile = "master.key"\n',
    teams: '[[team]]\nname = "demo"\n' })));
  const made = await daemon.request('POST', '/v1/teams/demo/channels', { token: OPERATOR,
    body: { name: 'siem', type: 'webhook', events: ['*'], settings: { url: 'http://127.0.0.1:9/', secret: `whsec_${Buffer.alloc(32, 1).toString('base64')}` } } });
  assert.equal(made.status, 201, made.text);
  await daemon.stop();
  fs.rmSync(key);
  await daemon.launch();
  const told = await until(async () => (await own(daemon))[0], 'it was told');
  const event = await daemon.event(told.event);
  assert.equal(event.type, 'system.secret_unusable');
  assert.match(event.title, /channel siem cannot deliver/);
  assert.match(event.summary, /master key "k1" cannot be used/);
});

test('a disk that is nearly full is told to every team, once, and stands in the metrics', async () => {
  const folder = makeFolder();
  const config = writeConfig(folder, { plugins, extra: `[store]\nlow_space = ${2 ** 55}\n`, teams: '[[team]]\nname = "demo"\n[[team]]\nname = "other"\n' });
  const daemon = kept(await Daemon.start(folder, config));
  for (const team of ['demo', 'other']) {
    await until(async () => (await own(daemon, team)).length === 1, `${team} is told`);
  }
  await push(daemon);
  const [told] = await own(daemon);
  assert.equal(told.event_type, 'system.disk_low');
  assert.equal(told.channel, 'in-app');
  const event = (await daemon.request('GET', `/v1/events/${told.event}`, { token: OPERATOR })).body;
  assert.equal(event.severity, 'critical');
  assert.match(event.summary, /\d+ MiB are free/);
  const metrics = (await daemon.request('GET', '/metrics', { token: '' })).text;
  assert.ok(Number(metrics.match(/^tocsin_store_free_bytes (\d+)$/m)[1]) > 0, metrics);
});
