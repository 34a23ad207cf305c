// The mail channel of the real daemon against real mail servers: exim with a Maildir, and npm's smtp-server, read back by
// mailparser. Encryption that is not there, names that do not fit, recipients that are refused or put off, digests.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { BUILD, Daemon, makeFolder, plugin, until, writeConfig } from './lib.mjs';
import { Exim, MailServer, makeCertificate } from './mail.mjs';

const run = promisify(execFile);
const running = [];
after(async () => {
  for (const each of running.reverse()) await each.stop();
});
const kept = (each) => {
  running.push(each);
  return each;
};

const folder = makeFolder();
const certificate = makeCertificate(folder);
const team = (settings, options = '') => `
[[team]]
name = "demo"
[[team.channel]]
name = "mail"
type = "smtp"
events = ["*"]
${options}
[team.channel.settings]
server = "127.0.0.1"
${settings}
`;
const account = 'username = "u@example.com"\npassword = "canary-p4ssword"\n';
async function start(settings, { options = '', extra = '', ca = certificate.cert } = {}) {
  const own = makeFolder();
  return kept(await Daemon.start(own, writeConfig(own, { plugins: [plugin('smtp')], teams: team(settings, options), ca, extra })));
}
const finding = (more = {}) => ({ type: 'finding.created', severity: 'high', source: 'cspm', title: 'A bucket is public', ...more });
const tried = (daemon, id, attempts = 1) => until(async () => {
  const found = await daemon.event(id);
  return found?.deliveries[0].attempts.length >= attempts && found.deliveries[0];
}, `attempt ${attempts} is on record`);
const push = async (daemon, event = finding()) => {
  const answer = await daemon.push(event);
  assert.equal(answer.status, 202, answer.text);
  return answer.body.id;
};

for (const security of ['starttls', 'implicit']) {
  test(`exim delivers into a Maildir over ${security}`, async () => {
    const own = makeFolder();
    const exim = kept(await Exim.start(own, certificate));
    const port = security === 'starttls' ? exim.port : exim.tlsPort;
    const daemon = await start(`port = ${port}\nsecurity = "${security}"\nusername = "u"\npassword = "p"\nfrom = "alerts@example.com"\nfrom_name = "Wächter"\nto = ["ops@example.com", "dev@example.com"]`);
    const id = await push(daemon, finding({ title: '重大な検出結果：公開バケット', summary: '.\nFrom here\n<b>déjà vu</b> 🚨', data: { finding_id: 'f-1' } }));
    assert.equal((await daemon.settled(id)).deliveries[0].state, 'delivered');
    const mails = await until(async () => {
      const all = await exim.mails();
      return all.length === 2 && all;
    }, 'both mails are in the Maildir');
    for (const mail of mails) {
      assert.equal(mail.subject, '[High] 重大な検出結果：公開バケット');
      assert.equal(mail.from.value[0].name, 'Wächter');
      assert.match(mail.text, /^\.\nFrom here\n<b>déjà vu<\/b> 🚨$/m);
      assert.match(mail.html, /&lt;b&gt;déjà vu&lt;\/b&gt; 🚨/);
      assert.match(mail.references, /^<thread\.[0-9a-f]{16}@example\.com>$/);
      assert.equal(mail.headers.get('x-auto-response-suppress'), 'All');
    }
    assert.deepEqual(mails.map((m) => m.to.text).sort(), ['dev@example.com', 'ops@example.com'], 'each has a mail of its own');
    assert.notEqual(mails[0].messageId, mails[1].messageId);
  });
}

test('exim refuses one recipient, puts one off and takes one: each has its own end', async () => {
  const own = makeFolder();
  const exim = kept(await Exim.start(own, certificate));
  const daemon = await start(`port = ${exim.port}\nusername = "u"\npassword = "p"\nfrom = "alerts@example.com"\nto = ["bad@example.com", "grey@example.com", "ops@example.com"]`, { options: 'retry = ["1h"]' });
  const delivery = await tried(daemon, await push(daemon));
  assert.equal(delivery.state, 'scheduled');
  assert.match(delivery.attempts[0].detail, /1 of 3 recipients have it; bad@example\.com: /);
  await until(async () => (await exim.mails()).length === 1, 'the third has it');
});

test('a retry goes only to the recipient who was put off, also after a crash', async () => {
  let greylisted = true;
  const server = kept(await MailServer.start(certificate, {
    refuse: (address) => (address.startsWith('grey') && greylisted ? Object.assign(new Error('4.2.0 greylisted'), { responseCode: 450 }) : undefined),
  }));
  const daemon = await start(`port = ${server.port}\n${account}to = ["ops@example.com", "grey@example.com"]`, { options: 'retry = ["3s", "3s"]' });
  const id = await push(daemon);
  assert.equal((await tried(daemon, id)).state, 'scheduled');
  await daemon.kill();
  greylisted = false;
  await daemon.launch();
  const event = await daemon.settled(id, 60_000);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.deepEqual(server.mails.map((m) => m.to[0]).sort(), ['grey@example.com', 'ops@example.com'], 'nobody got it twice');
  assert.ok(server.mails.every((m) => m.secure && m.from === 'u@example.com'));
});

const refusals = [
  ['a password that is wrong', {}, `username = "u@example.com"\npassword = "wrong"\n`, 'misconfigured', 'smtp.sign_in_refused'],
  ['a server without STARTTLS is sent nothing', { disabledCommands: ['STARTTLS'] }, account, 'misconfigured', 'smtp.no_tls'],
  ['a server that offers no sign-in is sent nothing', { disabledCommands: ['AUTH'], authOptional: true }, account, 'misconfigured', 'smtp.no_sign_in'],
];
for (const [name, options, login, outcome, code] of refusals) {
  test(name, async () => {
    const server = kept(await MailServer.start(certificate, options));
    const daemon = await start(`port = ${server.port}\n${login}to = ["ops@example.com"]`, { options: 'retry = ["1h"]' });
    const { attempts: [attempt] } = await tried(daemon, await push(daemon));
    assert.equal(attempt.outcome, outcome);
    assert.equal(attempt.code, code);
    assert.equal(server.mails.length, 0);
  });
}

test('a certificate that is not trusted, or for another name, is sent nothing', async () => {
  const other = makeCertificate(folder, { name: 'DNS:mail.example.com', prefix: 'other' });
  for (const [shown, trusted] of [[other, other.cert], [makeCertificate(folder, { prefix: 'unknown' }), certificate.cert]]) {
    const server = kept(await MailServer.start(shown));
    const daemon = await start(`port = ${server.port}\n${account}to = ["ops@example.com"]`, { ca: trusted, options: 'retry = ["1h"]' });
    const { attempts: [attempt] } = await tried(daemon, await push(daemon));
    assert.equal(attempt.code, 'smtp.certificate');
    assert.equal(server.logins.length, 0, 'no password left');
    assert.equal(server.mails.length, 0);
  }
});

test('XOAUTH2 signs in with a token', async () => {
  const server = kept(await MailServer.start(certificate, { authMethods: ['XOAUTH2'] }));
  const daemon = await start(`port = ${server.port}\n${account}auth = "xoauth2"\nto = ["ops@example.com"]`);
  await daemon.settled(await push(daemon));
  assert.deepEqual(server.logins, ['XOAUTH2']);
  assert.equal(server.mails.length, 1);
});

test('a digest is one mail with all events of its window, over a kill -9 in the middle of it', async () => {
  const server = kept(await MailServer.start(certificate));
  const daemon = await start(`port = ${server.port}\n${account}to = ["ops@example.com"]`, { options: 'digest = "8s"' });
  // Early in a window, so that all of it happens in one.
  await until(() => Date.now() % 8000 < 1500, 'a window begins');
  const ids = [];
  for (let i = 0; i < 20; ++i) ids.push(await push(daemon, finding({ title: `finding ${i}` })));
  await daemon.kill();
  await daemon.launch();
  for (let i = 20; i < 25; ++i) ids.push(await push(daemon, finding({ title: `finding ${i}` })));
  assert.equal(server.mails.length, 0, 'the window is not over');
  for (const id of ids) assert.equal((await daemon.settled(id, 60_000)).deliveries[0].state, 'delivered');
  assert.equal(server.mails.length, 1, 'one mail');
  const { mail } = server.mails[0];
  assert.match(mail.subject, /25 alerts for demo/);
  for (let i = 0; i < 25; ++i) {
    assert.ok(mail.text.includes(`finding ${i}\n`), `finding ${i} in the text`);
    assert.ok(mail.html.includes(`finding ${i}<`), `finding ${i} in the HTML`);
  }
});

const mistakes = [
  ['server = "127.0.0.1"', 'server = "10.0.0.1"', /settings\/server.*private/s],
  ['server = "127.0.0.1"', 'server = "localhost"', /settings\/server/],
  ['port = 2525', 'port = 70000', /settings\/port/],
  ['port = 2525', 'port = 465', /\/security.*implicit/s],
  ['to = ["ops@example.com"]', 'to = []', /\/to/],
  ['to = ["ops@example.com"]', 'to = ["ops"]', /\/to\/0.*no @/s],
  ['to = ["ops@example.com"]', 'to = ["a@example.com\\r\\nBcc: b@example.com"]', /\/to\/0.*control character/s],
  ['to = ["ops@example.com"]', '', /\/to.*required/s],
  ['to = ["ops@example.com"]', 'to = ["ops@example.com"]\nsecurity = "none"', /^error: .*\.toml:\d+: team "demo", channel "mail", settings\/security: .*smtp_without_tls/],
  ['to = ["ops@example.com"]', 'to = ["ops@example.com"]\nsubject = "{{titel}}"', /\/subject.*no value/s],
];
test('the mistakes of an admin are refused with the setting and the fix', async () => {
  const own = makeFolder();
  const good = fs.readFileSync(writeConfig(own, { plugins: [plugin('smtp')], teams: team(`port = 2525\n${account}to = ["ops@example.com"]`) }), 'utf8');
  const check = async (text) => {
    const file = path.join(own, 'check.toml');
    fs.writeFileSync(file, text);
    return run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', file]).then(() => '', (error) => error.stdout + error.stderr);
  };
  assert.equal(await check(good), '');
  for (const [right, wrong, says] of mistakes) {
    const said = await check(good.replace(right, wrong));
    assert.match(said, says, wrong);
    assert.ok(!said.includes('canary'), wrong);
  }
});
