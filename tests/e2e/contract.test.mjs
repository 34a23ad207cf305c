// Every operation of host/api/openapi.json against a real daemon: each is answered with a 2xx at least once, and the
// problems that any operation can have are asked for too. That each answer is as documented, contract.mjs sees to.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, test } from 'node:test';
import { document, exercised, holdToContract, judge, operations } from './contract.mjs';
import { Daemon, OPERATOR, Receiver, faulty, keeper, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';
import { Stream } from './sse.mjs';

const kept = keeper(after);
const MEMBER = 'tcs_end-to-end-tests-member-token';
const member = `[[token]]\nname = "member"\nrole = "member"\nteams = ["demo"]\ntoken = "${MEMBER}"\n`;

async function start(answer) {
  const folder = makeFolder();
  const receiver = kept(await Receiver.start(answer));
  fs.writeFileSync(`${folder}/k1.key`, Buffer.alloc(32, 1).toString('base64'));
  const config = writeConfig(folder, {
    plugins: [plugin('webhook'), plugin('in_app'), faulty('valid'), `${folder}/missing.so`], extra: `${member}[[secrets.key]]\nid = "k1"\nfile = "k1.key"\n`,
    teams: `[[team]]\nname = "demo"\n${webhook('fixed', receiver.url(), { events: ['finding.*'], options: 'retry = ["7d"]\nwindow = 4' })}
[[team.rule]]
name = "fixed-rule"
severities = ["critical"]
labels = { env = "prod" }
channels = ["fixed"]
`,
  });
  return { daemon: kept(await Daemon.start(folder, config)), receiver };
}

test('every operation is answered with a 2xx that is as documented', async () => {
  let status = 200;
  const { daemon, receiver } = await start(() => ({ status, body: 'taken' }));
  const ask = async (method, target, body, well = 200, options = {}) => {
    const answer = await daemon.request(method, target, { token: OPERATOR, body, ...options });
    assert.equal(answer.status, well, `${method} ${target}: ${answer.text}`);
    return answer.body;
  };
  const team = (method, target, ...rest) => ask(method, `/v1/teams/demo/${target}`, ...rest);

  for (const target of ['/livez', '/readyz', '/readyz?verbose', '/metrics', '/openapi.json']) {
    for (const method of ['HEAD', 'GET']) await ask(method, target, undefined, 200, { token: '' });
  }
  assert.deepEqual(await ask('GET', '/openapi.json'), document);
  for (const target of ['/v1/event-types', '/v1/channel-types', '/v1/plugins', '/v1/keys']) await ask('GET', target);
  await ask('POST', '/v1/keys/rotate', undefined, 202);
  await ask('POST', '/v1/plugins/test.ok/reset');
  await ask('POST', '/v1/tokens', { name: 'ci', role: 'service', teams: ['demo'] }, 201);
  await ask('GET', '/v1/tokens');
  await ask('DELETE', '/v1/tokens/ci');

  for (const target of ['/console', '/console/', '/console/tocsin-inbox.js']) await ask('GET', target, undefined, 200, { token: '' });
  const page = (await daemon.request('GET', '/console/', { token: '' })).text;
  for (const [, file] of page.matchAll(/(\/console\/assets\/[^"]+)/g)) await ask('GET', file, undefined, 200, { token: '' });
  const login = await ask('POST', '/v1/console/login', { team: 'demo', user: 'alice', role: 'admin' }, 201);
  const session = await daemon.request('POST', '/v1/console/session', { token: '', body: { code: login.url.split('/').pop() } });
  assert.equal(session.status, 200, session.text);
  const browser = { token: '', headers: { cookie: session.headers['set-cookie'][0].split(';')[0], 'sec-fetch-site': 'same-origin' } };
  await ask('GET', '/v1/console/me', undefined, 200, browser);
  await ask('DELETE', '/v1/console/session', undefined, 200, browser);

  const stream = kept(await Stream.open(daemon, 'demo', MEMBER));
  const full = {
    team: 'demo', type: 'finding.created', severity: 'critical', category: 'security_alert', source: 'cspm', title: 'Public bucket',
    summary: 'It is\npublic.', link: 'https://example.com/1', labels: { env: 'prod' }, data: { score: 9.8 }, time: '2026-11-23T09:00:00+01:00', id: 'mine/1',
  };
  await ask('POST', '/v1/events', full, 202);
  assert.equal((await ask('POST', '/v1/events', full, 202)).duplicate, true);
  await ask('POST', '/v1/events', [full, { team: 'demo', type: 'scan.fialed' }], 202);
  await ask('POST', '/v1/events', '{"team":"demo","type":"scan.failed"}\n', 202, { headers: { 'content-type': 'application/x-ndjson' } });
  await daemon.settled('mine/1');
  assert.equal(receiver.requests.length, 1);
  await ask('GET', '/v1/events/mine%2F1/explain');
  const event = await ask('GET', '/v1/events/mine%2F1');
  const sent = event.deliveries.find((d) => d.channel === 'fixed');

  // The log, from the newest page to the last one; what ended is sent again, what waits is cancelled.
  status = 503;
  await team('POST', `deliveries/${sent.id}/redeliver`);
  await until(async () => (await team('GET', `deliveries/${sent.id}`)).state === 'scheduled', 'it waits for its next try');
  await team('POST', `deliveries/${sent.id}/cancel`);
  await team('POST', 'deliveries/redeliver', { since: '2026-01-01T00:00:00Z', dry_run: true });
  status = 200;
  await team('POST', 'deliveries/redeliver', { since: '2026-01-01T00:00:00Z', state: 'cancelled', channel: 'fixed' });
  let pages = 0;
  for (let cursor = ''; cursor !== null; ++pages) {
    const page = await team('GET', `deliveries?limit=1${cursor && `&cursor=${cursor}`}`);
    cursor = page.next;
  }
  assert.ok(pages >= 3, `${pages} pages`);

  await team('POST', 'channels', { name: 'own', type: 'webhook', events: ['scan.*'], settings: { url: receiver.url() }, retry: ['1s', '1m30s'], window: 2 }, 201);
  const own = await team('GET', 'channels/own');
  await team('PUT', 'channels/own', { ...own, window: 0 }, 422);
  await team('PUT', 'channels/own', { ...own, default: true });
  await team('PATCH', 'channels/own', { retry: null });
  await team('POST', 'channels/own/pause');
  await team('GET', 'channels/own/status');
  await team('POST', 'channels/own/resume');
  await team('GET', 'channels');
  assert.equal((await team('POST', 'channels/own/test', {})).result, 'delivered');
  status = 410;
  assert.equal((await team('POST', 'channels/own/test')).result, 'failed');
  await until(async () => (await team('GET', 'channels/own/status')).state === 'disabled', 'it is gone for good');
  status = 200;
  await team('POST', 'rules', { name: 'r', events: ['scan.*'], sources: ['cspm'], category: 'system_error', channels: ['own'] }, 201);
  await team('PUT', 'rules/r', { ...(await team('GET', 'rules/r')), stop: true });
  await team('PATCH', 'rules/r', { labels: { env: 'prod' } });
  await team('GET', 'rules');
  await team('POST', 'rules', { name: 'q', channels: ['own'] }, 201);
  await team('POST', 'rules/order', { rules: ['q'] }, 412);
  await team('POST', 'rules/order', { rules: ['q', 'r', 'r'] }, 422);
  await team('POST', 'rules/order', { rules: ['q', 'r'] });
  await team('DELETE', 'rules/q');
  const alerts = await team('GET', 'default-alerts');
  assert.equal(alerts.origin, 'catalogue');
  await team('PUT', 'default-alerts', { alerts: [{ event: 'scan.fialed' }] }, 422);
  await team('PUT', 'default-alerts', { ...alerts, alerts: [{ event: 'scan.*' }, { event: 'finding.*', from: 'medium' }] });
  await team('GET', 'default-alerts');
  await team('DELETE', 'default-alerts');
  await team('POST', 'rules/dry-run', { type: 'scan.failed' });
  await team('POST', 'rules/preview', { rule: { events: ['scan.*'], channels: ['own'] }, since: '2026-01-01T00:00:00Z' });
  await team('GET', 'overview');
  await team('GET', 'events?limit=1&since=2026-01-01T00:00:00Z&until=2100-01-01T00:00:00Z');
  await team('GET', 'events?state=unmatched&type=scan.failed');
  await team('GET', 'events?state=some', undefined, 422);
  const silence = { events: ['scan.*'], channels: ['own'], until: '2099-01-01T00:00:00Z', reason: 'the move' };
  await team('POST', 'silences', silence, 201);
  await team('PUT', 'silences/s', silence, 201);
  await team('PUT', 'silences/s', { ...(await team('GET', 'silences/s')), from: '2026-01-01T00:00:00Z' });
  await team('PATCH', 'silences/s', { until: '2098-01-01T00:00:00Z' });
  for (const { name } of (await team('GET', 'silences')).silences) await team('DELETE', `silences/${name}`);
  const quiet = [{ from: '22:00', to: '07:00', days: ['sat'], zone: 'Europe/Berlin' }];
  await team('PATCH', 'channels/own', { quiet, events: ['scan.*'] });
  assert.match((await daemon.request('GET', '/v1/teams/demo/export', { token: OPERATOR })).text, /^\[\[team\]\]/);
  await team('GET', 'audit?limit=3');
  await ask('GET', '/v1/audit');
  await team('DELETE', 'channels/own', undefined, 409);
  await team('DELETE', 'rules/r');
  await team('DELETE', 'channels/own');
  await ask('GET', `/v1/events/${(await ask('POST', '/v1/events', { team: 'demo', type: 'scan.failed' }, 202)).id}`);

  const inbox = (method, target, body) => team(method, `inbox${target}`, body, 200, { token: MEMBER });
  const item = (await stream.next('item')).data;
  await inbox('GET', '?filter=all&severity=critical&limit=1');
  await inbox('GET', '/counts');
  for (const mark of ['seen', 'unseen', 'read', 'unread', 'archive', 'unarchive']) {
    await inbox('POST', `/${mark}`, { items: [item.id, 'itm_0000000ZZZZZZ'] });
  }
  await inbox('POST', '/read-all', { up_to: item.id });
  await inbox('GET', '');

  assert.deepEqual(operations.map((each) => each.name).filter((name) => !exercised.has(name)), [], 'each has had a 2xx');
});

test('what may not be is refused as documented, whichever the operation', async () => {
  const { daemon } = await start();
  for (const { method, path, operation } of operations) {
    const fill = (team) => path.replace('{team}', team).replaceAll(/\{\w+\}/g, path.includes('/deliveries/') ? 'dlv_0000000000000' : 'nowhere');
    const statusOf = async (target, options) => (await daemon.request(method, target, options)).status;
    const what = `${method} ${path}`;
    if (operation.security === undefined) {
      assert.equal(await statusOf(fill('demo'), { token: '' }), 401, what);
      assert.equal(await statusOf(fill('demo'), { token: `${OPERATOR}x` }), 401, what);
    }
    if (path.includes('{team}')) assert.equal(await statusOf(fill('nobodys'), { token: OPERATOR, body: '{' }), 404, what);
    // A body that is no JSON, a name that is not there, a query that is nonsense: whatever comes is documented.
    if (!path.endsWith('/stream')) await daemon.request(method, `${fill('demo')}?limit=x&since=x&cursor=x&filter=x`, { token: OPERATOR, body: '{' });
    await daemon.request(method, fill('demo'), { token: OPERATOR, headers: { host: 'example.com' } }).then((a) => assert.equal(a.status, 421, what));
    await daemon.request('OPTIONS', fill('demo'), { token: OPERATOR }).then((a) => assert.equal(a.status, 405, what));
  }
  const refuse = async (status, body, headers) => {
    const answer = await daemon.request('POST', '/v1/events', { body, headers });
    assert.equal(answer.status, status, answer.text);
  };
  await refuse(400, '{');
  await refuse(400, '{}', { 'idempotency-key': 'a b' });
  await refuse(403, { team: 'nobodys', type: 'scan.failed' });
  await refuse(403, [{ team: 'nobodys', type: 'scan.failed' }]);
  await refuse(413, { team: 'demo', type: 'scan.failed', title: 'x'.repeat(1 << 20) });
  await refuse(415, 'x', { 'content-type': 'text/plain' });
  await refuse(422, [{ team: 'demo', type: 'scan.fialed' }, '{', 7]);
  await refuse(202, { team: 'demo', type: 'scan.failed', id: 'a' });
  await refuse(409, { team: 'demo', type: 'scan.failed', id: 'a', title: 'another' });
  await refuse(409, [{ team: 'demo', type: 'scan.failed', id: 'a', title: 'another' }]);
});

test('an answer that is not as documented is found', () => {
  const headers = { 'content-type': 'application/json' };
  const live = (body, more = {}) => judge('GET', '/livez', { status: 200, headers, body, ...more });
  assert.equal(live({ live: true }), undefined);
  assert.match(live({}), /live/);
  assert.match(live({ live: true, since: 1 }), /additional/);
  assert.match(live({ live: true }, { status: 201 }), /status is not documented/);
  assert.match(live('yes', { headers: { 'content-type': 'text/plain' } }), /media type/);
  assert.match(judge('GET', '/v1/nowhere', { status: 200, headers, body: {} }), /no such operation/);
  const problem = { type: '/problems/conflict', title: 'Conflict', status: 409, detail: 'x', instance: 'req_0000000000001' };
  const answer = { status: 409, headers: { 'content-type': 'application/problem+json' }, body: problem };
  assert.equal(judge('DELETE', '/v1/teams/demo/channels/x', answer), undefined);
  assert.match(judge('DELETE', '/v1/teams/demo/channels/x', { ...answer, status: 404 }), /says 409/);
  assert.match(judge('GET', '/v1/teams/demo/channels/x', answer), /status/);
  assert.match(judge('DELETE', '/v1/teams/demo/channels/x', { ...answer, body: { ...problem, secret: 'x' } }), /unevaluated/);
  holdToContract('GET', '/livez', { status: 200, headers, body: { live: true } });
});
