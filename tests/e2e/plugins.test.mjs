// A bad plugin disables its own channels with one clear sentence; the daemon serves on.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { BUILD, Daemon, Receiver, faulty, makeFolder, plugin, until, webhook, writeConfig } from './lib.mjs';

const run = promisify(execFile);

const refused = [
  ['wrong_size', /size/],
  ['null_api', /api|function table/],
  ['bad_schema', /schema/],
  ['missing_symbol', /symbol|undefined/],
  ['no_entry', /tocsin_plugin_v1/],
  ['null_return', /null|nothing/i],
  ['unknown_extension', /acme\.teleport/],
  ['text', /shared library|ELF/],
];

test('each plugin that cannot be loaded is named in one sentence everywhere, and the daemon serves', async () => {
  const receiver = await Receiver.start();
  const folder = makeFolder();
  const plugins = [plugin('webhook'), ...refused.map(([name]) => faulty(name))];
  const daemon = await Daemon.start(folder, writeConfig(folder, { plugins, teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url())}` }));
  const ready = await daemon.request('GET', '/readyz?verbose', { token: '' });
  assert.equal(ready.status, 200);
  const listed = (await daemon.request('GET', '/v1/plugins', { socket: true, token: '' })).body.plugins;
  const { stdout } = await run(path.join(BUILD, 'bin', 'tocsin'), ['--url', `unix:${folder}/api.sock`, 'plugin', 'list', '--json']).catch((error) => {
    assert.equal(error.code, 1, 'the command says that something is wrong');
    return error;
  });
  const shown = JSON.parse(stdout).plugins;
  for (const [name, sentence] of refused) {
    const check = ready.body.checks.find((c) => c.name.endsWith(`${name}.so`));
    assert.equal(check.ok, false, name);
    assert.match(check.detail, sentence, name);
    assert.ok(!check.detail.includes('\n') && check.detail.length < 400, `one sentence: ${check.detail}`);
    assert.equal(listed.find((p) => p.path.endsWith(`${name}.so`)).loaded, false);
    assert.match(shown.find((p) => p.path.endsWith(`${name}.so`)).problem, sentence);
    assert.ok(daemon.log.some((l) => l.level === 'error' && JSON.stringify(l).includes(`${name}.so`)), `${name} is in the log`);
  }
  const event = await daemon.settled((await daemon.push({ type: 'scan.failed' })).body.id);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal((await daemon.stop()).code, 0);
  await receiver.stop();
});

const misbehaving = [
  ['throws', 'plugin_fault'],
  ['zero_outcome', 'plugin_fault'],
  ['double_complete', 'delivered'],
];
for (const [name, outcome] of misbehaving) {
  test(`a plugin with the sin "${name}" hurts only its own channel`, async () => {
    const receiver = await Receiver.start();
    const folder = makeFolder();
    const teams = `[[team]]\nname = "demo"\n${webhook('good', receiver.url())}
[[team.channel]]
name = "bad"
type = "test.${name}"
events = ["*"]
retry = ["1h"]
`;
    const daemon = await Daemon.start(folder, writeConfig(folder, { plugins: [plugin('webhook'), faulty(name)], teams }));
    const { id } = (await daemon.push({ type: 'scan.failed' })).body;
    const event = await until(async () => {
      const found = await daemon.event(id);
      return found?.deliveries.every((d) => d.attempts.length > 0) ? found : undefined;
    }, 'both channels were tried');
    assert.equal(event.deliveries.find((d) => d.channel === 'good').state, 'delivered');
    assert.equal(event.deliveries.find((d) => d.channel === 'bad').attempts[0].outcome, outcome);
    await until(() => daemon.log.some((l) => ['warning', 'warn', 'error'].includes(l.level) && JSON.stringify(l).includes('bad')), 'the plugin is blamed in the log');
    assert.equal((await daemon.stop()).code, 0);
    await receiver.stop();
  });
}

test('a channel whose plugin is missing keeps its deliveries until the plugin is there', async () => {
  const receiver = await Receiver.start();
  const folder = makeFolder();
  const teams = `[[team]]\nname = "demo"\n${webhook('siem', receiver.url())}`;
  const broken = path.join(folder, 'webhook.so');
  fs.writeFileSync(broken, 'not a library');
  const daemon = await Daemon.start(folder, writeConfig(folder, { plugins: [broken], teams }));
  const { id } = (await daemon.push({ type: 'scan.failed' })).body;
  assert.equal((await daemon.event(id)).deliveries[0].state, 'pending');
  assert.equal((await daemon.stop()).code, 0);
  writeConfig(folder, { teams });
  await daemon.launch();
  assert.equal((await daemon.settled(id)).deliveries[0].state, 'delivered');
  assert.equal((await daemon.stop()).code, 0);
  await receiver.stop();
});
