// A channel by somebody who has the packages and nothing else: written, edited, built, tested, listed in a daemon's
// configuration, and a real event through it in its sandbox. The steps are those of docs/writing_a_channel.md; the tree
// that tocsin is built from is out of sight meanwhile.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { BUILD, Daemon, OPERATOR, PATIENCE, Receiver, keeper, makeFolder, until, writeConfig } from './lib.mjs';
import { printed, run } from './shell.mjs';

const SOURCE = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const MINUTES = 5 * 60_000;
const kept = keeper(after);
const folder = makeFolder();
const author = path.join(folder, 'author'); // a machine with the SDK
const operator = path.join(folder, 'operator'); // a machine with the daemon
const project = path.join(folder, 'acme');

const sh = (program, args, options = {}) => printed(program, args, { cwd: folder, ...options });

// An author has no checkout. Root can cover the tree; that no file of the project names it is shown in any case.
const COVER = ['--mount', 'sh', '-c', 'mount -t tmpfs none "$0" && exec "$@"', SOURCE];
const covers = await run('unshare', [...COVER, 'true']).then(() => true, () => false);
const alone = (program, ...args) => (covers ? sh('unshare', [...COVER, program, ...args]) : sh(program, args));

function* filesBelow(at) {
  for (const entry of fs.readdirSync(at, { withFileTypes: true })) {
    const file = path.join(at, entry.name);
    if (entry.isDirectory()) yield* filesBelow(file);
    else if (entry.isFile()) yield file;
  }
}

// Changes a file of the project as an author would, by hand.
function edit(name, from, to) {
  const file = path.join(project, name);
  const text = fs.readFileSync(file, 'utf8');
  assert.equal(text.split(from).length, 2, `${name} has ${from}`);
  fs.writeFileSync(file, text.replace(from, to));
}

test('the packages are three, and no file is in two', async () => {
  const made = path.join(folder, 'deb');
  await sh('cpack', ['-G', 'DEB', '--config', path.join(BUILD, 'CPackConfig.cmake'), '-B', made]);
  const fields = {};
  const owners = new Map();
  for (const deb of fs.readdirSync(made).filter((name) => name.endsWith('.deb'))) {
    const name = deb.split('_')[0];
    fields[name] = await sh('dpkg-deb', ['-f', path.join(made, deb)]);
    const files = (await sh('dpkg-deb', ['-c', path.join(made, deb)])).split('\n').filter((line) => line.startsWith('-'));
    for (const line of files) {
      const file = line.replace(/^.* \.\//, '');
      assert.ok(!owners.has(file), `${file} is in ${name} and in ${owners.get(file)}`);
      owners.set(file, name);
    }
    for (const root of { 'tocsin-sdk': [author], tocsin: [operator], 'tocsin-tools': [author, operator] }[name]) {
      await sh('dpkg-deb', ['-x', path.join(made, deb), root]);
    }
  }
  assert.deepEqual(Object.keys(fields).sort(), ['tocsin', 'tocsin-sdk', 'tocsin-tools']);
  for (const name of ['tocsin', 'tocsin-sdk']) assert.match(fields[name], /^Depends: .*tocsin-tools \(= \d+\.\d+\.\d+\)/m, name);
  assert.match(fields['tocsin-tools'], /^Depends: .*libc6/m);
  assert.match(fields.tocsin, /^Depends: .*libcurl/m);
  assert.equal(owners.get('usr/sbin/tocsind'), 'tocsin');
  for (const file of ['usr/bin/tocsin', 'usr/libexec/tocsin/tocsin-plugin-host']) assert.equal(owners.get(file), 'tocsin-tools');
});

test('a new channel delivers within five minutes, by the packages alone', async () => {
  const began = Date.now();
  const took = {};
  const step = async (name, act) => {
    const from = Date.now();
    const out = await act();
    took[name] = Date.now() - from;
    return out;
  };
  const tocsin = path.join(author, 'usr/bin/tocsin');
  await step('new', () => alone(tocsin, 'plugin', 'new', 'acme'));

  // A field that the platform wants, a header from a setting, and the test that says so.
  edit('acme.cpp', '    "token": {', `    "site": {
      "title": "Site", "type": "string", "minLength": 1, "maxLength": 64, "pattern": "^[a-z0-9-]+$", "default": "main",
      "description": "Where the alerts come from.", "examples": ["berlin"]
    },
    "token": {`);
  edit('acme.cpp', ', token_(settings.text("/token"))', ', site_(settings.text("/site")), token_(settings.text("/token"))');
  edit('acme.cpp', '  std::string token_;', '  std::string site_;\n  std::string token_;');
  edit('acme.cpp', '.header("Idempotency-Key", message.id())', '.header("Idempotency-Key", message.id())\n        .header("X-Acme-Site", site_)');
  edit('acme.cpp', '.text("link", event.link())', '.text("link", event.link())\n                  .text("kind", event.type())');
  edit('acme_test.cpp', '{"/token", kToken}}', '{"/token", kToken}, {"/site", "berlin"}}');
  edit('acme_test.cpp', '  EXPECT_EQ(host.requests[0].header("Authorization")',
    '  EXPECT_EQ(host.requests[0].header("X-Acme-Site"), "berlin");\n  EXPECT_EQ(host.requests[0].header("Authorization")');

  const build = path.join(project, 'build');
  await step('configure', () => alone('cmake', '-S', project, '-B', build, `-DCMAKE_PREFIX_PATH=${author}/usr`));
  await step('build', () => alone('cmake', '--build', build, '--parallel', '2'));
  const tested = await step('ctest', () => alone('ctest', '--test-dir', build, '--output-on-failure'));
  for (const one of ['validate', 'sandbox', 'test']) assert.match(tested, new RegExp(`acme\\.${one} .*Passed`), tested);
  for (const file of filesBelow(project)) {
    const bytes = fs.readFileSync(file);
    for (const tree of [SOURCE, path.resolve(BUILD)]) assert.ok(!bytes.includes(`${tree}/`), `${file} names ${tree}`);
  }

  // The operator's machine: the daemon of its package, without the plugin so far.
  const plugins = path.dirname([...filesBelow(path.join(operator, 'usr/lib'))].find((file) => file.endsWith('/webhook.so')));
  const daemonFolder = makeFolder();
  const config = writeConfig(daemonFolder, { plugins: [path.join(plugins, 'webhook.so')], teams: '[[team]]\nname = "demo"\nin_app = false\n' });
  const daemon = kept(await step('daemon', () => Daemon.start(daemonFolder, config, path.join(operator, 'usr/sbin/tocsind'))));
  const listed = async () => (await daemon.request('GET', '/v1/plugins', { token: OPERATOR })).body.plugins;
  assert.ok((await listed()).every((each) => each.loaded));

  const installed = path.join(operator, 'opt/acme/acme.so');
  await step('add', async () => {
    fs.mkdirSync(path.dirname(installed), { recursive: true });
    fs.copyFileSync(path.join(build, 'plugins/acme.so'), installed);
    fs.chmodSync(installed, 0o755);
    const said = await sh(path.join(operator, 'usr/bin/tocsin'), ['plugin', 'add', installed, '--config', config]);
    assert.match(said, /com\.example\.acme 0\.1\.0/);
    assert.match(said, /site: Site/);
  });
  const receiver = kept(await Receiver.start());
  fs.appendFileSync(config, `\n[[team.channel]]\nname = "acme"\ntype = "com.example.acme"\nevents = ["*"]
settings = { url = "${receiver.url('/alerts')}", token = "s3cret-value", site = "hamburg" }\n`);
  assert.match(await sh(path.join(operator, 'usr/bin/tocsin'), ['check-config', config]), /./);
  await step('deliver', async () => {
    daemon.signal('SIGHUP');
    const acme = await until(async () => (await listed()).find((each) => each.path === installed), 'the daemon has taken acme up');
    assert.deepEqual([acme.loaded, acme.isolation, acme.sandbox.state, acme.sandbox.level], [true, 'sandbox', 'running', 'full']);
    const { id } = (await daemon.push({ type: 'scan.failed', title: 'Scan "7" failed' })).body;
    const { deliveries } = await daemon.settled(id);
    assert.deepEqual(deliveries.map((each) => [each.channel, each.state]), [['acme', 'delivered']]);
  });
  const [arrived] = receiver.requests;
  assert.equal(arrived.url, '/alerts');
  assert.equal(arrived.headers['x-acme-site'], 'hamburg');
  assert.equal(arrived.headers.authorization, 'Bearer s3cret-value');
  const { title, kind } = JSON.parse(arrived.body);
  assert.deepEqual([title, kind], ['Scan "7" failed', 'scan.failed']);

  const total = Date.now() - began;
  console.log(JSON.stringify({ tree_covered: covers, ms: took, total_ms: total }));
  assert.ok(total < MINUTES * PATIENCE, `five minutes, and it took ${Math.round(total / 1000)} s`);
});
