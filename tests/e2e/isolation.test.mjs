// One endpoint that accepts and never answers does not slow the other nineteen: their 99th percentile from push to arrival
// moves by less than 10 % (plus 2 ms, which is what two cores shared with the load itself cannot tell apart).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Daemon, PATIENCE, Receiver, makeFolder, percentile, until, webhook, writeConfig } from './lib.mjs';

const CHANNELS = 20;
const ROUNDS = 5;
const EVENTS = 150; // a round; each goes to all channels

// Pushes one event after another; resolves with the milliseconds from push to arrival at the healthy channels.
async function measure(daemon, receiver, healthy) {
  const times = [];
  const started = new Map();
  receiver.answer = (request) => {
    if (request.url === '/0' && receiver.hung) return { hang: true };
    if (request.url !== '/0') {
      const title = JSON.parse(request.body).data.title;
      times.push(performance.now() - started.get(title));
    }
    return { status: 200 };
  };
  for (let i = 0; i < EVENTS; ++i) {
    const title = `event ${receiver.hung} ${i} ${Math.random()}`;
    started.set(title, performance.now());
    const before = times.length;
    const answer = await daemon.push({ type: 'scan.completed', title });
    assert.equal(answer.status, 202);
    await until(() => times.length >= before + healthy, 'the healthy channels have it');
  }
  return percentile(times, 0.99);
}

test('19 channels do not feel the hanging 20th', { timeout: 300_000 * PATIENCE }, async () => {
  const receiver = await Receiver.start();
  const folder = makeFolder();
  const channels = Array.from({ length: CHANNELS }, (_, i) => webhook(`c${i}`, receiver.url(`/${i}`)));
  const daemon = await Daemon.start(folder, writeConfig(folder, { teams: `[[team]]\nname = "demo"\n${channels.join('')}` }));
  receiver.hung = false;
  await measure(daemon, receiver, CHANNELS - 1); // warm-up
  const ratios = [];
  let worst = 0;
  for (let round = 0; round < ROUNDS; ++round) {
    receiver.hung = false;
    const calm = await measure(daemon, receiver, CHANNELS - 1);
    receiver.hung = true;
    const hung = await measure(daemon, receiver, CHANNELS - 1);
    ratios.push((hung - 2) / calm);
    worst = Math.max(worst, hung);
  }
  const ratio = percentile(ratios, 0.5);
  console.log(JSON.stringify({ channels: CHANNELS, rounds: ROUNDS, ratios: ratios.map((r) => Number(r.toFixed(3))), median: Number(ratio.toFixed(3)) }));
  assert.ok(ratio < 1.1, `p99 of the healthy channels went to ${ratio.toFixed(2)} times`);
  await daemon.kill();
  await receiver.stop();
});
