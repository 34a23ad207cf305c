// Tokens made over HTTP: at once in force, for ever kept as a hash alone, at once revoked; with a kill -9, a reload and an open
// stream in between.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { BUILD, Daemon, OPERATOR, keeper, makeFolder, plugin, until, writeConfig } from './lib.mjs';
import { Stream } from './sse.mjs';

const kept = keeper(after);
const ADMIN = 'tcs_end-to-end-tests-admin-token-of-demo';
const admin = `[[token]]\nname = "admin"\nrole = "admin"\nteams = ["demo"]\ntoken = "${ADMIN}"\n`;

async function start() {
  const folder = makeFolder();
  const configure = (extra = '') => writeConfig(folder, {
    plugins: ['webhook', 'in_app'].map(plugin), teams: '[[team]]\nname = "demo"\n[[team]]\nname = "other"\n', extra: admin + extra,
  });
  const daemon = kept(await Daemon.start(folder, configure()));
  const answers = [];
  const ask = async (method, target, body, token = OPERATOR) => {
    const answer = await daemon.request(method, target, { body, token });
    answers.push(answer);
    return answer;
  };
  const make = async (body, token) => {
    const answer = await daemon.request('POST', '/v1/tokens', { body, token: token ?? OPERATOR });
    assert.equal(answer.status, 201, answer.text);
    assert.match(answer.body.token, /^tcs_[\w-]{43}$/);
    return answer.body.token;
  };
  return { folder, daemon, configure, answers, ask, make };
}

test('a token works from its answer on, after a restart and a kill -9, until it is revoked; it stands nowhere', async () => {
  const { folder, daemon, answers, ask, make } = await start();
  const tokens = {
    ci: await make({ name: 'ci', role: 'service', teams: ['demo'] }, ADMIN),
    ann: await make({ name: 'ann', role: 'member', teams: ['demo'], user: 'ann@example.com', expires: '2030-01-31T00:00:00Z' }, ADMIN),
    root: await make({ name: 'root', role: 'operator' }),
    dead: await make({ name: 'dead', role: 'service', teams: ['demo'] }),
  };
  const works = async () => {
    const pushed = await ask('POST', '/v1/events', { team: 'demo', type: 'scan.failed', title: 'x' }, tokens.ci);
    assert.equal(pushed.status, 202, pushed.text);
    assert.equal((await ask('POST', '/v1/events', { team: 'other', type: 'scan.failed' }, tokens.ci)).status, 403);
    assert.equal((await ask('GET', '/v1/teams/demo/inbox', undefined, tokens.ann)).status, 200);
    assert.equal((await ask('GET', '/v1/teams/other/inbox', undefined, tokens.ann)).status, 404);
    assert.equal((await ask('GET', '/v1/plugins', undefined, tokens.root)).status, 200);
  };
  await works();
  assert.equal((await ask('DELETE', '/v1/tokens/dead', undefined, ADMIN)).status, 200);
  const dead = async () => assert.equal((await ask('GET', '/v1/event-types', undefined, tokens.dead)).status, 401);
  await dead();
  await daemon.kill();
  await daemon.launch();
  await works();
  await dead();
  await daemon.stop();
  await daemon.launch();
  await works();
  await dead();

  const listed = (await ask('GET', '/v1/tokens')).body.tokens;
  const one = (name) => listed.find((t) => t.name === name);
  assert.equal(one('admin').provisioned, true);
  assert.deepEqual([one('ann').user, one('ann').created_by, one('ann').expires], ['ann@example.com', 'admin', '2030-01-31T00:00:00.000Z']);
  assert.match(one('ci').last_used, /:00\.000Z$/);
  assert.ok(one('dead').revoked);
  assert.deepEqual((await ask('GET', '/v1/tokens', undefined, ADMIN)).body.tokens.map((t) => t.name).sort(), ['admin', 'ann', 'ci', 'dead']);
  const acts = (await ask('GET', '/v1/teams/demo/audit', undefined, ADMIN)).body.acts.map((a) => [a.act, a.actor, a.object]);
  assert.deepEqual(acts, [['token.revoke', 'admin', 'dead'], ['token.create', 'operator', 'dead'], ['token.create', 'admin', 'ann'], ['token.create', 'admin', 'ci']]);

  await daemon.stop();
  const files = fs.readdirSync(path.join(folder, 'data')).map((f) => fs.readFileSync(path.join(folder, 'data', f), 'latin1')).join('');
  const said = answers.map((a) => a.text + JSON.stringify(a.headers)).join('\n') + daemon.said();
  for (const token of Object.values(tokens)) {
    for (const piece of [token, token.slice(4), token.slice(4, 24)]) {
      assert.equal(said.includes(piece), false, 'no answer and no log line has it');
      assert.equal(files.includes(piece), false, 'no file has it');
    }
  }
});

test('revoking ends the stream that is open, and a reload in between gives nothing back', async () => {
  const { daemon, configure, ask, make } = await start();
  const token = await make({ name: 'ann', role: 'member', teams: ['demo'] }, ADMIN);
  const other = await make({ name: 'bob', role: 'member', teams: ['demo'] }, ADMIN);
  const stream = kept(await Stream.open(daemon, 'demo', token));
  const stays = kept(await Stream.open(daemon, 'demo', other));
  configure('[[token]]\nname = "new"\nrole = "operator"\ntoken = "tcs_end-to-end-tests-new-operator"\n');
  daemon.signal('SIGHUP');
  await until(async () => (await ask('GET', '/v1/plugins', undefined, 'tcs_end-to-end-tests-new-operator')).status === 200, 'reloaded');
  assert.equal(stream.ended, false, 'a reload ends no stream of a token that is still good');
  assert.equal((await ask('DELETE', '/v1/tokens/ann', undefined, ADMIN)).status, 200);
  assert.equal((await ask('GET', '/v1/teams/demo/inbox', undefined, token)).status, 401);
  await until(() => stream.ended, 'the stream ends');
  assert.equal(stays.ended, false);

  // Reloads and changes at the same time: each change holds.
  let reloading = true;
  const storm = (async () => {
    for (let n = 0; reloading; ++n) {
      configure(`[[token]]\nname = "n${n % 2}"\nrole = "operator"\ntoken = "tcs_end-to-end-tests-changing-operator"\n`);
      daemon.signal('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  })();
  for (let n = 0; n < 60; ++n) {
    const each = await make({ name: `t${n}`, role: 'service', teams: ['demo'] });
    assert.equal((await ask('GET', '/v1/event-types', undefined, each)).status, 200, `t${n} was made`);
    assert.equal((await ask('DELETE', `/v1/tokens/t${n}`)).status, 200);
    assert.equal((await ask('GET', '/v1/event-types', undefined, each)).status, 401, `t${n} was revoked`);
  }
  reloading = false;
  await storm;
  assert.equal((await ask('GET', '/v1/event-types', undefined, other)).status, 200);
});

test('the command makes, lists and revokes', async () => {
  const { daemon } = await start();
  const command = (token, ...args) => spawnSync(path.join(BUILD, 'bin', 'tocsin'), args, {
    env: { ...process.env, TOCSIN_URL: `http://127.0.0.1:${daemon.port}`, TOCSIN_TOKEN: token }, encoding: 'utf8',
  });
  const made = command(ADMIN, '--quiet', 'tokens', 'create', 'ci', '--role', 'service', '--team', 'demo', '--expires', '2030-01-31T00:00:00Z');
  assert.equal(made.status, 0, made.stderr);
  const token = made.stdout.trim();
  assert.match(token, /^tcs_[\w-]{43}$/);
  assert.equal(command(token, '-q', 'send', '--type', 'scan.failed', '--title', 'x').status, 0);
  const listed = command(ADMIN, 'tokens', 'list');
  assert.match(listed.stdout, /ci +service +demo +admin +2030-01-31T00:00:00\.000Z/);
  assert.equal(command(ADMIN, 'tokens', 'revoke', 'ci').status, 0);
  assert.equal(command(token, '-q', 'send', '--type', 'scan.failed').status, 1);
  const refused = command(ADMIN, 'tokens', 'create', 'x', '--role', 'operator');
  assert.equal(refused.status, 1);
  assert.match(refused.stderr, /refused \(403\)[^]*\/role: only an operator/);
  assert.equal(command(ADMIN, 'tokens', 'revoke', 'operator').status, 1);
});

test('scopes narrow a token, give a member the integrations, and nobody gives what they have not', async () => {
  const { daemon, ask, make } = await start();
  const push = { team: 'demo', type: 'scan.failed' };
  const only = await make({ name: 'only-push', role: 'service', teams: ['demo'], scopes: ['push_events'] }, ADMIN);
  const pushed = await ask('POST', '/v1/events', push, only);
  assert.equal(pushed.status, 202, pushed.text);
  const refused = await ask('GET', `/v1/events/${pushed.body.id}`, undefined, only);
  assert.equal(refused.status, 403);
  assert.match(refused.body.detail, /scope read_events/);

  const member = { name: 'keeper', role: 'member', teams: ['demo'], scopes: ['read_inbox', 'read_catalogue', 'read_events', 'manage_integrations'] };
  const keeperOfDemo = await make(member, ADMIN);
  assert.equal((await ask('POST', '/v1/teams/demo/silences', { until: '2099-01-01T00:00:00Z' }, keeperOfDemo)).status, 201);
  assert.equal((await ask('GET', '/v1/teams/demo/inbox', undefined, keeperOfDemo)).status, 200);
  assert.equal((await ask('GET', '/v1/teams/other/channels', undefined, keeperOfDemo)).status, 404);
  assert.equal((await ask('GET', '/v1/tokens', undefined, keeperOfDemo)).status, 403);
  const me = (await ask('GET', '/v1/console/me', undefined, keeperOfDemo)).body;
  assert.deepEqual([...me.permissions].sort(), [...member.scopes].sort());
  const narrow = await make({ name: 'clerk', role: 'admin', teams: ['demo'], scopes: ['manage_tokens', 'read_inbox'] });
  for (const [body, status, pointer, words] of [
    [{ role: 'service', scopes: ['read_inbox'] }, 422, '/scopes/0', /role service may have push_events/],
    [{ role: 'member', scopes: ['manage_tokens'] }, 422, '/scopes/0', /cannot be given/],
    [{ role: 'member', scopes: ['read_inbox', 'everything'] }, 422, '/scopes/1', /is no scope/],
    [{ role: 'member', scopes: [] }, 422, '/scopes', /leave it out/],
    [{ role: 'member', scopes: 'read_inbox' }, 422, '/scopes', /array/],
    [{ role: 'service' }, 403, '/scopes', /push_events/],
    [{ role: 'admin' }, 403, '/scopes', /manage_integrations|push_events/],
  ]) {
    const answer = await ask('POST', '/v1/tokens', { name: 'x', teams: ['demo'], ...body }, narrow);
    assert.equal(answer.status, status, answer.text);
    const fault = answer.body.errors.find((error) => error.pointer === pointer);
    assert.match(fault?.message ?? answer.text, words);
  }
  await make({ name: 'reader', role: 'member', teams: ['demo'], scopes: ['read_inbox'] }, narrow);

  // A token that is about to end leaves no successor.
  const brief = await make({ name: 'brief', role: 'admin', teams: ['demo'], expires: '2090-01-01T00:00:00Z' });
  for (const expires of [undefined, '2090-01-01T00:00:01Z']) {
    const later = await ask('POST', '/v1/tokens', { name: 'later', role: 'service', teams: ['demo'], expires }, brief);
    assert.deepEqual([later.status, later.body.errors[0].pointer], [403, '/expires'], later.text);
  }
  await make({ name: 'sooner', role: 'service', teams: ['demo'], expires: '2089-01-01T00:00:00Z' }, brief);

  await daemon.kill();
  await daemon.launch();
  assert.equal((await ask('GET', '/v1/event-types', undefined, only)).status, 403);
  assert.equal((await ask('POST', '/v1/events', push, only)).status, 202);
  const listed = (await ask('GET', '/v1/tokens', undefined, ADMIN)).body.tokens;
  assert.deepEqual(listed.find((token) => token.name === 'keeper').scopes, member.scopes);
});

test('the configuration says who a user of this machine is on the Unix socket', async () => {
  const { daemon, configure } = await start();
  const asOwner = (method, target, body) => daemon.request(method, target, { body, token: '', socket: true });
  assert.equal((await asOwner('GET', '/v1/plugins')).status, 200, 'its own user is an operator');
  const own = `[[peer]]\nname = "own"\nuid = ${process.getuid()}\nrole = "service"\nteams = ["demo"]\nscopes = ["push_events"]\n`;
  configure(own);
  daemon.signal('SIGHUP');
  await until(async () => (await asOwner('GET', '/v1/plugins')).status === 403, 'it is a service now');
  assert.equal((await asOwner('POST', '/v1/events', { team: 'demo', type: 'scan.failed' })).status, 202);
  assert.equal((await asOwner('GET', '/v1/event-types')).status, 403);
  assert.equal((await asOwner('POST', '/v1/events', { team: 'other', type: 'scan.failed' })).status, 403);

  if (process.getuid() !== 0) return;  // only root can call as somebody else
  const nobody = 65534;
  fs.chmodSync(daemon.folder, 0o755);
  fs.chmodSync(path.join(daemon.folder, 'api.sock'), 0o666);
  const asNobody = () => Number(spawnSync(process.execPath, ['-e', `require('http').get(
    { socketPath: process.argv[1], path: '/v1/teams/demo/inbox' }, (answer) => { console.log(answer.statusCode); process.exit(); })`,
  path.join(daemon.folder, 'api.sock')], { uid: nobody, gid: nobody, encoding: 'utf8' }).stdout);
  assert.equal(asNobody(), 401);
  configure(`${own}[[peer]]\nname = "alice"\naccount = "nobody"\nrole = "member"\nteams = ["demo"]\n`);
  daemon.signal('SIGHUP');
  await until(() => asNobody() === 200, 'the account is a member now');
  configure(own);
  daemon.signal('SIGHUP');
  await until(() => asNobody() === 401, 'and nobody again');
});

test('a link lets nobody in as more than its maker, and ends with the token that made it', async () => {
  const { daemon, configure, ask, make } = await start();
  const login = (token, body) => ask('POST', '/v1/console/login', body, token);
  const door = await make({ name: 'door', role: 'operator', scopes: ['let_others_in', 'read_catalogue', 'read_inbox'] });
  const refused = await login(door, { role: 'operator', user: 'x' });
  assert.deepEqual([refused.status, refused.body.errors[0].pointer], [403, '/scopes'], refused.text);
  assert.equal((await login(door, { role: 'admin', team: 'demo', user: 'x' })).status, 403);
  assert.equal((await login(door, { role: 'operator', team: 'demo' })).status, 422);
  assert.equal((await login(door, { team: 'demo', scopes: null })).status, 422);
  const code = (answer) => answer.body.url.split('/').at(-1);
  const signIn = async (link) => {
    const answer = await daemon.request('POST', '/v1/console/session', { body: { code: link }, token: '' });
    return answer.status === 200 ? answer.headers['set-cookie'][0].split(';')[0] : answer.status;
  };
  const me = async (cookie) => (await daemon.request('GET', '/v1/console/me', { token: '', headers: { cookie } })).status;

  const brief = await make({ name: 'brief', role: 'operator', expires: '2090-01-01T00:00:00Z' });
  const first = await login(brief, { role: 'admin', team: 'demo', user: 'ann' });
  assert.equal(first.status, 201, first.text);
  const later = await login(brief, { role: 'operator', user: 'ann', });
  const cookie = await signIn(code(first));
  const boss = await signIn(code(await login(brief, { role: 'operator', user: 'bob' })));
  assert.deepEqual([await me(cookie), await me(boss)], [200, 200]);
  const headers = { cookie: boss, 'sec-fetch-site': 'same-origin' };
  const successor = await daemon.request('POST', '/v1/tokens', { token: '', headers, body: { name: 'successor', role: 'operator' } });
  assert.deepEqual([successor.status, successor.body.errors[0].pointer], [403, '/expires'], successor.text);
  const acts = (await ask('GET', '/v1/teams/demo/audit', undefined, ADMIN)).body.acts;
  assert.deepEqual([acts[0].act, acts[0].object, acts[0].detail], ['console.login', 'ann', 'role, team, user; role admin']);

  await daemon.kill();
  await daemon.launch();
  assert.equal(await me(cookie), 200, 'a session is there after a restart');
  assert.equal((await ask('DELETE', '/v1/tokens/brief')).status, 200);
  assert.deepEqual([await me(cookie), await me(boss), await signIn(code(later))], [401, 401, 401]);
  await daemon.kill();
  await daemon.launch();
  assert.equal(await me(cookie), 401);

  // Whatever somebody may, they may ask who they are and sign out.
  const narrow = await signIn(code(await login(OPERATOR, { role: 'member', team: 'demo', user: 'eve', scopes: ['manage_integrations'] })));
  assert.equal(await me(narrow), 200);
  const out = await daemon.request('DELETE', '/v1/console/session', { token: '', headers: { cookie: narrow, 'sec-fetch-site': 'same-origin' } });
  assert.deepEqual([out.status, await me(narrow)], [200, 401], out.text);
  configure();
});

test('a token for two teams stands in the log of both, and an end is an end', async () => {
  const { ask, make } = await start();
  await make({ name: 'both', role: 'service', teams: ['demo', 'other'] });
  await ask('DELETE', '/v1/tokens/both');
  for (const team of ['demo', 'other']) {
    const acts = (await ask('GET', `/v1/teams/${team}/audit`)).body.acts;
    assert.deepEqual(acts.map((act) => act.act), ['token.revoke', 'token.create'], team);
  }
  for (const expires of ['', '1970-01-01T00:00:00Z', '1970-01-01T00:00:00.001Z', 5, null]) {
    const answer = await ask('POST', '/v1/tokens', { name: 'x', role: 'service', teams: ['demo'], expires });
    assert.deepEqual([answer.status, answer.body.errors?.[0].pointer], [422, '/expires'], `${expires}: ${answer.text}`);
  }
  const redelivered = await ask('POST', '/v1/teams/demo/deliveries/redeliver', { since: '2026-01-01T00:00:00Z', dry_run: true });
  assert.equal(redelivered.status, 200);
  assert.equal((await ask('GET', '/v1/teams/demo/audit')).body.acts.length, 2, 'a dry run is no act');
});
