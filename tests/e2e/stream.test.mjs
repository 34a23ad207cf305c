// The notification stream end to end: nobody misses or repeats an item, whoever is cut off and comes back, also over a crash
// of the daemon. TOCSIN_STREAM_SECONDS=60 TOCSIN_STREAMS=1000 is the long run; CI takes a shorter one.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { Daemon, OPERATOR, PATIENCE, makeFolder, plugin, until, writeConfig } from './lib.mjs';
import { Stream } from './sse.mjs';

const SECONDS = Number(process.env.TOCSIN_STREAM_SECONDS ?? 10);
const STREAMS = Number(process.env.TOCSIN_STREAMS ?? (PATIENCE > 1 ? 100 : 1000));
const PEOPLE = 100;
const tokenOf = (i) => `tcs_end-to-end-tests-token-of-person-${i}`;
const people = (team, count) => Array.from({ length: count }, (_, i) => `[[token]]\nname = "person-${i}"\nrole = "member"\nteams = ["${team}"]\ntoken = "${tokenOf(i)}"\n`).join('');

const daemons = [];
after(async () => {
  for (const daemon of daemons) if (!daemon.exited) await daemon.stop();
});
async function start(count = 2) {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, { teams: '[[team]]\nname = "demo"\n', plugins: [plugin('in_app')], extra: people('demo', count) }));
  daemons.push(daemon);
  return daemon;
}
const finding = (title) => ({ team: 'demo', type: 'finding.created', severity: 'high', title });
const titles = (events) => events.filter((e) => e.type === 'item').map((e) => e.data.title);

test('what one tab marks reaches the other, and the badge can follow', async () => {
  const daemon = await start();
  const [here, there, other] = await Promise.all([Stream.open(daemon, 'demo', tokenOf(0)), Stream.open(daemon, 'demo', tokenOf(0)), Stream.open(daemon, 'demo', tokenOf(1))]);
  await daemon.push(finding('one'), { token: OPERATOR });
  const item = await here.next('item');
  await daemon.request('POST', '/v1/teams/demo/inbox/read', { token: tokenOf(0), body: { items: [item.data.id] } });
  for (const tab of [here, there]) assert.deepEqual((await tab.next('change')).data.items, [item.data.id]);
  await daemon.push(finding('two'), { token: OPERATOR });
  await other.next('item', (e) => e.data.title === 'two');
  assert.ok(!other.events.some((e) => e.type === 'change'), 'a mark is its maker\'s own');
  for (const each of [here, there, other]) each.stop();
});

test('a stream resumes without a gap over a crash of the daemon', async () => {
  const daemon = await start();
  let stream = await Stream.open(daemon, 'demo', tokenOf(0));
  await daemon.push(finding('before'), { token: OPERATOR });
  await stream.next('item');
  await daemon.kill();
  await until(() => stream.ended, 'the stream ended');
  await daemon.launch();
  for (const title of ['while away 1', 'while away 2']) await daemon.settled((await daemon.push(finding(title), { token: OPERATOR })).body.id);
  stream = await Stream.open(daemon, 'demo', tokenOf(0), stream.lastEventId);
  await stream.next('item', (e) => e.data.title === 'while away 2');
  assert.deepEqual(titles(stream.events), ['while away 1', 'while away 2']);
  await daemon.stop();
  await until(() => stream.ended, 'the stream ended');
  assert.ok(stream.events.some((e) => e.type === 'bye'), 'a clean stop says so');
});

test(`${STREAMS} streams, one cut off and resumed at random all the time, under 50 events a second`, async () => {
  const daemon = await start(PEOPLE);
  const clients = [];
  for (let i = 0; i < STREAMS; ++i) clients.push({ token: tokenOf(i % PEOPLE), got: [], stream: undefined });
  const connect = async (client) => {
    client.stream = await Stream.open(daemon, 'demo', client.token, client.stream?.lastEventId ?? '');
    assert.equal(client.stream.status, 200);
  };
  const cut = (client) => {
    client.stream.stop();
    client.got.push(...client.stream.events);
    client.stream.events = [];
  };
  for (let i = 0; i < clients.length; i += 50) await Promise.all(clients.slice(i, i + 50).map(connect));

  const expected = [];
  const end = Date.now() + SECONDS * 1000;
  let cuts = 0;
  let nextCut = Date.now();
  while (Date.now() < end) {
    const tick = Date.now();
    const batch = Array.from({ length: 5 }, (_, k) => finding(`n${expected.length + k}`));
    const answer = await daemon.request('POST', '/v1/events', { token: OPERATOR, body: batch });
    assert.equal(answer.status, 202, answer.text);
    expected.push(...batch.map((e) => e.title));
    if (Date.now() >= nextCut) {
      nextCut += 200;
      const client = clients[Math.floor(Math.random() * clients.length)];
      cut(client);
      await connect(client);
      ++cuts;
    }
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, tick + 100 - Date.now())));
  }
  const last = expected.at(-1);
  for (const client of clients) {
    await client.stream.next('item', (e) => e.data.title === last).catch(() => undefined);
    cut(client);
    assert.ok(!client.got.some((e) => e.type === 'reset' || e.type === 'busy'));
    assert.deepEqual(titles(client.got).sort((a, b) => a.slice(1) - b.slice(1)), expected, 'no item missed, none twice');
  }
  console.log(`# ${STREAMS} streams, ${expected.length} items each, ${cuts} cut off and resumed: none missed, none repeated`);
});

const MANY = PATIENCE > 1 ? 500 : 5000;
const descriptors = Number(execFileSync('sh', ['-c', 'ulimit -Hn']).toString().replace('unlimited', '1000000'));
test(`${MANY} streams at once, each with every item once and in order`, { skip: descriptors < MANY + 500 && `only ${descriptors} open files are allowed here` }, async () => {
  const ITEMS = 20;
  const daemon = await start(MANY / 20);
  const memory = () => Number(fs.readFileSync(`/proc/${daemon.pid}/status`, 'utf8').match(/VmRSS:\s+(\d+)/)[1]) / 1024;
  const before = memory();
  const streams = [];
  for (let i = 0; i < MANY; i += 100) {
    streams.push(...await Promise.all(Array.from({ length: 100 }, (_, k) => Stream.open(daemon, 'demo', tokenOf((i + k) % (MANY / 20))))));
  }
  const expected = Array.from({ length: ITEMS }, (_, i) => `n${i}`);
  for (const title of expected) {
    assert.equal((await daemon.push(finding(title), { token: OPERATOR })).status, 202);
  }
  for (const stream of streams) {
    await stream.next('item', (e) => e.data.title === expected.at(-1));
    assert.equal(stream.status, 200);
    assert.deepEqual(titles(stream.events), expected);
    assert.ok(!stream.events.some((e) => e.type === 'reset' || e.type === 'busy'));
  }
  const grown = memory() - before;
  console.log(`# ${MANY} streams took ${grown.toFixed(0)} MB, ${(grown * 1024 / MANY).toFixed(1)} KB each`);
  assert.ok(PATIENCE > 1 || grown < 150, `${grown} MB`);
  for (const stream of streams) stream.stop();
  await until(async () => /tocsin_inbox_streams 0$/m.test((await daemon.request('GET', '/metrics')).text), 'all of them are let go');
});
