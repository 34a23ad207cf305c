// Much of everything: 10,000 notifications, a log of 1,000,000 deliveries, and an hour of alerts at ten a second, accelerated.
// What is asked of the server stays quick, and what the page holds stays bounded.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Stage, open, push } from './console.mjs';
import { OPERATOR, PATIENCE } from './lib.mjs';

const stage = await Stage.start(after);
const PAGE_MS = 100;
const MOST_NODES = 12_000;
const ITEMS = 10_000;
const DELIVERIES = 1_000_000;

// The daemon's own database, filled while it is stopped: events with a delivery each, the oldest first, an hour long; and
// notifications. Numbers are as the daemon gives them: the time in milliseconds, 20 bits further up.
function fill(daemon) {
  const file = path.join(daemon.folder, 'data', fs.readdirSync(path.join(daemon.folder, 'data')).find((name) => /\.(db|sqlite3?)$/.test(name)));
  execFileSync('python3', ['-c', `
import sqlite3, sys, time
db = sqlite3.connect(sys.argv[1])
deliveries, items = int(sys.argv[2]), int(sys.argv[3])
seq, team, generation, severity, type_, payload, deliveries_of = db.execute(
    "SELECT seq, team, generation, severity, type, payload, deliveries FROM event ORDER BY seq DESC LIMIT 1").fetchone()
channel, = db.execute("SELECT id FROM channel WHERE name = 'siem'").fetchone()
first = (seq >> 20) - 30 * 60000
step = 30 * 60000 * (1 << 20) // deliveries
db.execute("PRAGMA synchronous = OFF")
numbers = [(first << 20) + i * step for i in range(deliveries)]
db.executemany("INSERT INTO event(seq, team, generation, received_ms, deliveries, severity, type, payload) VALUES(?,?,?,?,1,?,?,?)",
    ((n, team, generation, n >> 20, severity, type_, payload) for n in numbers))
db.executemany("INSERT INTO delivery(id, channel, state, tries, epoch, at_ms) VALUES(?,?,?,1,0,?)",
    ((n + 1, channel, 10 if i % 1000 else 12, (n >> 20) + 20) for i, n in enumerate(numbers)))
row = db.execute("SELECT * FROM inbox_item ORDER BY place DESC LIMIT 1").fetchone()
names = [each[1] for each in db.execute("PRAGMA table_info(inbox_item)")]
at = {name: i for i, name in enumerate(names)}
last, = db.execute("SELECT last FROM inbox WHERE team = ?", (row[at['team']],)).fetchone()
def item(i):
    new = list(row)
    new[at['place']] = row[at['place']] + i
    new[at['key']] = 'made-%d' % i
    new[at['title']] = 'Item %d' % i
    return new
db.executemany("INSERT INTO inbox_item VALUES(%s)" % ','.join('?' * len(names)), (item(i) for i in range(1, items + 1)))
db.execute("UPDATE inbox SET last = ? WHERE team = ?", (last + items, row[at['team']]))
db.commit()
`, file, String(DELIVERIES), String(ITEMS)], { stdio: 'inherit' });
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
async function timed(daemon, target) {
  const times = [];
  let answer;
  for (let n = 0; n < 5; ++n) {
    const start = performance.now();
    answer = await daemon.request('GET', `/v1/teams/demo/${target}`, { token: OPERATOR });
    times.push(performance.now() - start);
    assert.equal(answer.status, 200, answer.text);
  }
  return { ms: median(times), body: answer.body };
}
const nodes = (page) => page.evaluate(() => document.getElementsByTagName('*').length);

test('10,000 notifications and 1,000,000 deliveries: pages come at once, and the page stays small', async () => {
  const daemon = await stage.daemon();
  await daemon.settled(await push(daemon, { type: 'scan.failed', title: 'The first of many' }));
  await daemon.stop();
  fill(daemon);
  await daemon.launch();
  const said = [];
  for (const target of ['deliveries?limit=50', 'deliveries?limit=50&channel=siem', 'deliveries?limit=50&state=failed', 'deliveries?limit=50&type=scan.failed', 'inbox?limit=50', 'inbox/counts', 'channels', 'rules']) {
    const { ms } = await timed(daemon, target);
    said.push(`${target} ${ms.toFixed(1)} ms`);
    assert.ok(ms < PAGE_MS * PATIENCE, `${target}: ${ms} ms`);
  }
  const overview = await timed(daemon, 'overview');
  assert.equal(overview.body.complete, false, 'it says that it has not counted all that was before its start');
  said.push(`overview ${overview.ms.toFixed(1)} ms`);
  assert.ok(overview.ms < PAGE_MS * PATIENCE, `overview: ${overview.ms} ms`);
  console.log(said.join(', '));

  const { person, page } = await stage.signIn(daemon);
  await page.getByText(`Item ${ITEMS}`, { exact: true }).waitFor();
  await page.getByText(/\d+ unread/).first().waitFor({ state: 'attached' });
  for (let n = 0; n < 12; ++n) {
    const last = await page.locator('.item').last().getAttribute('data-id');
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.waitForFunction((id) => [...document.querySelectorAll('.item')].at(-1).dataset.id !== id, last);
    assert.ok((await page.locator('.item').count()) <= 300);
  }
  assert.equal(await page.getByText(`Item ${ITEMS}`, { exact: true }).count(), 0, 'the newest has made room');
  assert.ok((await nodes(page)) < MOST_NODES, `${await nodes(page)} nodes`);
  // Smooth: from the top to the bottom without a frame that takes long.
  const slowest = await page.evaluate(async () => {
    let worst = 0;
    let before = performance.now();
    scrollTo(0, 0);
    for (let y = 0; y < document.documentElement.scrollHeight; y += 400) {
      scrollTo(0, y);
      const now = await new Promise(requestAnimationFrame);
      worst = Math.max(worst, now - before);
      before = now;
    }
    return worst;
  });
  console.log(`${await nodes(page)} nodes; the slowest frame while scrolling: ${slowest.toFixed(0)} ms`);
  assert.ok(slowest < 250 * PATIENCE, `${slowest} ms`);
  await page.getByRole('button', { name: 'Back to the newest' }).click();
  await page.getByText(`Item ${ITEMS}`, { exact: true }).waitFor();

  await open(page, 'deliveries?state=failed');
  await page.locator('tbody tr').first().waitFor();
  for (let n = 0; n < 8; ++n) {
    const last = await page.locator('tbody a').last().getAttribute('href');
    await page.getByRole('button', { name: 'Show older' }).click();
    await page.waitForFunction((href) => [...document.querySelectorAll('tbody a')].at(-1).getAttribute('href') !== href, last);
    assert.ok((await page.locator('tbody tr').count()) <= 300);
  }
  assert.ok((await nodes(page)) < MOST_NODES);
  await page.getByRole('button', { name: 'Count them' }).click();
  await page.getByText(/^1000 deliveries would be sent again/).waitFor();
  assert.deepEqual(person.complaints, []);
});

test('an hour of ten alerts a second leaves the page as small as it was', async () => {
  const daemon = await stage.daemon({ channels: ' ' });
  const { person, page } = await stage.signIn(daemon);
  const session = await person.newCDPSession(page);
  const heap = async () => {
    await session.send('HeapProfiler.collectGarbage');
    return (await session.send('Runtime.getHeapUsage')).usedSize;
  };
  let pushed = 0;
  const pour = async (many) => {
    for (let left = many; left > 0; left -= 1_000) {
      const body = Array.from({ length: 1_000 }, () => ({ team: 'demo', type: 'finding.created', severity: 'low', title: `Alert ${++pushed}` }));
      assert.equal((await daemon.request('POST', '/v1/events', { body })).status, 202);
      await page.getByText(`Alert ${pushed}`, { exact: true }).waitFor({ timeout: 60_000 * PATIENCE });
    }
  };
  await pour(4_000); // the list is full, everything is warm
  const before = await heap();
  await pour(32_000);
  const after_ = await heap();
  assert.ok((await page.locator('.item').count()) <= 300);
  assert.ok((await nodes(page)) < MOST_NODES);
  console.log(`heap after 4,000 alerts: ${(before / 1e6).toFixed(1)} MB, after 36,000: ${(after_ / 1e6).toFixed(1)} MB`);
  assert.ok(after_ < before * 1.25 + 2e6, `${before} to ${after_}`);
  assert.deepEqual(person.complaints, []);
});
