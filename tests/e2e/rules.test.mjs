// A team's rules and default alerts over the API: what their order decides, and the set that goes to a default channel,
// over a restart, a reload and an export.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const kept = keeper(after);
const call = (daemon, method, target, body, headers) =>
  daemon.request(method, `/v1/teams/demo/${target}`, { token: OPERATOR, body, headers });
const configure = (folder, team) => writeConfig(folder, { plugins: ['webhook', 'in_app'].map(plugin), teams: `[[team]]\nname = "demo"\n${team}` });
const reload = async (daemon, origin) => {
  daemon.signal('SIGHUP');
  await until(async () => (await call(daemon, 'GET', 'default-alerts')).body.origin === origin, 'the file is read again');
};
const start = async (folder, team) => kept(await Daemon.start(folder, configure(folder, team)));
const goes = async (daemon, event) => {
  const answer = await call(daemon, 'POST', 'rules/dry-run', event);
  assert.equal(answer.status, 200, answer.text);
  return answer.body.channels.filter((name) => name !== 'in-app');
};

test("the order of a team's rules is what decides, at once and after a restart", async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const channels = ['one', 'two', 'three'].map((name) => webhook(name, receiver.url(`/${name}`), { events: [] })).join('\n');
  const daemon = await start(folder, `${channels}\n[[team.rule]]\nname = "fixed"\nevents = ["sla.*"]\nchannels = ["three"]\nstop = true\n`);
  for (const [name, channel] of [['first', 'one'], ['second', 'two'], ['last', 'three']]) {
    assert.equal((await call(daemon, 'POST', 'rules', { name, channels: [channel], stop: true })).status, 201);
  }
  const scan = { type: 'scan.failed' };
  assert.deepEqual(await goes(daemon, scan), ['one']);
  const version = (await call(daemon, 'GET', 'rules/second')).headers.etag;

  for (const [rules, status, where, words] of [
    [undefined, 400, undefined, /JSON/],
    [['second', 'first'], 412, undefined, /"last" is not listed/],
    [['second', 'second', 'first', 'last'], 422, '/rules/1', /twice/],
    [['second', 'first', 'last', 'nowhere'], 422, '/rules/3', /no rule of this name/],
    [['fixed', 'second', 'first', 'last'], 422, '/rules/0', /configuration file/],
    [[1], 422, '/rules/0', /name of a rule/],
    ['second', 422, '/rules', /array/],
  ]) {
    const refused = await call(daemon, 'POST', 'rules/order', rules === undefined ? '{' : { rules });
    assert.equal(refused.status, status, refused.text);
    assert.match(`${refused.body.detail} ${JSON.stringify(refused.body.errors ?? '')}`, words);
    if (where) assert.equal(refused.body.errors[0].pointer, where);
    assert.deepEqual(await goes(daemon, scan), ['one'], 'nothing has changed');
  }
  const ordered = await call(daemon, 'POST', 'rules/order', { rules: ['second', 'last', 'first'] });
  assert.deepEqual([ordered.status, ordered.body], [200, { rules: ['second', 'last', 'first'] }], ordered.text);
  const names = async () => (await call(daemon, 'GET', 'rules')).body.rules.map((rule) => rule.name);
  assert.deepEqual(await names(), ['fixed', 'second', 'last', 'first']);
  assert.deepEqual(await goes(daemon, scan), ['two']);
  assert.deepEqual(await goes(daemon, { type: 'sla.breached' }), ['three'], "the file's stand first");
  assert.equal((await call(daemon, 'GET', 'rules/second')).headers.etag, version, 'the rule itself is as it was');
  const acts = (await call(daemon, 'GET', 'audit')).body.acts;
  assert.equal(acts[0].act, 'rules.order');

  await daemon.kill();
  await daemon.launch();
  assert.deepEqual(await names(), ['fixed', 'second', 'last', 'first']);
  assert.equal((await call(daemon, 'POST', 'rules', { name: 'newest', channels: ['one'] })).status, 201);
  assert.deepEqual((await names()).at(-1), 'newest', 'a new rule is the last');
  assert.deepEqual(await goes(daemon, scan), ['two']);
});

test('a team has a default alert set of its own until it goes back to what it was given', async () => {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start());
  const fallback = webhook('fallback', receiver.url(), { events: [], options: 'default = true' });
  const daemon = await start(folder, fallback);
  const given = (await call(daemon, 'GET', 'default-alerts')).body;
  assert.equal(given.origin, 'catalogue');
  assert.deepEqual(given.alerts.map((alert) => alert.event).sort(),
    ['compliance.drift_detected', 'finding.created', 'scan.failed', 'sla.breached', 'sla.warning']);
  assert.equal(given.alerts.find((alert) => alert.event === 'finding.created').from, 'high');
  assert.equal((await call(daemon, 'DELETE', 'default-alerts')).status, 404);

  for (const [body, where, words] of [
    [{}, '/alerts', /must be an array/],
    [{ alerts: ['scan.failed'] }, '/alerts', /must be an array of objects/],
    [{ alerts: [{ event: 'scan.fialed' }] }, '/alerts/0/event', /scan\.failed/],
    [{ alerts: [{ event: 'scan.*' }, { event: 'sla.*', from: 'hihg' }] }, '/alerts/1/from', /high/],
    [{ alerts: [{ from: 'high' }] }, '/alerts/0/event', /missing/],
    [{ alerts: [{ event: 'scan.*', to: 'high' }] }, '/alerts/0/to', /unknown|no such|known/],
    [{ alerts: [], more: 1 }, '/more', /no member/],
  ]) {
    const refused = await call(daemon, 'PUT', 'default-alerts', body);
    assert.equal(refused.status, 422, refused.text);
    assert.equal(refused.body.errors[0].pointer, where, refused.text);
    assert.match(refused.body.errors[0].message, words);
  }
  assert.deepEqual((await call(daemon, 'GET', 'default-alerts')).body, given, 'nothing has changed');

  const own = { alerts: [{ event: 'finding.*', from: 'medium' }, { event: 'scan.completed' }] };
  const made = await call(daemon, 'PUT', 'default-alerts', own);
  assert.equal(made.status, 200, made.text);
  assert.deepEqual(made.body, { origin: 'team', ...own, provisioned: false });
  const taken = async () => [
    await goes(daemon, { type: 'scan.failed' }),
    await goes(daemon, { type: 'scan.completed' }),
    await goes(daemon, { type: 'finding.created', severity: 'medium' }),
    await goes(daemon, { type: 'finding.created', severity: 'low' }),
  ].map((channels) => channels.length);
  assert.deepEqual(await taken(), [0, 1, 1, 0]);
  assert.equal((await call(daemon, 'PUT', 'default-alerts', { alerts: [] }, { 'if-match': '"1.1"' })).status, 412);
  await daemon.kill();
  await daemon.launch();
  assert.deepEqual(await taken(), [0, 1, 1, 0]);
  const exported = (await call(daemon, 'GET', 'export')).text;
  assert.match(exported, /^default_alerts = \[\{ event = "finding\.\*", from = "medium" \}, \{ event = "scan\.completed" \}\]$/m);

  // The file's is in force while it has one; what the team keeps comes back after.
  configure(folder, `default_alerts = [{ event = "sla.*" }]\n${fallback}`);
  await reload(daemon, 'file');
  assert.deepEqual(await taken(), [0, 0, 0, 0]);
  assert.equal((await call(daemon, 'PUT', 'default-alerts', own)).status, 409);
  configure(folder, fallback);
  await reload(daemon, 'team');
  assert.deepEqual(await taken(), [0, 1, 1, 0]);

  assert.equal((await call(daemon, 'DELETE', 'default-alerts', undefined, { 'if-match': made.headers.etag })).status, 200);
  assert.deepEqual((await call(daemon, 'GET', 'default-alerts')).body, given);
  assert.deepEqual(await taken(), [1, 0, 0, 0]);
});
