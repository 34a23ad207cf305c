// 200,000 deliveries queue up for a dead endpoint: memory stays under 150 MB and does not grow with the backlog.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { Daemon, PATIENCE, makeFolder, until, webhook, writeConfig } from './lib.mjs';

const TOTAL = Number(process.env.TOCSIN_QUEUED ?? 200_000);
const BATCH = 1000;
const LIMIT_MB = 150;
const sanitized = PATIENCE > 1; // shadow memory is not the daemon's own

function residentMb(pid, field = 'VmRSS') {
  const line = fs.readFileSync(`/proc/${pid}/status`, 'utf8').split('\n').find((l) => l.startsWith(field));
  return Number(line.match(/(\d+) kB/)[1]) / 1024;
}

test(`${TOTAL} queued deliveries stay on disk`, { timeout: 600_000 * PATIENCE }, async () => {
  const folder = makeFolder();
  // Port 9 (discard) of loopback: nobody listens there.
  const daemon = await Daemon.start(folder, writeConfig(folder, { teams: `[[team]]\nname = "demo"\n${webhook('dead', 'http://127.0.0.1:9/hook')}` }));
  const event = (i) => ({ type: 'finding.created', severity: 'low', title: `finding ${i}`, summary: 'x'.repeat(300), data: { i } });
  let atHalf = 0;
  for (let sent = 0; sent < TOTAL; sent += BATCH) {
    const answer = await daemon.push(Array.from({ length: BATCH }, (_, i) => event(sent + i)));
    assert.equal(answer.status, 202);
    assert.equal(answer.body.accepted, BATCH);
    if (sent + BATCH === TOTAL / 2) atHalf = residentMb(daemon.pid);
  }
  await until(async () => {
    const channel = (await daemon.request('GET', '/v1/plugins', { socket: true, token: '' })).body.channels[0];
    return channel.backlog + channel.queued + channel.in_flight >= TOTAL * 0.99;
  }, 'the backlog is known');
  const now = residentMb(daemon.pid);
  const peak = residentMb(daemon.pid, 'VmHWM');
  console.log(JSON.stringify({ queued: TOTAL, half_mb: Math.round(atHalf), end_mb: Math.round(now), peak_mb: Math.round(peak) }));
  if (!sanitized) {
    assert.ok(peak < LIMIT_MB, `peak RSS ${peak} MB`);
    assert.ok(now < atHalf + 15, `grew from ${atHalf} to ${now} MB with the backlog`);
  }
  await daemon.kill();
  await daemon.launch(); // and starts again at once with all of it
  assert.ok(sanitized || residentMb(daemon.pid) < LIMIT_MB);
  assert.equal((await daemon.stop()).code, 0);
});
