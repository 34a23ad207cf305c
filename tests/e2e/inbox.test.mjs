// The notification centre end to end: the shipped in-app plugin, the real store, two people. The stream of it is
// another file's.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { Daemon, OPERATOR, PATIENCE, Receiver, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const ALICE = 'tcs_end-to-end-tests-token-of-alice';
const BOB = 'tcs_end-to-end-tests-token-of-bob';
const CAROL = 'tcs_end-to-end-tests-token-of-carol';
const person = (name, team, token) => `[[token]]\nname = "${name}-laptop"\nrole = "member"\nteams = ["${team}"]\nuser = "${name}"\ntoken = "${token}"\n`;
const people = person('alice', 'demo', ALICE) + person('bob', 'demo', BOB);
const plugins = [plugin('webhook'), plugin('in_app')];
const demo = '[[team]]\nname = "demo"\n';
const other = '[[team]]\nname = "other"\n';

const daemons = [];
const receivers = [];
after(async () => {
  for (const daemon of daemons) if (!daemon.exited) await daemon.stop();
  for (const receiver of receivers) await receiver.stop();
});

async function start(teams) {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, { teams, plugins, extra: people + (teams.includes(other) ? person('carol', 'other', CAROL) : '') }));
  daemons.push(daemon);
  return daemon;
}

async function pushed(daemon, event) {
  const answer = await daemon.push(event, { token: OPERATOR });
  assert.equal(answer.status, 202, answer.text);
  const settled = await daemon.settled(answer.body.id);
  return { ...answer.body, event: settled };
}

async function list(daemon, token, query = '', team = 'demo') {
  const answer = await daemon.request('GET', `/v1/teams/${team}/inbox${query}`, { token });
  assert.equal(answer.status, 200, answer.text);
  return answer.body.items;
}

async function mark(daemon, token, action, body) {
  const answer = await daemon.request('POST', `/v1/teams/demo/inbox/${action}`, { token, body });
  assert.equal(answer.status, 200, answer.text);
  return answer.body;
}

const finding = (title) => ({ team: 'demo', type: 'finding.created', severity: 'high', title, data: { score: 9.8 } });

test('an event is an item for everybody, with marks of their own, over a restart', async () => {
  const daemon = await start(demo + other);
  const push = await pushed(daemon, finding('Public bucket'));
  assert.deepEqual(push.deliveries.map((d) => d.channel), ['in-app']);
  assert.equal(push.event.deliveries[0].state, 'delivered');
  assert.equal(push.event.deliveries[0].channel_type, 'in_app');

  for (const token of [ALICE, BOB]) {
    const [item, ...more] = await list(daemon, token);
    assert.equal(more.length, 0);
    assert.equal(item.key, push.deliveries[0].id);
    assert.equal(item.title, 'Public bucket');
    assert.deepEqual(item.data, { score: 9.8 });
    assert.equal(item.read_at, null);
  }
  const [item] = await list(daemon, ALICE);
  const marked = await mark(daemon, ALICE, 'archive', { items: [item.id] });
  assert.deepEqual(marked, { changed: 1, unknown: [], counts: { total: 0, unread: 0, unseen: 0 } });
  assert.equal((await mark(daemon, BOB, 'seen', { items: [item.id] })).counts.unread, 1);

  await daemon.stop();
  await daemon.launch();
  assert.deepEqual(await list(daemon, ALICE), []);
  assert.ok((await list(daemon, ALICE, '?filter=archived'))[0].archived_at);
  const [bobs] = await list(daemon, BOB);
  assert.ok(bobs.seen_at);
  assert.equal(bobs.read_at, null);
  await pushed(daemon, finding('After the restart'));
  const [next] = await list(daemon, BOB);
  assert.ok(next.id > item.id, 'the sequence goes on');
});

test('teams do not see each other', async () => {
  const daemon = await start(demo + other);
  await pushed(daemon, finding('Ours'));
  await pushed(daemon, { ...finding('Theirs'), team: 'other' });
  assert.deepEqual((await list(daemon, ALICE)).map((i) => i.title), ['Ours']);
  assert.deepEqual((await list(daemon, CAROL, '', 'other')).map((i) => i.title), ['Theirs']);
  for (const path of ['/v1/teams/demo/inbox', '/v1/teams/demo/inbox/counts']) {
    assert.equal((await daemon.request('GET', path, { token: CAROL })).status, 404);
  }
  assert.equal((await daemon.request('GET', '/v1/teams/demo/inbox')).status, 403, 'a service has no centre');
});

test('what arrives while everything is read stays unread', async () => {
  const daemon = await start(demo);
  for (let i = 0; i < 5; ++i) await pushed(daemon, finding(`before ${i}`));
  const [newest] = await list(daemon, ALICE);
  const racing = Array.from({ length: 20 }, (_, i) => pushed(daemon, finding(`meanwhile ${i}`)));
  const read = await mark(daemon, ALICE, 'read-all', { up_to: newest.id });
  assert.equal(read.changed, 5);
  await Promise.all(racing);
  const unread = await list(daemon, ALICE, '?filter=unread&limit=200');
  assert.equal(unread.length, 20);
  assert.ok(unread.every((item) => item.title.startsWith('meanwhile')));
  assert.equal((await list(daemon, BOB, '?filter=unread&limit=200')).length, 25);
});

test('the channel is there by default, explained, without logins, and can be had otherwise', async () => {
  const receiver = await Receiver.start();
  receivers.push(receiver);
  const daemon = await start(
    `${demo}${webhook('siem', receiver.url())}
[[team]]
name = "off"
in_app = false
[[team]]
name = "own"
[[team.channel]]
name = "centre"
type = "in_app"
events = ["scan.failed"]
[team.channel.settings]
user = "alice"
`,
  );
  const both = await pushed(daemon, finding('Both'));
  assert.deepEqual(both.deliveries.map((d) => d.channel), ['siem', 'in-app']);
  const explained = await daemon.request('GET', `/v1/events/${both.id}/explain`, { token: OPERATOR });
  assert.ok(explained.body.findings.some((f) => f.kind === 'subscription' && f.name === 'in-app' && f.matched));
  const log = await daemon.request('GET', '/v1/teams/demo/deliveries?channel=in-app', { token: OPERATOR });
  assert.equal(log.body.deliveries.length, 1);
  const login = await pushed(daemon, { team: 'demo', type: 'user.login', title: 'Somebody' });
  assert.deepEqual(login.deliveries.map((d) => d.channel), ['siem']);
  const off = await pushed(daemon, { ...finding('Off'), team: 'off' });
  assert.deepEqual(off.deliveries, []);
  const own = await pushed(daemon, { team: 'own', type: 'scan.failed', title: 'Own' });
  assert.deepEqual(own.deliveries.map((d) => d.channel), ['centre']);
  assert.deepEqual((await list(daemon, OPERATOR, '', 'own')).map((i) => i.title), [], "another user's item");
});

test('a kill -9 makes no second item of an event, and loses none', { timeout: 120_000 * PATIENCE }, async () => {
  const daemon = await start(demo);
  const acknowledged = [];
  let stop = false;
  for (let cycle = 0; cycle < 5; ++cycle) {
    const enough = acknowledged.length + 50;
    stop = false;
    const load = Array.from({ length: 16 }, async () => {
      while (!stop) {
        await daemon
          .push(finding('load'), { token: OPERATOR })
          .then((answer) => answer.status === 202 && acknowledged.push(answer.body.deliveries[0].id))
          .catch(() => {
            stop = true;
          });
      }
    });
    await until(() => acknowledged.length >= enough, 'some events are acknowledged');
    await daemon.kill();
    stop = true;
    await Promise.all(load);
    await daemon.launch();
  }
  await until(
    async () => {
      const left = await daemon.request('GET', '/v1/teams/demo/deliveries?state=pending', { token: OPERATOR });
      const sending = await daemon.request('GET', '/v1/teams/demo/deliveries?state=sending', { token: OPERATOR });
      const waiting = await daemon.request('GET', '/v1/teams/demo/deliveries?state=scheduled', { token: OPERATOR });
      return [left, sending, waiting].every((answer) => answer.body.deliveries.length === 0);
    },
    'everything is delivered',
    60_000,
  );
  const keys = [];
  for (let cursor = ''; cursor !== undefined; ) {
    const page = await daemon.request('GET', `/v1/teams/demo/inbox?limit=200${cursor}`, { token: ALICE });
    keys.push(...page.body.items.map((item) => item.key));
    cursor = page.body.next ? `&cursor=${page.body.next}` : undefined;
  }
  assert.equal(new Set(keys).size, keys.length, 'an event has one item');
  const stored = new Set(keys);
  assert.deepEqual(acknowledged.filter((id) => !stored.has(id)), [], 'what was acknowledged is there');
  const counts = await daemon.request('GET', '/v1/teams/demo/inbox/counts', { token: ALICE });
  assert.equal(counts.body.total, keys.length);
  console.log(JSON.stringify({ acknowledged: acknowledged.length, items: keys.length }));
});
