// Silences and quiet hours, as somebody has them who is woken at three: made by one request, in force at once, on
// record and explained, over a restart; quiet hours that hold what comes and let critical through.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';
import { Stream } from './sse.mjs';

const kept = keeper(after);
const call = (daemon, method, target, body) => daemon.request(method, `/v1/teams/demo/${target}`, { token: OPERATOR, body });
const push = async (daemon, event = {}) => {
  const answer = await daemon.push({ team: 'demo', type: 'scan.failed', title: 'one', ...event });
  assert.equal(answer.status, 202, answer.text);
  return answer.body;
};
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const start = async (folder, channels) => kept(await Daemon.start(folder, writeConfig(folder, {
  plugins: ['webhook', 'in_app'].map(plugin), teams: `[[team]]\nname = "demo"\n${channels}` })));

test('a silence holds what it matches at once, records it, and leaves the notification centre', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder, webhook('siem', receiver.url()));
  const stream = kept(await Stream.open(daemon, 'demo', OPERATOR));
  const made = await call(daemon, 'POST', 'silences', { events: ['scan.*'], labels: { env: 'test' }, until: inAnHour(), reason: 'we are moving it' });
  assert.equal(made.status, 201, made.text);
  assert.match(made.body.name, /^silence-[a-z0-9]+$/);
  assert.equal(made.body.author, 'operator');
  const silenced = await push(daemon, { labels: { env: 'test' } });
  const loud = await push(daemon, { labels: { env: 'prod' } });
  const event = await daemon.settled(silenced.id);
  const of = (name) => event.deliveries.find((d) => d.channel === name);
  assert.equal(of('siem').state, 'cancelled');
  assert.equal(of('siem').reason, `silenced: ${made.body.name}`);
  assert.equal(of('siem').attempts.length, 0);
  assert.equal(of('in-app').state, 'delivered');
  await stream.next('item');
  await daemon.settled(loud.id);
  assert.equal(receiver.requests.length, 1);
  const why = (await daemon.request('GET', `/v1/events/${silenced.id}/explain`, { token: OPERATOR })).body;
  const finding = why.findings.find((f) => f.kind === 'silence');
  assert.match(finding.reason, /^silenced until .* by operator: we are moving it$/);
  assert.deepEqual([finding.matched, finding.channels, why.channels], [true, ['siem'], ['in-app']]);

  // It survives kill -9; it is ended early by a patch or removed; what it held can be sent after all.
  await daemon.kill();
  await daemon.launch();
  const again = await daemon.settled((await push(daemon, { labels: { env: 'test' } })).id);
  assert.equal(again.deliveries.find((d) => d.channel === 'siem').state, 'cancelled');
  const ended = await call(daemon, 'PATCH', `silences/${made.body.name}`, { until: new Date().toISOString() });
  assert.equal(ended.status, 200, ended.text);
  await daemon.settled((await push(daemon, { labels: { env: 'test' } })).id);
  assert.equal(receiver.requests.length, 2);
  assert.equal((await call(daemon, 'DELETE', `silences/${made.body.name}`)).status, 200);
  assert.equal((await call(daemon, 'GET', 'silences')).body.silences.length, 0);
  assert.equal((await call(daemon, 'POST', `deliveries/${of('siem').id}/redeliver`)).status, 200);
  await until(() => receiver.requests.length === 3, 'what was silenced is sent by hand');
  const old = (await daemon.request('GET', `/v1/events/${silenced.id}/explain`, { token: OPERATOR })).body;
  assert.equal(old.findings.find((f) => f.kind === 'silence').matched, true, 'explained by what was in force then');
});

test('a silence that cannot be is refused with the member', async () => {
  const folder = makeFolder();
  const daemon = await start(folder, `${webhook('siem', 'http://127.0.0.1:9/')}
[[team.silence]]
name = "planned"
sources = ["registry"]
from = "2026-01-01T00:00:00Z"
until = "2026-01-02T00:00:00Z"
channels = ["siem"]
reason = "the move"
`);
  const listed = (await call(daemon, 'GET', 'silences')).body.silences;
  assert.deepEqual(listed, [{ name: 'planned', sources: ['registry'], channels: ['siem'], from: '2026-01-01T00:00:00.000Z',
    until: '2026-01-02T00:00:00.000Z', reason: 'the move', provisioned: true }]);
  for (const [body, status, pointer, words] of [
    [{}, 422, '/until', /is missing/],
    [{ until: 'tomorrow' }, 422, '/until', /is no time/],
    [{ until: inAnHour(), from: new Date(Date.now() + 7_200_000).toISOString() }, 422, '/until', /later than from/],
    [{ until: inAnHour(), events: ['scan.fialed'] }, 422, '/events/0', /scan\.failed/],
    [{ until: inAnHour(), channels: ['nowhere'] }, 422, '/channels/0', /no channel/],
    [{ until: inAnHour(), severity: 'high' }, 422, '/severity', /did you mean "severities"/],
    [{ name: 'planned', until: inAnHour() }, 409, undefined, /configuration file/],
  ]) {
    const answer = await call(daemon, 'POST', 'silences', body);
    assert.equal(answer.status, status, answer.text);
    assert.match(answer.body.detail, words);
    if (pointer) assert.equal(answer.body.errors[0].pointer, pointer);
  }
});

test('quiet hours hold a channel, say so, and let critical through', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const daemon = await start(folder, '');
  // From an hour ago to in an hour, on UTC's clocks; at both ends of a day as well.
  const clock = (ms) => new Date(Date.now() + ms).toISOString().slice(11, 16);
  const quiet = [{ from: clock(-3_600_000), to: clock(3_600_000), bypass: ['critical', 'high'] }];
  const made = await call(daemon, 'POST', 'channels', { name: 'chat', type: 'webhook', events: ['*'], quiet, settings: { url: receiver.url() } });
  assert.equal(made.status, 201, made.text);
  const low = await push(daemon, { type: 'finding.created', severity: 'low' });
  const critical = await push(daemon, { type: 'finding.created', severity: 'critical' });
  await daemon.settled(critical.id);
  assert.equal(receiver.requests.length, 1);
  const id = low.deliveries.find((d) => d.channel === 'chat').id;
  const waits = (await call(daemon, 'GET', `deliveries/${id}`)).body;
  assert.equal(waits.state, 'pending');
  assert.match(waits.waits_for, /^the end of a digest window or of quiet hours, at \d{4}-/);
  const hold = Date.parse(waits.due) - Date.now();
  assert.ok(hold > 3_400_000 && hold <= 3_660_000, `${hold} ms`);
  assert.equal((await call(daemon, 'PATCH', 'channels/chat', { quiet: null })).status, 200);
  await daemon.settled((await push(daemon, { type: 'finding.created', severity: 'low' })).id);
  assert.equal(receiver.requests.length, 2);
  const refused = await call(daemon, 'PATCH', 'channels/chat', { quiet: [{ from: '25:00', to: '07:00', zone: 'Europe/Berlin' }] });
  assert.equal(refused.status, 422);
  assert.equal(refused.body.errors[0].pointer, '/quiet/0/from');
});
