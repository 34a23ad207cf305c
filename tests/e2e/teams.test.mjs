// The Teams channel of the real daemon before a receiver that judges every card as Teams would: what arrives, the address
// byte for byte, what answers mean, hostile events, and the mistakes that an admin makes when saving an address.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { judge, textsOf } from './adaptive_card.mjs';
import { BUILD, Daemon, OPERATOR, Receiver, makeFolder, plugin, until, writeConfig } from './lib.mjs';

const run = promisify(execFile);
const SIG = 'aB3-_canary%2Fx%2by%2B4711%3d';
// Mixed case of the escapes, an order of its own, a parameter without a value: anything that parses and rebuilds changes it.
const TARGET = `/powerautomate/automations/direct/workflows/0a1B/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2fmanual%2Frun&&x&sv=1.0&sig=${SIG}`;

const running = [];
after(async () => {
  for (const each of running.reverse()) await each.stop();
});

const channel = (url, options = '') => `
[[team.channel]]
name = "secops"
type = "teams"
events = ["*"]
${options}
[team.channel.settings]
url = "${url}"
`;
const team = (name, channels) => `[[team]]\nname = "${name}"\n${channels}`;

async function receive(answer = () => ({ status: 202 })) {
  const receiver = await Receiver.start(answer);
  running.push(receiver);
  return receiver;
}
async function start(teams) {
  const folder = makeFolder();
  const daemon = await Daemon.start(folder, writeConfig(folder, { teams, plugins: [plugin('teams')] }));
  running.push(daemon);
  return daemon;
}

// What the golden file of the renderer's own test was made of.
const FINDING = {
  id: 'finding-1', type: 'finding.created', severity: 'critical', source: 'cspm', time: '2026-11-23T08:00:00Z',
  title: 'Public bucket with customer data',
  summary: 'The bucket acme-exports is readable by anyone.\nIt holds 4 objects.',
  link: 'https://console.example.com/findings/f-1?tab=a&b=c',
  labels: { env: 'prod', 'k8s.io/app_name': 'web*' },
};

test('a card arrives as the golden file says, at the address byte for byte, and ends as accepted', async () => {
  const receiver = await receive();
  const daemon = await start(team('demo', channel(receiver.url(TARGET))));
  const pushed = await daemon.push(FINDING);
  assert.equal(pushed.status, 202, pushed.text);
  const event = await daemon.settled(pushed.body.id);
  const [delivery] = event.deliveries;
  assert.equal(delivery.state, 'accepted', 'a workflow answers before it posts: never "delivered"');
  assert.equal(delivery.attempts[0].http_status, 202);
  assert.match(JSON.stringify(delivery), /look at the Teams channel/);

  assert.equal(receiver.requests.length, 1);
  const [request] = receiver.requests;
  assert.equal(request.method, 'POST');
  assert.equal(request.url, TARGET, 'an address that is encoded anew loses its signature');
  assert.match(request.headers['content-type'], /^application\/json/);
  judge(request.body);
  const golden = fs.readFileSync(path.join(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../plugins/teams/golden/finding.json'), 'utf8');
  assert.equal(request.body.toString(), golden.trim().replace(/dlv_[0-9A-Z]+/, delivery.id).replace('evt_1', FINDING.id));

  const stored = fs.readdirSync(path.join(daemon.folder, 'data')).map((file) => fs.readFileSync(path.join(daemon.folder, 'data', file), 'latin1'));
  const answers = [];
  for (const target of [`/v1/events/${pushed.body.id}`, '/v1/teams/demo/deliveries', '/v1/plugins', '/v1/channel-types', '/metrics', '/readyz?verbose'])
    answers.push((await daemon.request('GET', target, { token: OPERATOR })).text);
  for (const text of [daemon.said(), ...answers, ...stored]) {
    assert.ok(!text.includes('canary') && !text.includes('0a1B'), 'the address leaked');
  }
});

const LINKS = ['https://?x', 'https://exa[mple/', 'https://[', 'https://:443/', 'https://example.com:https/', 'https://user:pw@example.com/',
  'https://bücher.example/', 'https://example.com\u00a0/', 'https://%/', 'https://example.com/%zz', 'http://example.com/', `https://e/${'漢'.repeat(600)}`];
const TEXTS = [
  '**b** _i_ ~~s~~ `c`', '[click](https://evil.example)', '![x](https://evil.example/x.png)', '<at>Everyone</at>', '<at id="0">x</at>',
  '{{DATE(2026-11-23T08:00:00Z,SHORT)}}', '{{{TIME(2026-11-23T08:00:00Z)}}}', '{{{{x}}}}', '${title} ${$root}', '- item', '  - item', '+ item', '* item',
  '1. item', '12) item', '# head', '> quote', '&lt;at&gt;x&lt;/at&gt;', '&#60;at&#62;', '<script>alert(1)</script>', '<img src=x onerror=alert(1)>',
  '"}],"actions":[{"type":"Action.Submit"}]', '\\"}]', '\\\\', '\\', '\\n\\u0000', '_\\_\\\\_', 'a\\*b', '] [', '](x)', "' OR 1=1 --", '${jndi:ldap://evil.example/a}',
  '\u202egnp.exe', '\u2066\u2067\u2068 unclosed', 'עברית and English \u200f', 'مرحبا بالعالم', '\ufeffbom', 'zero\u200bwidth', '\u200b', '\u2028line\u2029para',
  '👩‍👩‍👧‍👦👨🏽‍💻🏳️‍🌈🇩🇪', '🇩🇪'.repeat(500), '👨‍👩‍👧‍👦'.repeat(3000), 'a' + '\u0301'.repeat(20_000), '\u0301', '漢'.repeat(33_000), 'x'.repeat(100_000), '"'.repeat(50_000), '\\'.repeat(50_000),
  '<'.repeat(50_000), '{'.repeat(50_000), '*'.repeat(50_000), ' '.repeat(5000), 'word '.repeat(20_000), '\uffff\u{10ffff}', '\u{10ffff}'.repeat(20_000), 'ﷺ﷽'.repeat(4000),
];
const cutBytes = (text, most) => new TextDecoder().decode(Buffer.from(text).subarray(0, most)).replace(/\ufffd+$/, '');

test('no text of an event breaks a card, exceeds its size or makes a link, mention or macro', { timeout: 300_000 }, async () => {
  const receiver = await receive();
  // Several teams, since one channel may send about a message a second.
  const names = Array.from({ length: 12 }, (_, i) => `t${i}`);
  const daemon = await start(names.map((name) => team(name, channel(receiver.url(TARGET)))).join(''));
  const events = TEXTS.map((text, i) => ({
    type: 'finding.created', severity: 'high', title: text, summary: `${text}\n${text}\t`, id: `${cutBytes(text, 200)}#${i}`,
    link: `https://example.com/${encodeURIComponent(cutBytes(text, 300))}`,
    labels: Object.fromEntries(Array.from({ length: 64 }, (_, n) => [`_k_${n}_`, cutBytes(text, 1024)])),
  }));
  events.push(...LINKS.map((link, i) => ({ type: 'scan.failed', title: `link ${i}`, link })));
  const ids = [];
  for (const [i, event] of events.entries()) {
    const answer = await daemon.push({ ...event, team: names[i % names.length] });
    if (answer.status === 202) ids.push(answer.body.id);
    else assert.ok(answer.status === 422 && event.title.startsWith('link '), `${answer.status} ${answer.text.slice(0, 300)}`);
  }
  assert.ok(ids.length >= TEXTS.length, 'intake took the texts');
  for (const id of ids) {
    const event = await daemon.settled(id, 120_000);
    assert.equal(event.deliveries[0].state, 'accepted');
  }
  assert.equal(receiver.requests.length, ids.length);
  const faults = receiver.requests.flatMap((request) => {
    try {
      const card = judge(request.body);
      assert.ok(textsOf(card).join('').length > 40, 'it says something');
      return [];
    } catch (error) {
      return [`${error.message.slice(0, 400)} IN ${request.body.toString().slice(0, 600)}`];
    }
  });
  assert.deepEqual(faults, []);
});

const workflowError = (code, message = '') => ({ headers: { 'content-type': 'application/json' }, body: JSON.stringify({ error: { code, message } }) });
const ends = [
  ['a form that the workflow does not expect ends the delivery', { status: 400, ...workflowError('TriggerInputSchemaMismatch') }, 'rejected', 'failed'],
  ['a workflow that is turned off keeps the delivery', { status: 400, ...workflowError('WorkflowTriggerIsNotEnabled', "state 'Disabled'") }, 'misconfigured', 'scheduled'],
  ['a workflow that not everybody may trigger keeps the delivery', { status: 401, ...workflowError('DirectApiAuthorizationRequired') }, 'misconfigured', 'scheduled'],
  ['a workflow that is gone disables the channel', { status: 404, ...workflowError('WorkflowNotFound') }, 'gone', 'failed'],
  ['a redirect is not followed', { status: 302, headers: { location: 'http://127.0.0.1:1/x' } }, 'misconfigured', 'scheduled'],
  ['an answer of 500 is tried again, and what it repeats of the address is not kept', { status: 500, body: `Cannot POST ${TARGET} sig=${SIG} sig=${decodeURIComponent(SIG)}` }, 'retry', 'scheduled'],
];
for (const [name, answer, outcome, state] of ends) {
  test(name, async () => {
    const receiver = await receive(() => answer);
    const daemon = await start(team('demo', channel(receiver.url(TARGET), 'retry = ["1h"]')));
    const { id } = (await daemon.push({ type: 'scan.failed' })).body;
    const event = await until(async () => {
      const found = await daemon.event(id);
      return found?.deliveries[0].attempts.length ? found : undefined;
    }, 'the attempt is on record');
    assert.equal(event.deliveries[0].attempts[0].outcome, outcome);
    assert.equal(event.deliveries[0].state, state);
    assert.equal(receiver.requests.length, 1);
    for (const text of [JSON.stringify(event), daemon.said()]) assert.ok(!text.includes('canary'), 'the address leaked');
  });
}

test('429 makes the channel wait as long as asked, and the same card goes out again', async () => {
  const receiver = await receive((_, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 202 }));
  const daemon = await start(team('demo', channel(receiver.url(TARGET), 'retry = ["100ms"]')));
  const event = await daemon.settled((await daemon.push(FINDING)).body.id);
  assert.deepEqual(event.deliveries[0].attempts.map((attempt) => attempt.outcome), ['rate_limited', 'accepted']);
  assert.ok(receiver.requests[1].at - receiver.requests[0].at >= 950);
  assert.ok(receiver.requests[0].body.equals(receiver.requests[1].body));
  judge(receiver.requests[1].body);
});

const QUERY = 'api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=canary';
const TRIGGER = 'https://prod-1.westeurope.logic.azure.com:443/workflows/canary/triggers/manual/paths/invoke';
const mistakes = [
  ['nothing', '', /url/],
  ['a connector', 'https://acme.webhook.office.com/webhookb2/canary/IncomingWebhook/x/y', /May 2026.*Send webhook alerts to a channel/],
  ['a connector in capitals', 'https://ACME.WEBHOOK.OFFICE.COM/webhookb2/canary', /May 2026/],
  ['an old connector', 'https://outlook.office.com/webhook/canary', /May 2026/],
  ['a Teams channel', 'https://teams.microsoft.com/l/channel/canary', /page for people/],
  ['a page of Power Automate', 'https://make.powerautomate.com/environments/canary/flows/x/details', /page for people/],
  ['no query', TRIGGER, /incomplete.*sig=/],
  ['a query that is cut off', `${TRIGGER}?api-version=1&sp=%2Ftriggers%2Fmanual`, /incomplete.*sig=/],
  ['an empty signature', `${TRIGGER}?api-version=1&sig=`, /incomplete.*sig=/],
  ['no api-version', `${TRIGGER}?sig=canary`, /api-version/],
  ['no trigger', `https://prod-1.westeurope.logic.azure.com/workflows/canary?${QUERY}`, /trigger/],
  ['another service', `https://example.com/workflows/x/triggers/manual/paths/invoke?${QUERY}`, /logic\.azure\.com/],
  ['another service altogether', 'https://hooks.slack.com/services/T0/B0/canary', /must name one of the hosts/],
  ['a host that only ends alike', `https://evillogic.azure.com.example/triggers/x?${QUERY}`, /logic\.azure\.com/],
  ['http', `${TRIGGER.replace('https', 'http')}?${QUERY}`, /https/],
  ['no scheme', `${TRIGGER.slice(8)}?${QUERY}`, /absolute https URL/],
  ['a private address', `https://10.0.0.1/triggers/x?${QUERY}`, /egress\.allow/],
  ['the metadata address', `https://169.254.169.254/triggers/x?${QUERY}`, /egress\.allow/],
  ['credentials', `${TRIGGER.replace('https://', 'https://me:canary@')}?${QUERY}`, /url/],
  ['a fragment', `${TRIGGER}?api-version=1#&sig=canary`, /url/],
  ['a blank', `${TRIGGER}?${QUERY} `, /url/],
  ['a line break', `${TRIGGER}?${QUERY}\\n`, /url/],
  ['an address of 3,000 characters', `${TRIGGER}?${QUERY}${'x'.repeat(3000)}`, /url.*2048/],
];
test('each mistake with an address is named with its fix before the daemon starts, and never shown', async () => {
  for (const [name, url, says] of mistakes) {
    const folder = makeFolder();
    const config = writeConfig(folder, { teams: team('demo', channel(url)), plugins: [plugin('teams')], egress: [] });
    const check = await run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', '--strict', config]).then(
      () => assert.fail(`${name} passes`),
      (error) => error,
    );
    const said = check.stdout + check.stderr;
    assert.equal(check.code, 1, `${name}: ${said}`);
    assert.match(said, says, name);
    assert.match(said, /url/, `${name}: the setting is named`);
    assert.ok(!said.includes('canary'), `${name}: a piece of the address is shown: ${said}`);
  }
  const folder = makeFolder();
  for (const good of [`${TRIGGER}?${QUERY}`, `https://x1.00.environment.api.powerplatform.com${TARGET}`]) {
    const config = writeConfig(folder, { teams: team('demo', channel(good)), plugins: [plugin('teams')], egress: [] });
    await run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', '--strict', config]);
  }
});
