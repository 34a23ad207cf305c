// Sending again and cancelling by hand, as after an outage: one, many by a filter with a count first, over a crash, and
// what cannot be.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { BUILD, Daemon, OPERATOR, Receiver, TOKEN, keeper, mail, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';
import { Exim, makeCertificate } from './mail.mjs';

const kept = keeper(after);
const run = promisify(execFile);
const post = (daemon, target, body, token = OPERATOR) => daemon.request('POST', `/v1/teams/demo/deliveries/${target}`, { token, body });
const push = async (daemon, type = 'scan.failed') => {
  const answer = await daemon.push({ team: 'demo', type, title: 'one' });
  assert.equal(answer.status, 202, answer.text);
  return answer.body;
};
const start = async (folder, channels) =>
  kept(await Daemon.start(folder, writeConfig(folder, { plugins: [plugin('webhook')], teams: `[[team]]\nname = "demo"\n${channels}` })));
const since = () => new Date(Date.now() - 3_600_000).toISOString();

test('a delivery that failed for good is sent again with its whole schedule, under the same id', async () => {
  const folder = makeFolder();
  let answer = { status: 413 };
  const receiver = kept(await Receiver.start(() => answer));
  const daemon = await start(folder, webhook('siem', receiver.url(), { options: 'retry = ["30s", "1s"]' }));
  const id = (await push(daemon)).deliveries[0].id;
  const state = async () => (await daemon.request('GET', `/v1/teams/demo/deliveries/${id}`)).body;
  await until(async () => (await state()).state === 'failed', 'it failed');
  answer = { status: 500 };
  const again = await post(daemon, `${id}/redeliver`);
  assert.equal(again.status, 200, again.text);
  assert.deepEqual([again.body.id, again.body.state, again.body.tries], [id, 'pending', 0]);
  const scheduled = await until(async () => {
    const now = await state();
    return now.state === 'scheduled' && now;
  }, 'it is tried again by the schedule');
  assert.equal(scheduled.attempts.length, 2);
  answer = { status: 200 };
  assert.equal((await post(daemon, `${id}/redeliver`)).status, 200, 'what waits for its next try may go at once');
  const end = await until(async () => {
    const now = await state();
    return now.state === 'delivered' && now;
  }, 'it was delivered');
  assert.deepEqual(end.attempts.map((a) => [a.number, a.http_status]), [[1, 413], [2, 500], [3, 200]]);
  assert.equal(new Set(receiver.requests.map((r) => r.headers['webhook-id'])).size, 1);
  assert.equal((await post(daemon, `${id}/redeliver`)).status, 200, 'a delivered one may be sent again, too');
  await until(() => receiver.requests.length === 4, 'it arrived once more');
});

test('an outage is repaired by one request, counted before, over kill -9', async () => {
  const folder = makeFolder();
  let down = true;
  const receiver = kept(await Receiver.start(() => ({ status: down ? 413 : 200 })));
  const other = kept(await Receiver.start(() => ({ status: 413 })));
  const daemon = await start(folder, webhook('siem', receiver.url(), { events: ['scan.*', 'sla.*'] }) + webhook('other', other.url(), { events: ['sla.*'] }));
  const ids = [];
  for (let i = 0; i < 1200; i += 100) {
    const many = await Promise.all(Array.from({ length: 100 }, (_, k) => push(daemon, k % 10 === 0 ? 'sla.warning' : 'scan.failed')));
    ids.push(...many.map((m) => m.id));
  }
  for (const id of ids) await daemon.settled(id);
  const dry = await post(daemon, 'redeliver', { since: since(), channel: 'siem', dry_run: true });
  assert.deepEqual(dry.body, { count: 1200, dry_run: true, more: false });
  assert.equal((await post(daemon, 'redeliver', { since: since(), type: 'scan.failed', dry_run: true })).body.count, 1080);
  assert.equal((await post(daemon, 'redeliver', { since: since(), type: 'sla.warning', channel: 'siem', dry_run: true })).body.count, 120);
  assert.equal((await post(daemon, 'redeliver', { since: new Date(Date.now() + 60_000).toISOString(), dry_run: true })).body.count, 0);
  assert.equal((await post(daemon, 'redeliver', { since: since(), until: since(), dry_run: true })).body.count, 0);
  down = false;
  receiver.requests.length = 0;
  other.requests.length = 0;
  assert.deepEqual((await post(daemon, 'redeliver', { since: since(), channel: 'siem' })).body, { count: 1200, dry_run: false, more: false });
  await daemon.kill();
  await daemon.launch();
  for (const id of ids) await daemon.settled(id);
  const arrived = new Set(receiver.requests.map((r) => r.headers['webhook-id']));
  assert.equal(arrived.size, 1200, 'all arrived');
  assert.equal(other.requests.length, 0, 'the other channel was not asked for');
  const said = await run(path.join(BUILD, 'bin', 'tocsin'), ['--url', `http://127.0.0.1:${daemon.port}`, '--token', OPERATOR,
    'redeliver', '--team', 'demo', '--since', since(), '--type', 'sla.warning', '--dry-run']);
  assert.match(said.stdout, /^120 deliveries would be sent again/);
});

test('a waiting delivery is cancelled and never sent', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const slow = kept(await Receiver.start(() => ({ hang: true })));
  const daemon = await start(folder, webhook('siem', receiver.url(), { options: 'paused = true' }) +
    webhook('slow', slow.url(), { events: ['sla.*'], options: 'window = 1' }));
  const id = (await push(daemon)).deliveries[0].id;
  const cancelled = await post(daemon, `${id}/cancel`);
  assert.equal(cancelled.status, 200, cancelled.text);
  assert.equal(cancelled.body.state, 'cancelled');
  assert.equal(cancelled.body.reason, 'cancelled by operator');
  assert.equal((await post(daemon, `${id}/cancel`)).status, 409);

  // One is on its way, the other waits in memory behind it.
  const first = (await push(daemon, 'sla.warning')).deliveries.find((d) => d.channel === 'slow').id;
  const second = (await push(daemon, 'sla.warning')).deliveries.find((d) => d.channel === 'slow').id;
  await until(() => slow.requests.length === 1, 'the first is on its way');
  const under = await post(daemon, `${first}/cancel`);
  assert.equal(under.status, 409);
  assert.match(under.body.detail, /under way/);
  assert.equal((await post(daemon, `${first}/redeliver`)).status, 409);
  assert.equal((await post(daemon, `${second}/cancel`)).status, 200);
  const log = (await daemon.request('GET', '/v1/teams/demo/deliveries?state=cancelled')).body.deliveries;
  assert.deepEqual(log.map((d) => d.id), [second, id]);

  for (const [target, body, status, words] of [
    ['dlv_0000000000001/cancel', undefined, 404, /no such delivery/],
    ['nonsense/redeliver', undefined, 404, /no such delivery/],
    ['redeliver', {}, 422, /since: is missing/],
    ['redeliver', { since: 'yesterday' }, 422, /RFC 3339/],
    ['redeliver', { since: since(), state: 'pending' }, 422, /must be failed/],
    ['redeliver', { since: since(), chanel: 'x' }, 422, /not a member/],
    ['redeliver', { since: since(), dry_run: 'yes' }, 422, /true or false/],
    ['redeliver', { since: since(), channel: 'nowhere' }, 422, /no channel/],
  ]) {
    const answer = await post(daemon, target, body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.body.detail, words);
  }
  assert.equal((await post(daemon, `${id}/redeliver`, undefined, TOKEN)).status, 403);
});

test('a mail that arrived is mailed again when somebody asks for it', async () => {
  const folder = makeFolder();
  const certificate = makeCertificate(folder);
  const exim = kept(await Exim.start(folder, certificate));
  const config = writeConfig(folder, { plugins: [plugin('smtp')], ca: certificate.cert, teams: `[[team]]
name = "demo"
${mail('mail', exim.port)}` });
  const daemon = kept(await Daemon.start(folder, config));
  const event = await daemon.settled((await push(daemon)).id);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal((await post(daemon, `${event.deliveries[0].id}/redeliver`)).status, 200);
  await until(async () => (await exim.mails()).length === 2, 'two mails arrived');
});
