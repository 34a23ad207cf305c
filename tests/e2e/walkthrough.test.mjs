// docs/walkthrough.md, line by line, as a team admin would type it: every block runs in one shell, and what the text says
// is looked for in what came back and in what arrived.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { Webhook } from 'standardwebhooks';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, until, writeConfig } from './lib.mjs';
import { Exim, makeCertificate } from './mail.mjs';

const kept = keeper(after);
const ADMIN = 'tcs_end-to-end-tests-admin-token-of-demo';
const SECRET = `whsec_${Buffer.from('canary-canary-canary-canary').toString('base64')}`;
const text = fs.readFileSync(new URL('../../docs/walkthrough.md', import.meta.url), 'utf8');
const blocks = [...text.matchAll(/^```sh walk\n(.*?)^```/gms)].map((match) => match[1]);

// Runs the blocks in one bash and gives what each printed.
async function walk(environment) {
  const mark = '--- end of block ---';
  const script = blocks.map((block) => `${block}\nprintf '\\n%s\\n' '${mark}'`).join('\n');
  const child = spawn('bash', ['-euo', 'pipefail', '-c', script], { env: { ...process.env, ...environment } });
  let out = '', err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const code = await new Promise((resolve) => child.on('close', resolve));
  assert.equal(code, 0, `${err}\n${out.slice(-3000)}`);
  return out.split(`\n${mark}\n`).slice(0, -1);
}

test("a team's first hour with curl alone", async () => {
  assert.ok(blocks.length >= 12, 'the blocks are found');
  const folder = makeFolder();
  const certificate = makeCertificate(folder);
  const tls = { key: fs.readFileSync(certificate.key), cert: fs.readFileSync(certificate.cert) };
  const exim = kept(await Exim.start(folder, certificate));
  const slack = kept(await Receiver.start(() => ({ status: 200, body: 'ok' }), tls));
  const teams = kept(await Receiver.start(() => ({ status: 202 }), tls));
  const siem = kept(await Receiver.start(() => ({ status: 204 }), tls));
  execFileSync('bash', ['-c', `umask 077; head -c 32 /dev/urandom | base64 > ${folder}/master.key`]);
  const daemon = kept(await Daemon.start(folder, writeConfig(folder, {
    plugins: ['slack', 'smtp', 'teams', 'webhook', 'in_app'].map(plugin), ca: certificate.cert,
    extra: '[[secrets.key]]\nid = "k1"\nfile = "master.key"\n',
    teams: `[[team]]\nname = "demo"\n[[token]]\nname = "ann"\nrole = "admin"\nteams = ["demo"]\ntoken = "${ADMIN}"\n`,
  })));
  const printed = await walk({
    TOCSIN_URL: `http://127.0.0.1:${daemon.port}`, TOCSIN_TOKEN: ADMIN,
    SLACK_URL: slack.url('/services/T0/B0/alerts'), SLACK_CRITICAL_URL: slack.url('/services/T0/B0/critical'),
    TEAMS_URL: teams.url('/workflows/0a/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=s1g'),
    SIEM_URL: siem.url('/in'), SIEM_SECRET: SECRET,
    SMTP_SERVER: '127.0.0.1', SMTP_PORT: String(exim.port), SMTP_USER: 'u', SMTP_PASSWORD: 'p',
  });
  assert.equal(printed.length, blocks.length);
  const said = (part) => printed.find((_, i) => blocks[i].includes(part));
  assert.match(said('"name": "mail"'), /"password":"••••"/);
  assert.equal(said('for channel in').match(/"result":"delivered"/g).length, 4);
  assert.match(said('for channel in'), /"result":"connected"[\s\S]*"result":"accepted"/);
  assert.match(said('dry-run"'), /"channels":\["security-critical","siem","in-app"\]|"channels":\[[^\]]*"security-critical"/);
  assert.match(said('walk-silenced"'), /silenced until 2099-01-01T00:00:00\.000Z by ann: the registry moves/);
  assert.match(said('"dry_run\\": true') ?? said('dry_run'), /"count":1,"dry_run":true[\s\S]*"count":1,"dry_run":false/);
  assert.match(said('/audit'), /"act":"silence.remove"[\s\S]*"actor":"ann"/);

  // What arrived: the seed's example rule peels off what is critical, and the rest falls through to the default.
  const of = (target) => slack.requests.filter((r) => r.url.endsWith(target)).map((r) => r.body.toString());
  await until(() => of('/alerts').length === 4, 'the default alerts, the redelivered one and the test arrived');
  assert.equal(of('/critical').filter((body) => /A (critical|high) finding/.test(body)).length, 2);
  assert.equal(of('/critical').length, 4, 'with the missed deadline and the test message');
  assert.equal(of('/alerts').some((body) => /A (critical|high|medium|low|info) finding/.test(body)), false);
  await until(async () => (await exim.mails()).length === 3, 'the test and two SLA mails arrived');
  assert.equal(teams.requests.length, 2);
  await until(() => siem.requests.length === 11, 'the SIEM got the test and all ten');
  for (const request of siem.requests) new Webhook(SECRET).verify(request.body, request.headers);
  const seen = printed.join('\n') + daemon.said();
  for (const secret of [SECRET, SECRET.slice(6), '/services/T0/B0', 's1g']) assert.equal(seen.includes(secret), false, secret);
  const log = await daemon.request('GET', '/v1/teams/demo/deliveries?state=failed', { token: OPERATOR });
  assert.deepEqual(log.body.deliveries, []);
});
