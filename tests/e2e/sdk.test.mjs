// A plugin author's way, whole: the SDK installed into a prefix of its own (sdk_deb.test.mjs: out of its package), a project written, built and
// tested against that prefix alone, and a real event delivered through it by the real daemon.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import tls from 'node:tls';
import { BUILD, Daemon, Receiver, makeFolder, writeConfig } from './lib.mjs';
import { printed, run } from './shell.mjs';

const SOURCE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const folder = makeFolder();
const prefix = path.join(folder, 'prefix');
const tocsin = path.join(prefix, 'bin', 'tocsin');

const sh = (program, args, options = {}) => printed(program, args, { cwd: folder, ...options });

// Configures, builds and tests a project that stands below `folder`; returns its plugin.
async function buildPlugin(name) {
  const source = path.join(folder, name);
  const build = path.join(source, 'build');
  await sh('cmake', ['-S', source, '-B', build, `-DCMAKE_PREFIX_PATH=${prefix}`, '-DCMAKE_EXPORT_COMPILE_COMMANDS=ON']);
  await sh('cmake', ['--build', build, '--parallel', '2']);
  const commands = fs.readFileSync(path.join(build, 'compile_commands.json'), 'utf8');
  assert.ok(!commands.includes(SOURCE), 'nothing of the source tree is needed');
  const tested = await sh('ctest', ['--test-dir', build, '--output-on-failure']);
  for (const one of ['validate', 'sandbox', 'test', ...tests[name]]) assert.match(tested, new RegExp(`${name}\\.${one} .*Passed`), tested);
  return path.join(build, 'plugins', `${name}.so`);
}

const plugins = {};
// Beside the three that all have. Rust has no libFuzzer here, and of a socket of its own there is nothing that the host could record.
const tests = { acme: ['fuzz'], loud_horn: ['fuzz'], ntfy: ['golden', 'fuzz'], discord: ['golden', 'fuzz'], pagerduty: ['golden', 'fuzz'],
  syslog: ['fuzz'], gotify: ['golden'] };

test('the SDK installs by itself', async () => {
  const parts = {};
  for (const part of ['sdk', 'tools', 'host']) {
    const into = part === 'host' ? path.join(folder, 'host') : prefix;
    const said = await sh('cmake', ['--install', BUILD, '--component', part, '--prefix', into]);
    parts[part] = [...said.matchAll(/^-- (?:Installing|Up-to-date): (.*)$/gm)].map((match) => path.relative(into, match[1]));
  }
  // Each is a package of its own, so no file may be in two.
  const files = Object.values(parts).flat().filter((file) => !fs.statSync(path.join(prefix, file), { throwIfNoEntry: false })?.isDirectory());
  assert.deepEqual(files.filter((file, at) => files.indexOf(file) !== at), []);
  assert.ok(parts.tools.includes('bin/tocsin'));
  for (const file of [
    'bin/tocsin', 'include/tocsin/plugin.h', 'include/tocsin/testing/fake_host.hpp', 'share/doc/tocsin-sdk/writing_a_channel.md',
    'share/doc/tocsin-sdk/plugin_contract.md', 'share/doc/tocsin-sdk/template/cpp/acme.cpp', 'share/doc/tocsin-sdk/examples/ntfy/ntfy.cpp',
  ]) {
    assert.ok(fs.existsSync(path.join(prefix, file)), `${file} is installed`);
  }
  assert.ok(!fs.existsSync(path.join(prefix, 'sbin')), 'the daemon is not part of it');
});

for (const [name, language] of [['acme', 'c++'], ['loud_horn', 'c']]) {
  test(`a new plugin in ${language} builds and passes its tests as it is written`, async () => {
    await sh(tocsin, ['plugin', 'new', name, '--lang', language]);
    plugins[name] = await buildPlugin(name);
    await assert.rejects(sh(tocsin, ['plugin', 'new', name]), /is there already/);
  });
}

for (const name of ['ntfy', 'discord', 'pagerduty', 'syslog', 'gotify']) {
  test(`the example ${name} builds and passes its tests`, async () => {
    fs.cpSync(path.join(prefix, 'share/doc/tocsin-sdk/examples', name), path.join(folder, name), { recursive: true });
    plugins[name] = await buildPlugin(name);
  });
}

test('every example sends the same from a process of its own', async () => {
  for (const name of ['ntfy', 'discord', 'pagerduty', 'gotify']) {
    const golden = path.join(folder, name, 'golden');
    assert.match(await sh(tocsin, ['plugin', 'golden', '--sandbox', plugins[name], golden]), /, 0 not as recorded/, name);
  }
});

test('show says what a plugin is and asks for', async () => {
  const shown = JSON.parse(await sh(tocsin, ['plugin', 'show', plugins.discord, '--json']));
  assert.match(shown.sha256, /^[0-9a-f]{64}$/);
  assert.equal(shown.types[0].type, 'com.discord');
  assert.deepEqual(shown.types[0].requires, ['tocsin.http/1']);
  assert.deepEqual(shown.types[0].egress, ['settings:/url']);
  assert.equal(shown.types[0].settings_schema.properties.url.writeOnly, true);
  const text = await sh(tocsin, ['plugin', 'show', plugins.discord]);
  assert.match(text, /com\.discord 1\.0\.0: Discord/);
  assert.match(text, /url \(secret\): Webhook URL/);
});

test('validate reports as JSON, by seed, with the exit status of its verdict', async () => {
  const report = JSON.parse(await sh(tocsin, ['plugin', 'validate', '--strict', '--json', '--seed', '7', plugins.acme]));
  assert.equal(report.ok, true);
  assert.equal(report.seed, 7);
  assert.equal(report.mode, 'in-process');
  assert.deepEqual([...new Set(report.checks.map((check) => check.verdict))], ['passed']);
  const jailed = JSON.parse(await sh(tocsin, ['plugin', 'validate', '--strict', '--sandbox', '--json', plugins.acme]));
  assert.deepEqual([jailed.ok, jailed.mode, jailed.sandbox], [true, 'sandbox', 'full']);
  assert.match(await sh(tocsin, ['plugin', 'validate', '--sandbox', plugins.syslog]), /The plugin is valid in a sandbox \(full\) \(seed 1\)/);
  const bad = await run(tocsin, ['plugin', 'validate', '--json', path.join(BUILD, 'tests/faulty/throws.so')]).catch((error) => error);
  assert.equal(bad.code, 1);
  const failed = JSON.parse(bad.stdout).checks.find((check) => check.verdict === 'failed');
  assert.equal(failed.name, 'render');
  assert.match(failed.findings[0].what, /threw from deliver/);
  assert.ok(failed.findings[0].fix);
  const settings = path.join(folder, 'settings.json');
  fs.writeFileSync(settings, '{"url":"https://api.example.com/own"}');
  await sh(tocsin, ['plugin', 'validate', '--settings', settings, plugins.acme]);
  fs.writeFileSync(settings, 'nonsense');
  assert.equal((await run(tocsin, ['plugin', 'validate', '--settings', settings, plugins.acme]).catch((error) => error)).code, 2);
});

test('render shows the request of an event, its secrets by name', async () => {
  const file = path.join(folder, 'event.json');
  fs.writeFileSync(file, JSON.stringify({ type: 'acme.own_type', severity: 'low', title: 'Scan "7" é', summary: 'S', labels: { env: 'prod' } }));
  const text = await sh(tocsin, ['plugin', 'render', plugins.pagerduty, '--event', file]);
  assert.match(text, /^HTTP POST https:\/\/events\.pagerduty\.com\/v2\/enqueue\n {2}Content-Type: application\/json\n {2}\d+ bytes, sha256 /);
  assert.match(text, /"routing_key": "<\/routing_key>"/);
  assert.match(text, /"summary": "Scan \\"7\\" \\u\{E9\}"/);
  assert.match(text, /"label env": "prod"/);
  assert.match(text, /\noutcome accepted\n$/);
  assert.match(await sh(tocsin, ['plugin', 'render', plugins.acme, '--test']), /"title": "Test: Public bucket"/);
  fs.writeFileSync(file, '{"type":"x"}');
  await assert.rejects(sh(tocsin, ['plugin', 'render', plugins.acme, '--event', file]), /holds no event[^]*\/type/);
});

test('golden files are recorded, pass, and show what changed', async () => {
  const golden = path.join(folder, 'golden');
  assert.match(await sh(tocsin, ['plugin', 'record', plugins.ntfy, golden]), /Recorded \d+ messages/);
  const files = fs.readdirSync(path.join(golden, 'sh.ntfy'));
  assert.ok(files.length >= 40, `${files.length} messages`);
  for (const file of files) assert.match(fs.readFileSync(path.join(golden, 'sh.ntfy', file), 'latin1'), /^[\n -~]*$/, file);
  assert.match(await sh(tocsin, ['plugin', 'golden', plugins.ntfy, golden]), /, 0 not as recorded/);
  const first = path.join(golden, 'sh.ntfy', files[0]);
  fs.writeFileSync(first, fs.readFileSync(first, 'utf8').replace('Public bucket', 'Private bucket'));
  fs.rmSync(path.join(golden, 'sh.ntfy', files[1]));
  fs.writeFileSync(path.join(golden, 'sh.ntfy', '99-gone.txt'), '');
  const failed = await run(tocsin, ['plugin', 'golden', plugins.ntfy, golden]).catch((error) => error);
  assert.equal(failed.code, 1);
  assert.match(failed.stdout, /- {7}"title": "Private bucket",\n\+ {7}"title": "Public bucket",/);
  assert.match(failed.stdout, /fix: /);
  const report = JSON.parse((await run(tocsin, ['plugin', 'golden', '--json', plugins.ntfy, golden]).catch((error) => error)).stdout);
  assert.deepEqual(report.changes.map((change) => change.what), ['is rendered otherwise', 'is not recorded', 'is of no message any more']);
  await sh(tocsin, ['plugin', 'record', plugins.ntfy, golden]);
  assert.deepEqual(fs.readdirSync(path.join(golden, 'sh.ntfy')), files, 'what is of no message is removed');
  // The ctest that tocsin_add_channel() makes of a folder golden/.
  await sh(tocsin, ['plugin', 'record', plugins.acme, path.join(folder, 'acme/golden')]);
  await sh('cmake', ['-S', path.join(folder, 'acme'), '-B', path.join(folder, 'acme/build')]);
  assert.match(await sh('ctest', ['--test-dir', path.join(folder, 'acme/build'), '-R', 'golden']), /acme\.golden .*Passed/);
});

test('a real event arrives through each of them', async (t) => {
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const records = [];
  const collector = net.createServer((peer) => peer.on('data', (bytes) => records.push(bytes.toString())));
  await new Promise((listening) => collector.listen(0, '127.0.0.1', listening).unref());
  // A collector with TLS, and a certificate that nobody but the channel's own setting trusts.
  const [key, cert] = ['collector.key', 'collector.pem'].map((name) => path.join(folder, name));
  await sh('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2', '-keyout', key, '-out', cert,
    '-subj', '/CN=collector', '-addext', 'subjectAltName=DNS:localhost']);
  const sealed = [];
  const secure = tls.createServer({ key: fs.readFileSync(key), cert: fs.readFileSync(cert) }, (peer) => peer.on('data', (bytes) => sealed.push(bytes.toString())));
  secure.on('tlsClientError', () => {});
  await new Promise((listening) => secure.listen(0, '127.0.0.1', listening).unref());
  const ca = JSON.stringify(fs.readFileSync(cert, 'utf8'));
  const channel = (name, type, settings) => `
[[team.channel]]
name = "${name}"
type = "${type}"
events = ["*"]
settings = ${settings}
`;
  const daemonFolder = makeFolder();
  const teams = `[[team]]\nname = "demo"
${channel('acme', 'com.example.acme', `{ url = "${receiver.url('/acme')}", token = "s3cret-value" }`)}
${channel('horn', 'com.example.loud_horn', `{ url = "${receiver.url('/horn')}", token = "s3cret-value" }`)}
${channel('ntfy', 'sh.ntfy', `{ server = "${receiver.url('/')}", topic = "alerts" }`)}
${channel('first', 'org.example.first', `{ url = "${receiver.url('/first')}", key = "s3cret-value" }`)}
${channel('pagerduty', 'com.pagerduty', `{ server = "${receiver.url('')}", routing_key = "0123456789abcdef0123456789abcdef" }`)}
${channel('syslog', 'org.ietf.syslog', `{ server = "127.0.0.1", port = ${collector.address().port}, security = "none" }`)}
${channel('syslog-tls', 'org.ietf.syslog', `{ server = "localhost", port = ${secure.address().port}, ca = ${ca} }`)}
${channel('gotify', 'net.gotify', `{ server = "${receiver.url('/gotify')}", token = "s3cret-value" }`)}
${channel('discord', 'com.discord', `{ url = "${receiver.url('/api/webhooks/123/abc')}" }`)}`;
  // All in a process of their own, as third parties' plugins are; but syslog has a socket of its own, which is the operator's grant.
  const { syslog, ...jailed } = plugins;
  assert.ok(syslog, 'the example was built');
  const daemon = await Daemon.start(daemonFolder, writeConfig(daemonFolder, { plugins: [...Object.values(jailed), path.join(BUILD, 'tests/abi/plugin_1_0.so')],
    extra: `[[plugin]]\npath = "${syslog}"\nisolation = "in-process"\n`, teams }));
  const { id } = (await daemon.push({ type: 'scan.failed', title: 'Scan "7" failed' })).body;
  const event = await daemon.settled(id);
  // PagerDuty queues and syslog says nothing: what became of it there cannot be known.
  const states = Object.fromEntries(event.deliveries.map((d) => [d.channel, d.state]));
  assert.deepEqual(states, { acme: 'delivered', horn: 'delivered', first: 'delivered', ntfy: 'delivered', discord: 'delivered',
    gotify: 'delivered', pagerduty: 'accepted', syslog: 'accepted', 'syslog-tls': 'accepted' });
  const sent = (target) => receiver.requests.find((request) => request.url === target);
  for (const target of ['/acme', '/horn']) {
    assert.equal(sent(target).headers.authorization, 'Bearer s3cret-value');
    assert.equal(JSON.parse(sent(target).body).title, 'Scan "7" failed');
    assert.match(sent(target).headers['idempotency-key'], /^dlv_/);
  }
  // Built from the header that was kept of ABI 1.0, and from nothing else.
  const first = sent('/first');
  assert.equal(first.headers['x-signature'], createHmac('sha256', 's3cret-value').update(first.body).digest('hex'));
  assert.equal(JSON.parse(sent('/').body).topic, 'alerts');
  assert.equal(JSON.parse(sent('/api/webhooks/123/abc').body).embeds[0].title, 'Scan "7" failed');
  const page = JSON.parse(sent('/v2/enqueue').body);
  assert.equal(page.routing_key, '0123456789abcdef0123456789abcdef', 'the host put the secret into the body');
  assert.equal(page.event_action, 'trigger');
  assert.equal(page.dedup_key, id, 'a key of its own');
  assert.equal(sent('/gotify/message').headers['x-gotify-key'], 's3cret-value');
  assert.equal(JSON.parse(sent('/gotify/message').body).title, 'Scan "7" failed');
  const [, length, record] = records.join('').match(/^(\d+) (<[^]*)$/);
  assert.equal(Buffer.byteLength(record), Number(length), 'one whole frame');
  assert.deepEqual(sealed.map((bytes) => bytes.replace(/delivery="[^"]*"/, '')), records.map((bytes) => bytes.replace(/delivery="[^"]*"/, '')));
  assert.match(record, /^<13\d>1 \S+Z tocsin tocsin - scan\.failed \[tocsin@32473 delivery="dlv_[^\]]*\] \uFEFFScan "7" failed$/);
  assert.equal((await daemon.stop()).code, 0);
});
