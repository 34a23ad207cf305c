// The Slack channel of the real daemon before a receiver that judges every message as strictly as Slack: what arrives, what
// its answers mean, hostile events, and the mistakes that an admin makes when saving an address.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import path from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { judge } from './block_kit.mjs';
import { BUILD, Daemon, OPERATOR, Receiver, makeFolder, plugin, until, writeConfig } from './lib.mjs';

const run = promisify(execFile);
const HOOK = '/services/T0AAA/B0BBB/canaryCANARY';
const running = [];
after(async () => {
  for (const each of running.reverse()) await each.stop();
});

const channel = (url, options = '') => `
[[team.channel]]
name = "secops"
type = "slack"
events = ["*"]
${options}
[team.channel.settings]
url = "${url}"
`;
const team = (name, channels) => `[[team]]\nname = "${name}"\n${channels}`;

async function start(answer, options = 'retry = ["100ms", "100ms"]', teams = ['demo']) {
  const receiver = await Receiver.start(answer);
  running.push(receiver);
  const config = writeConfig(makeFolder(), {
    plugins: [plugin('slack')],
    teams: teams.map((name) => team(name, channel(receiver.url(HOOK), options))).join(''),
  });
  const daemon = await Daemon.start(path.dirname(config), config);
  running.push(daemon);
  return { receiver, daemon };
}
const status = async (daemon) =>
  (await daemon.request('GET', '/v1/teams/demo/channels/secops/status', { token: OPERATOR })).body;
const finding = { type: 'finding.created', severity: 'critical', title: 'Public bucket', summary: 'Anyone can read it.', link: 'https://example.com/f/1' };
const OK = { status: 200, body: 'ok' };

test('429 makes the whole channel wait as long as Slack asks, and nothing is lost', async () => {
  const { receiver, daemon } = await start((_, count) => (count === 1 ? { status: 429, headers: { 'retry-after': '2' }, body: 'rate_limited' } : OK));
  const first = await daemon.push(finding);
  await until(() => receiver.requests.length === 1, 'the first is refused');
  await until(async () => (await status(daemon)).state === 'backing_off', 'the channel waits');
  const second = await daemon.push({ ...finding, title: 'Another' });
  for (const { body } of [first, second]) assert.equal((await daemon.settled(body.id)).deliveries[0].state, 'delivered');
  const event = await daemon.event(first.body.id);
  assert.deepEqual(event.deliveries[0].attempts.map((a) => a.outcome), ['rate_limited', 'delivered']);
  for (const request of receiver.requests.slice(1)) {
    assert.ok(request.at - receiver.requests[0].at >= 1950, 'not before Slack wants it');
  }
  assert.equal(receiver.requests.length, 3);
  assert.equal((await status(daemon)).state, 'ready');
});

test('refused blocks are sent once more as text; where that is refused too, this alert alone is given up', async () => {
  for (const word of ['invalid_blocks', 'msg_blocks_too_long', 'invalid_attachments']) {
    const { receiver, daemon } = await start((request) => (JSON.parse(request.body).blocks ? { status: 400, body: word } : OK));
    const event = await daemon.settled((await daemon.push(finding)).body.id);
    assert.equal(event.deliveries[0].state, 'delivered', word);
    assert.equal(event.deliveries[0].attempts.length, 1, 'it is one attempt');
    const [rich, plain] = receiver.requests.map((request) => JSON.parse(request.body));
    assert.ok(rich.blocks && !plain.blocks && !plain.attachments);
    for (const part of ['Public bucket', 'Anyone can read it.', 'https://example.com/f/1']) assert.ok(plain.text.includes(part), part);
  }
  const { daemon } = await start((request) => (JSON.parse(request.body).text.includes('cursed') ? { status: 400, body: 'invalid_payload' } : OK));
  const cursed = await daemon.settled((await daemon.push({ ...finding, title: 'cursed' })).body.id);
  assert.equal(cursed.deliveries[0].state, 'failed');
  assert.equal(cursed.deliveries[0].reason, 'slack.invalid_payload');
  const next = await daemon.settled((await daemon.push(finding)).body.id);
  assert.equal(next.deliveries[0].state, 'delivered');
});

// What an answer does to the delivery and to the channel, and the sentence that an admin reads.
const answers = [
  [{ status: 404, body: 'no_service' }, 'failed', 'disabled', /removed or disabled in Slack; make a new one/],
  [{ status: 403, body: 'invalid_token' }, 'failed', 'disabled', /make a new one/],
  [{ status: 410, body: 'channel_is_archived' }, 'scheduled', 'backing_off', /unarchive it/],
  [{ status: 403, body: 'action_prohibited' }, 'scheduled', 'backing_off', /forbids/],
  [{ status: 200, body: '<html>login</html>' }, 'scheduled', 'backing_off', /something else stands at this URL/],
  [{ status: 302, headers: { location: 'https://example.com/' } }, 'scheduled', 'backing_off', /check the channel's URL/],
];
for (const [answer, state, condition, says] of answers) {
  test(`${answer.status} ${answer.body ?? ''}: the delivery is ${state}, the channel ${condition}`, async () => {
    const { receiver, daemon } = await start(() => answer, 'retry = ["1h"]');
    const { body } = await daemon.push(finding);
    await until(async () => (await status(daemon)).state === condition, condition);
    const { reason } = await status(daemon);
    assert.match(reason, says);
    const [delivery] = (await until(async () => {
      const event = await daemon.event(body.id);
      return event.deliveries[0].attempts.length > 0 && event;
    }, 'the attempt is on record')).deliveries;
    assert.equal(delivery.state, state);
    assert.equal(receiver.requests.length, 1);
    const listed = await run(path.join(BUILD, 'bin', 'tocsin'), ['--url', `http://127.0.0.1:${daemon.port}`, '--token', OPERATOR, 'plugin', 'list']);
    assert.match(listed.stdout, new RegExp(`secops +slack +${condition}`));
    for (const text of [JSON.stringify(delivery), listed.stdout, daemon.said()]) assert.doesNotMatch(text, /canary/i);
  });
}

test('500 and a dropped connection are tried again with the same bytes', async () => {
  const { receiver, daemon } = await start((_, count) => [{ status: 500, body: 'rollup_error' }, { reset: true }][count - 1] ?? OK);
  const event = await daemon.settled((await daemon.push(finding)).body.id);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(receiver.requests.length, 3);
  for (const request of receiver.requests) assert.deepEqual(request.body, receiver.requests[0].body);
});

test('a flood leaves as messages that list it, each within every limit, and as text where blocks are refused', { timeout: 60_000 }, async () => {
  for (const refuses of [false, true]) {
    const { receiver, daemon } = await start((request) => (refuses && JSON.parse(request.body).blocks ? { status: 400, body: 'invalid_blocks' } : OK));
    const events = Array.from({ length: 60 }, (_, i) => ({ ...finding, title: `flood ${i} & <!channel>`, link: `https://example.com/f/${i}` }));
    const answer = await daemon.request('POST', '/v1/events', { body: events });
    for (const { event } of answer.body.results) assert.equal((await daemon.settled(event.id)).deliveries[0].state, 'delivered');
    const taken = receiver.requests.filter((request) => !refuses || !JSON.parse(request.body).blocks);
    assert.ok(taken.length < 20, `${taken.length} messages for 60 alerts`);
    const texts = taken.map((request) => judge(request.body, events.map((event) => event.link)));
    const all = texts.map(({ message, texts: shown }) => `${message.text}\n${shown.join('\n')}`).join('\n');
    assert.ok(all.includes('flood 59 &amp; &lt;!channel&gt;'), all.slice(0, 800));
    const listed = taken.reduce((sum, request) => sum + Number(JSON.parse(request.body).text.match(/(\d+) alerts/)?.[1] ?? 1), 0);
    assert.equal(listed, 60, 'every alert is counted in one of them');
  }
});

const TEXTS = [
  '<!channel> <!here> <!everyone>', '<@U0123456789>', '<#C0123456789|general>', '<https://evil.example|https://bank.example>', '&lt;!channel&gt;', '&amp;amp;', '&', '<', '>', '<<<>>>&&&',
  '*bold* _it_ ~no~ `code` ```block```', '> quote', ':rotating_light: :smile:', '"}],"blocks":[{"type":"image"}]', '\\"}]', '\\', '${x} {{x}} %s %n', "' OR 1=1 --", '<script>alert(1)</script>',
  '\u202egnp.exe', '\u2066\u2067\u2068 unclosed', 'עברית and English \u200f', 'مرحبا بالعالم', '\ufeffbom', 'zero\u200bwidth', '\u200b', '\u2028line\u2029para', 'tab\tnew\nline\r\n', '\u0000\u0001\u001b[31mred\u007f',
  '👩‍👩‍👧‍👦👨🏽‍💻🏳️‍🌈🇩🇪', '🇩🇪'.repeat(500), '👨‍👩‍👧‍👦'.repeat(2000), 'a' + '\u0301'.repeat(20_000), '\u0301', '漢'.repeat(33_000), 'x'.repeat(100_000), '"'.repeat(50_000), '\\'.repeat(50_000),
  '<'.repeat(50_000), '&'.repeat(50_000), '*'.repeat(50_000), ' '.repeat(5000), 'word '.repeat(20_000), '\uffff\u{10ffff}', '\u{10ffff}'.repeat(20_000), 'ﷺ﷽'.repeat(4000), '&'.repeat(149) + '<', '😀'.repeat(75) + 'x',
];
const cutBytes = (text, most) => new TextDecoder().decode(Buffer.from(text).subarray(0, most)).replace(/\ufffd+$/, '');

test('no text of an event breaks a message, exceeds a limit or mentions anybody', { timeout: 300_000 }, async () => {
  // A team each: one channel may send about a message a second.
  const names = TEXTS.map((_, i) => `t${i}`);
  const { receiver, daemon } = await start(() => OK, '', names);
  const ids = [];
  for (const [i, text] of TEXTS.entries()) {
    // Intake refuses controls in a title and a label, and all but blanks in a summary.
    const line = text.replace(/[\u0000-\u001f\u007f\u2028\u2029]/g, '') || 'x';
    const summary = text.replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '');
    const answer = await daemon.push({
      team: names[i], type: 'finding.created', severity: 'high', title: line, summary: `${summary}\n${summary}`, id: `case ${i}`,
      link: `https://example.com/${encodeURIComponent(cutBytes(text, 300))}`,
      labels: Object.fromEntries(Array.from({ length: 20 }, (_, n) => [`k${n}`, cutBytes(line, 1024)])),
    });
    assert.equal(answer.status, 202, `${i}: ${answer.text.slice(0, 300)}`);
    ids.push(answer.body.id);
  }
  for (const [i, id] of ids.entries()) {
    const found = await until(async () => (await daemon.request('GET', `/v1/teams/t${i}/deliveries`, { token: OPERATOR })).body.deliveries.find((d) => d.event === id && d.state === 'delivered'), `case ${i} is delivered`);
    assert.equal(found.tries, 1);
  }
  assert.equal(receiver.requests.length, TEXTS.length);
  const faults = receiver.requests.flatMap((request) => {
    try {
      const { texts } = judge(request.body);
      assert.ok(texts.join('').length > 40, 'it says something');
      return [];
    } catch (error) {
      return [`${error.message.slice(0, 300)} IN ${request.body.toString().slice(0, 400)}`];
    }
  });
  assert.deepEqual(faults, []);
});

const mistakes = [
  ['nothing', '', /url/],
  ['a trigger', 'https://hooks.slack.com/triggers/T0/1/canary', /Workflow Builder trigger.*Incoming Webhooks/],
  ['a workflow', 'https://hooks.slack.com/workflows/T0/A0/1/canary', /Slack workflow.*Incoming Webhooks/],
  ['a reply address', 'https://hooks.slack.com/commands/T0/1/canary', /expires/],
  ['http', `http://hooks.slack.com${HOOK}`, /https/],
  ['another host', `https://example.com${HOOK}`, /hooks\.slack\.com/],
  ['a host that only ends alike', `https://hooks.slack.com.evil.example${HOOK}`, /hooks\.slack\.com/],
  ['Teams', 'https://prod-1.westeurope.logic.azure.com/workflows/x/triggers/manual/paths/invoke?sig=canary', /url/],
  ['no path', 'https://hooks.slack.com/', /url.*services/],
  ['a private address', `https://10.0.0.1${HOOK}`, /egress\.allow/],
  ['the metadata address', `https://169.254.169.254${HOOK}`, /egress\.allow|metadata/],
  ['credentials', `https://me:canary@hooks.slack.com${HOOK}`, /url/],
  ['a line break', `https://hooks.slack.com${HOOK}\\n`, /url/],
];
test('each mistake with an address is named with its fix before the daemon starts, and never shown', async () => {
  const check = (url) => {
    const config = writeConfig(makeFolder(), { teams: team('demo', channel(url)), plugins: [plugin('slack')], egress: [] });
    return run(path.join(BUILD, 'bin', 'tocsin'), ['check-config', '--strict', config]).then(({ stdout }) => ({ code: 0, stdout, stderr: '' }), (error) => error);
  };
  for (const [name, url, says] of mistakes) {
    const done = await check(url);
    const said = done.stdout + done.stderr;
    assert.equal(done.code, 1, `${name}: ${said}`);
    assert.match(said, says, name);
    assert.match(said, /\.toml:\d+: team "demo", channel "secops", settings\/url/, `${name}: the place is named`);
    assert.doesNotMatch(said, /canary/i, `${name}: a piece of the address is shown`);
  }
  for (const good of [`https://hooks.slack.com${HOOK}`, `https://hooks.slack-gov.com${HOOK}`]) {
    assert.equal((await check(good)).code, 0, good);
  }
});
