// Two teams with the same names for everything: whatever one of them asks for shows nothing of the other. Each team's
// texts carry a word of its own, and everything that the other can see is searched for it.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Daemon, Receiver, keeper, makeFolder, plugin, until, writeConfig } from './lib.mjs';
import { operations } from './contract.mjs';
import { Stream } from './sse.mjs';

const kept = keeper(after);
const NAMES = ['red', 'blue'];
const admin = (team) => `tcs_end-to-end-tests-admin-token-of-${team}`;
const word = (team) => `only-${team}-knows`;

test('nothing of one team shows in what the other can see', async () => {
  const folder = makeFolder();
  fs.writeFileSync(path.join(folder, 'master.key'), Buffer.alloc(32, 7).toString('base64'));
  const receivers = {};
  for (const team of NAMES) receivers[team] = kept(await Receiver.start(() => ({ status: 413, body: word(team) })));
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, {
    plugins: ['webhook', 'in_app'].map(plugin), extra: '[[secrets.key]]\nid = "k1"\nfile = "master.key"\n',
    teams: NAMES.map((team) => `[[team]]\nname = "${team}"\n[[token]]\nname = "admin-${team}"\nrole = "admin"\nteams = ["${team}"]\nuser = "ann"\ntoken = "${admin(team)}"\n`).join(''),
  })));
  const as = (team, method, target, body) => daemon.request(method, target, { token: admin(team), body });
  const well = async (...args) => {
    const answer = await as(...args);
    assert.ok(answer.status < 300, answer.text);
    return answer.body;
  };

  // The same of both: a channel, a rule, a silence, a token, an event with its own id, a failed delivery, an item.
  const known = {};
  for (const team of NAMES) {
    const own = `/v1/teams/${team}`;
    await well(team, 'POST', `${own}/channels`, { name: 'siem', type: 'webhook', events: ['*'],
      settings: { url: receivers[team].url(`/${word(team)}`), headers: { 'X-Team': word(team) } } });
    await well(team, 'POST', `${own}/rules`, { name: 'critical', labels: { word: word(team) }, channels: ['siem'] });
    await well(team, 'POST', `${own}/silences`, { name: 'move', labels: { word: `${word(team)}-silenced` }, until: '2099-01-01T00:00:00Z', reason: word(team) });
    await well(team, 'POST', '/v1/tokens', { name: `ci-${word(team)}`, role: 'service', teams: [team] });
    await well(team, 'POST', '/v1/events', { team, id: 'same', type: 'scan.failed', title: word(team), labels: { word: word(team) }, data: { word: word(team) } });
  }
  for (const team of NAMES) {
    known[team] = await until(async () => {
      const event = (await as(team, 'GET', '/v1/events/same')).body;
      return event.deliveries.every((d) => ['failed', 'delivered'].includes(d.state)) && event;
    }, 'its deliveries have ended');
    assert.equal(known[team].title, word(team));
  }

  for (const [mine, theirs] of [NAMES, [...NAMES].reverse()]) {
    const stream = kept(await Stream.open(daemon, mine, admin(mine)));
    const seen = [];
    const item = (await as(mine, 'GET', `/v1/teams/${mine}/inbox`)).body.items[0];
    const log = (await as(theirs, 'GET', `/v1/teams/${theirs}/deliveries`)).body.deliveries;
    assert.ok(item && log.length > 0);
    // Every GET of the API: of my own team, and with the other's name and numbers.
    for (const { method, path: template } of operations) {
      if (method !== 'GET' || template.includes('stream') || template.startsWith('/console') || template === '/openapi.json') continue;
      for (const team of [mine, theirs]) {
        for (const id of template.includes('deliveries/') ? log.map((d) => d.id) : [known[theirs].id, known[theirs].deliveries[0].event ?? 'same']) {
          const target = template.replace('{team}', team).replace('{id}', encodeURIComponent(id))
            .replace('{name}', template.includes('rules') ? 'critical' : template.includes('silences') ? 'move' : 'siem');
          seen.push([target, await as(mine, 'GET', target)]);
        }
      }
    }
    // And what would change something of theirs.
    for (const target of [`deliveries/${log[0].id}/redeliver`, `deliveries/${log[0].id}/cancel`, 'channels/siem/test', 'channels/siem/pause']) {
      const answer = await as(mine, 'POST', `/v1/teams/${theirs}/${target}`);
      assert.equal(answer.status, 404, answer.text);
      seen.push([target, answer]);
      const crossed = await as(mine, 'POST', `/v1/teams/${mine}/${target.replace('channels/siem', 'channels/nowhere')}`);
      assert.equal(crossed.status, 404, crossed.text);
      seen.push([target, crossed]);
    }
    const revoke = await as(mine, 'DELETE', `/v1/tokens/ci-${word(theirs)}`);
    assert.equal(revoke.status, 404);
    await well(mine, 'POST', '/v1/events', { team: mine, type: 'scan.failed', title: word(mine) });
    await well(theirs, 'POST', '/v1/events', { team: theirs, type: 'scan.failed', title: word(theirs) });
    await stream.next('item', (event) => event.data.title === word(mine));
    seen.push(['the stream', { text: JSON.stringify(stream.events), headers: {} }]);
    assert.ok(seen.length > 50, `${seen.length} answers were searched`);
    for (const [what, answer] of seen) {
      const text = answer.text + JSON.stringify(answer.headers);
      assert.equal(text.includes(word(theirs)), false, `${mine} sees ${theirs} in ${what}: ${text.slice(0, 400)}`);
    }
    assert.ok(seen.some(([, answer]) => answer.text.includes(word(mine))), 'the search finds what is there');
  }

  await daemon.stop();
  const both = daemon.log.filter((entry) => NAMES.every((team) => JSON.stringify(entry).includes(word(team))));
  assert.deepEqual(both, [], 'no line of the log has both');
  for (const team of NAMES) {
    const other = NAMES.find((name) => name !== team);
    for (const request of receivers[team].requests) {
      assert.equal((request.body + JSON.stringify(request.headers) + request.url).includes(word(other)), false);
    }
    for (const entry of daemon.log) if (entry.team === team) assert.equal(JSON.stringify(entry).includes(word(other)), false);
  }
});
