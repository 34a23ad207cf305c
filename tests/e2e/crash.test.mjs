// kill -9 at random instants under load with a slow, failing receiver: what got a 202 is delivered or still pending, and a
// delivery is doubled only where it was in flight at a kill: sent, and its outcome not on disk yet. TOCSIN_CYCLES says how often (10 here, 50 before a release).
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { test } from 'node:test';
import { Daemon, PATIENCE, Receiver, makeFolder, random, until, webhook, writeConfig } from './lib.mjs';

const CYCLES = Number(process.env.TOCSIN_CYCLES ?? 10);
const RATE = 500; // events a second
// How long before a kill a delivery may have been answered and still be in flight: one commit on a busy disk.
const IN_FLIGHT_MS = 1000 * PATIENCE;
const seed = Number(process.env.TOCSIN_SEED ?? Date.now() % 1_000_000);

// Pushes at RATE until stopped; remembers what was acknowledged. A broken connection is the expected answer to a kill.
class Load {
  constructor(daemon, acknowledged) {
    this.daemon = daemon;
    this.acknowledged = acknowledged;
    this.sent = 0;
    this.pending = new Set();
    const start = performance.now();
    this.timer = setInterval(() => {
      const due = Math.floor(((performance.now() - start) / 1000) * RATE);
      while (this.sent < due) this.push();
    }, 2);
  }

  push() {
    this.sent += 1;
    const attempt = this.daemon
      .push({ type: 'scan.failed', title: `scan ${this.sent}`, source: 'registry' })
      .then((answer) => {
        if (answer.status === 202) this.acknowledged.set(answer.body.deliveries[0].id, answer.body.id);
      })
      .catch(() => {});
    this.pending.add(attempt);
    attempt.finally(() => this.pending.delete(attempt));
  }

  async stop() {
    clearInterval(this.timer);
    await Promise.all(this.pending);
  }
}

function checkDatabase(folder) {
  const result = execFileSync('sqlite3', [path.join(folder, 'data', 'tocsin.db'), 'PRAGMA integrity_check;']).toString().trim();
  assert.equal(result, 'ok');
}

test(`${CYCLES} kills lose nothing (seed ${seed})`, { timeout: 60_000 * CYCLES * PATIENCE }, async () => {
  const chance = random(seed);
  const seen = new Map(); // delivery id -> when the receiver said 200 to it
  const kills = [];
  const receiver = await Receiver.start((request) => {
    const luck = chance();
    if (luck < 0.05) return { status: 503, delayMs: 5 };
    if (luck < 0.1) return { reset: true };
    const id = request.headers['webhook-id'];
    const answers = seen.get(id) ?? [];
    answers.push(request.at);
    seen.set(id, answers);
    return { status: 200, delayMs: Math.floor(chance() * 20) };
  });
  const folder = makeFolder();
  const config = writeConfig(folder, {
    teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url(), { options: 'retry = ["100ms", "100ms", "100ms", "100ms", "200ms", "200ms", "500ms", "500ms", "1s", "1s", "1s", "1s"]' })}`,
  });
  const acknowledged = new Map();
  const daemon = new Daemon(folder, config);
  for (let cycle = 0; cycle < CYCLES; ++cycle) {
    await daemon.launch();
    const load = new Load(daemon, acknowledged);
    const enough = acknowledged.size + 20 + Math.floor(chance() * 400);
    await until(() => acknowledged.size >= enough, 'some events are acknowledged', 30_000);
    kills.push(Date.now());
    await daemon.kill();
    await load.stop();
    checkDatabase(folder);
  }
  await daemon.launch();
  // Whatever is left is delivered, or on record as failed with a reason after all its tries.
  const left = new Set(acknowledged.keys());
  await until(
    async () => {
      for (const id of left) {
        if (seen.has(id)) left.delete(id);
      }
      for (const id of [...left].slice(0, 20)) {
        const answer = await daemon.request('GET', `/v1/teams/demo/deliveries/${id}`);
        assert.equal(answer.status, 200, `delivery ${id} was acknowledged and is unknown`);
        if (answer.body.state === 'failed') left.delete(id);
      }
      return left.size === 0;
    },
    'every acknowledged delivery is accounted for',
    120_000,
  );
  const doubled = [...seen.values()].filter((answers) => answers.length > 1);
  for (const answers of doubled) {
    for (const answered of answers.slice(0, -1)) {
      assert.ok(
        kills.some((kill) => answered <= kill + 50 && answered >= kill - IN_FLIGHT_MS),
        'a delivery that was not in flight at a kill arrived twice',
      );
    }
  }
  const failed = [...acknowledged.keys()].filter((id) => !seen.has(id)).length;
  const { code } = await daemon.stop();
  assert.equal(code, 0);
  checkDatabase(folder);
  await receiver.stop();
  console.log(JSON.stringify({ cycles: CYCLES, seed, acknowledged: acknowledged.size, lost: 0, failed, duplicates: doubled.length }));
  assert.ok(failed < acknowledged.size / 100, 'a receiver that fails one time in ten gets nearly everything');
});
