// Digests with the real daemon: a window over a kill -9, a kill -9 while its message is being sent, a flood at a rate, and
// what a configuration may not ask for.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BUILD, Daemon, Receiver, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const run = promisify(execFile);
const digests = path.join(BUILD, 'tests', 'digests', 'digests.so');

function channel(type, url, options = '') {
  return `
[[team.channel]]
name = "tape"
type = "${type}"
events = ["*"]
${options}
[team.channel.settings]
url = "${url}"
`;
}

const start = (folder, type, url, options) =>
  Daemon.start(folder, writeConfig(folder, { plugins: [digests], teams: `[[team]]\nname = "demo"\n${channel(type, url, options)}` }));

const messages = (receiver) => receiver.requests.map((request) => JSON.parse(request.body));

// Pushes `count` events at once; their ids in order.
async function push(daemon, count) {
  const ids = [];
  for (let i = 0; i < count; i += 1) {
    const answer = await daemon.push({ type: 'scan.failed', title: `scan ${i}` });
    assert.equal(answer.status, 202);
    ids.push(answer.body.id);
  }
  return ids;
}

// Waits until a window of `seconds` has just begun, so that what is pushed next lies in one.
async function windowBegins(seconds) {
  const length = seconds * 1000;
  const at = Date.now();
  await until(() => Math.floor(Date.now() / length) > Math.floor(at / length), 'a window begins', length + 5000);
}

test('a kill -9 in the middle of a window: the digest goes out once, with all events', { timeout: 120_000 }, async () => {
  const receiver = await Receiver.start();
  const folder = makeFolder();
  const daemon = await start(folder, 'test.digests', receiver.url(), 'digest = "8s"');
  await windowBegins(8);
  const before = await push(daemon, 10);
  await daemon.kill();
  assert.equal(receiver.requests.length, 0, 'nothing leaves before the end of the window');
  await daemon.launch();
  const after = await push(daemon, 5);
  const waiting = await daemon.event(before[0]);
  assert.equal(waiting.deliveries[0].state, 'pending');
  assert.equal(Date.parse(waiting.deliveries[0].due) % 8000, 0, 'due at the end of the window');
  const last = await daemon.event(after[4]);
  for (const id of [...before, ...after]) await daemon.settled(id, 40_000);
  const all = [...before, ...after];
  const sent = messages(receiver);
  if (last.deliveries[0].due === waiting.deliveries[0].due) {
    assert.equal(sent.length, 1, 'one message');
    assert.deepEqual(sent[0].events, all, 'with all events, in the order of their acceptance');
    assert.equal(sent[0].message, waiting.deliveries[0].id, 'under the id of its first delivery');
    assert.equal(sent[0].digest, true);
  }
  // Also where the restart took longer than the window: no event twice, none missing.
  assert.deepEqual(sent.flatMap((message) => message.events).sort(), [...all].sort());
  const attempt = (await daemon.event(before[3])).deliveries[0].attempts[0];
  assert.equal(attempt.digest.id, sent[0].message);
  assert.equal(attempt.digest.events, sent[0].events.length);
  assert.equal((await daemon.stop()).code, 0);
  await receiver.stop();
});

test('a kill -9 while a digest is being sent: the same message again, with the same events', { timeout: 120_000 }, async () => {
  let hold = true;
  const receiver = await Receiver.start(() => (hold ? { hang: true } : { status: 200 }));
  const folder = makeFolder();
  const daemon = await start(folder, 'test.digests', receiver.url(), 'digest = "2s"');
  await windowBegins(2);
  const ids = await push(daemon, 25);
  await until(() => receiver.requests.length > 0, 'the digest is being sent', 20_000);
  await daemon.kill();
  hold = false;
  await daemon.launch();
  const fresh = await push(daemon, 3);
  for (const id of [...ids, ...fresh]) await daemon.settled(id, 40_000);
  const sent = messages(receiver);
  const first = sent[0];
  assert.deepEqual(sent.filter((message) => message.message === first.message).map((message) => message.events), [first.events, first.events]);
  const counts = new Map();
  for (const message of sent) for (const id of message.events) counts.set(id, (counts.get(id) ?? 0) + 1);
  for (const id of [...ids, ...fresh]) assert.equal(counts.get(id), first.events.includes(id) ? 2 : 1, 'twice only what was in flight');
  const event = await daemon.event(first.events[1]);
  assert.deepEqual(event.deliveries[0].attempts.map((attempt) => attempt.outcome), ['interrupted', 'delivered']);
  assert.equal(event.deliveries[0].tries, 1, 'an interruption is no try');
  assert.equal((await daemon.stop()).code, 0);
  await receiver.stop();
});

test('a flood at a rate leaves in a few messages, and a failed one comes back as it was', { timeout: 120_000 }, async () => {
  let refused;
  const receiver = await Receiver.start((request) => {
    const message = JSON.parse(request.body);
    if (!refused && message.digest) {
      refused = message;
      return { status: 503 };
    }
    return { status: 200 };
  });
  const folder = makeFolder();
  const daemon = await start(folder, 'test.digests_chat', receiver.url(), 'retry = ["1s", "1s", "1s"]');
  const ids = await push(daemon, 300);
  for (const id of ids) await daemon.settled(id, 60_000);
  const sent = messages(receiver);
  assert.ok(sent.length <= 15, `${sent.length} messages for 300 events`);
  const again = sent.filter((message) => message.message === refused.message);
  assert.deepEqual(again.map((message) => message.attempt), [1, 2]);
  assert.deepEqual(again[1].events, refused.events);
  assert.equal(again[1].carry, 'attempt 1 ended', 'the note of the first attempt');
  const delivered = sent.filter((message) => message !== again[0]).flatMap((message) => message.events);
  assert.deepEqual(delivered.sort(), [...ids].sort());
  const text = JSON.stringify(await daemon.event(refused.events[0])) + daemon.said();
  assert.ok(!text.includes('attempt 1 ended'), 'a note is shown to nobody');
  assert.equal((await daemon.stop()).code, 0);
  await receiver.stop();
});

test('collapse = 0 sends every event by itself', { timeout: 120_000 }, async () => {
  const receiver = await Receiver.start();
  const folder = makeFolder();
  const daemon = await start(folder, 'test.digests_chat', receiver.url(), 'collapse = 0');
  await push(daemon, 25);
  await until(() => receiver.requests.length >= 5, 'some have left', 30_000);
  for (const message of messages(receiver)) assert.equal(message.events.length, 1);
  assert.equal((await daemon.stop()).code, 0);
  await receiver.stop();
});

test('a type that takes no digests refuses a window before anything starts', async () => {
  const folder = makeFolder();
  const teams = `[[team]]\nname = "demo"\n${webhook('siem', 'https://siem.example.com/', { options: 'digest = "hourly"' })}`;
  const file = writeConfig(folder, { plugins: [plugin('webhook')], teams });
  const checked = await run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', file]).catch((error) => error);
  const said = `${checked.stdout ?? ''}${checked.stderr ?? ''}`;
  assert.match(said, /channel "siem", digest: channel type "webhook" sends every event by itself: remove digest/);
});
