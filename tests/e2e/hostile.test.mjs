// Malformed and hostile requests against the real daemon: each gets the right status and a problem document, nothing is
// half stored, and the daemon serves on.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { Daemon, Receiver, TOKEN, makeFolder, webhook, writeConfig } from './lib.mjs';

let daemon;
let receiver;
before(async () => {
  receiver = await Receiver.start();
  const folder = makeFolder();
  daemon = await Daemon.start(folder, writeConfig(folder, { teams: `[[team]]\nname = "demo"\n${webhook('siem', receiver.url())}` }));
});
after(async () => {
  await daemon.stop();
  await receiver.stop();
});

// Sends bytes as they are; resolves with the first answer's {status, headers, body} once the server closed or answered.
function raw(bytes) {
  return new Promise((resolve, reject) => {
    const socket = net.connect(daemon.port, '127.0.0.1', () => socket.write(bytes));
    let text = '';
    const finish = () => {
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return false;
      const length = Number(/content-length: (\d+)/i.exec(text.slice(0, head))?.[1] ?? 0);
      if (Buffer.byteLength(text.slice(head + 4)) < length) return false;
      resolve({ status: Number(text.split(' ')[1]), head: text.slice(0, head).toLowerCase(), body: text.slice(head + 4) });
      socket.destroy();
      return true;
    };
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      finish();
    });
    socket.on('error', (error) => (text ? finish() || reject(error) : reject(error)));
    socket.on('close', () => finish() || reject(new Error(`closed without an answer: ${JSON.stringify(text.slice(0, 200))}`)));
    socket.setTimeout(20_000, () => {
      socket.destroy();
      reject(new Error('no answer'));
    });
  });
}

const auth = `Authorization: Bearer ${TOKEN}\r\n`;
const post = (headers, body = '') => `POST /v1/events HTTP/1.1\r\n${headers}\r\n${body}`;
const good = '{"type":"scan.failed"}';
const json = (body, headers = '') =>
  post(`Host: localhost\r\n${auth}Content-Type: application/json\r\n${headers}Content-Length: ${Buffer.byteLength(body)}\r\n`, body);

const framing = [
  ['no Host', post(`${auth}Content-Length: 0\r\n`), 400],
  ['two Hosts', post(`Host: localhost\r\nHost: localhost\r\n${auth}Content-Length: 0\r\n`), 400],
  ['a Host of the web', post(`Host: evil.example\r\n${auth}Content-Length: 0\r\n`), 421],
  ['a Host that only starts right', post(`Host: localhost.evil.example\r\n${auth}Content-Length: 0\r\n`), 421],
  ['folded header', post(`Host: localhost\r\nX-A: b\r\n c\r\n${auth}Content-Length: 0\r\n`), 400],
  ['Transfer-Encoding: xchunked', post(`Host: localhost\r\n${auth}Transfer-Encoding: xchunked\r\n`, '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding: gzip, chunked', post(`Host: localhost\r\n${auth}Transfer-Encoding: gzip, chunked\r\n`, '0\r\n\r\n'), [400, 501]],
  ['Transfer-Encoding and Content-Length', post(`Host: localhost\r\n${auth}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n`, '0\r\n\r\n'), 400],
  ['two Content-Lengths that differ', post(`Host: localhost\r\n${auth}Content-Length: 1\r\nContent-Length: 2\r\n`, 'ab'), 400],
  ['two equal Content-Lengths', post(`Host: localhost\r\n${auth}Content-Length: 2\r\nContent-Length: 2\r\n`, '{}'), 400],
  ['a negative Content-Length', post(`Host: localhost\r\n${auth}Content-Length: -1\r\n`), 400],
  ['a Content-Length with a plus', post(`Host: localhost\r\n${auth}Content-Length: +2\r\n`, '{}'), 400],
  ['a Content-Length in hexadecimal', post(`Host: localhost\r\n${auth}Content-Length: 0x2\r\n`, '{}'), 400],
  ['a Content-Length beyond 64 bits', post(`Host: localhost\r\n${auth}Content-Length: 99999999999999999999\r\n`), [400, 413]],
  ['a body over the limit', post(`Host: localhost\r\n${auth}Content-Length: 999999999\r\n`), 413],
  ['bare line feeds', `POST /v1/events HTTP/1.1\nHost: localhost\n\n`, 400],
  ['a space before the colon', post(`Host: localhost\r\nX-A : b\r\n`), 400],
  ['a header without a colon', post(`Host: localhost\r\nnonsense\r\n`), 400],
  ['a NUL in a header', post(`Host: localhost\r\nX-A: a\0b\r\n`), 400],
  ['an empty header name', post(`Host: localhost\r\n: b\r\n`), 400],
  ['a header of 20 kB', post(`Host: localhost\r\nX-A: ${'a'.repeat(20_000)}\r\n`), 431],
  ['100 headers', post(`Host: localhost\r\n${Array.from({ length: 100 }, (_, i) => `X-${i}: b\r\n`).join('')}`), 431],
  ['a request line of 20 kB', `GET /${'a'.repeat(20_000)} HTTP/1.1\r\nHost: localhost\r\n\r\n`, [414, 431]],
  ['HTTP/0.9', 'GET /\r\n\r\n', [400, 505]],
  ['HTTP/2.0', 'GET / HTTP/2.0\r\nHost: localhost\r\n\r\n', [400, 505]],
  ['an HTTP/2 preface', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', [400, 505]],
  ['a TLS hello', Buffer.from('160301020001000001fc0303', 'hex').toString('latin1') + '\r\n\r\n', 400],
  ['an absolute target', `GET http://localhost/livez HTTP/1.1\r\nHost: localhost\r\n\r\n`, 400],
  ['the target *', `OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n`, [400, 405]],
  ['an unknown expectation', post(`Host: localhost\r\n${auth}Expect: teapot\r\nContent-Length: 2\r\n`, '{}'), 417],
  ['an unknown method', 'BREW /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n', [400, 405, 501]],
  ['a wrong chunk size', post(`Host: localhost\r\n${auth}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n`, 'zz\r\n{}\r\n0\r\n\r\n'), 400],
  ['GET on a POST path', `GET /v1/events HTTP/1.1\r\nHost: localhost\r\n${auth}\r\n`, 405],
  ['a path that is not there', `GET /v2/events HTTP/1.1\r\nHost: localhost\r\n${auth}\r\n`, 404],
  ['a path with dots', `GET /v1/../etc/passwd HTTP/1.1\r\nHost: localhost\r\n${auth}\r\n`, 404],
  ['no token', post(`Host: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`, '{}'), 401],
  ['a wrong token', post(`Host: localhost\r\nAuthorization: Bearer tcs_wrong\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`, '{}'), 401],
  ['basic credentials', post(`Host: localhost\r\nAuthorization: Basic dTpw\r\nContent-Type: application/json\r\nContent-Length: 2\r\n`, '{}'), 401],
];

const bodies = [
  ['nothing', '', 400],
  ['white space', ' \n ', 400],
  ['a number', '42', 400],
  ['a string', '"scan.failed"', 400],
  ['null', 'null', 400],
  ['half an object', '{"type":"scan.failed"', 400],
  ['half a string', '{"type":"scan.fai', 400],
  ['two objects', `${good}${good}`, 400],
  ['a trailing comma', '{"type":"scan.failed",}', 400],
  ['single quotes', "{'type':'scan.failed'}", 400],
  ['a comment', `/* hi */ ${good}`, 400],
  ['NaN', '{"type":"scan.failed","data":{"n":NaN}}', 400],
  ['a lone surrogate', '{"type":"scan.failed","title":"\\ud800"}', 400],
  ['bytes that are no UTF-8', Buffer.from([...Buffer.from('{"type":"scan.failed","title":"'), 0xc3, 0x28, ...Buffer.from('"}')]).toString('latin1'), 400],
  ['a raw control character', '{"type":"scan.failed","title":"a\u0001b"}', 400],
  ['nesting of 1,000 levels', `{"type":"scan.failed","data":${'{"a":'.repeat(1000)}1${'}'.repeat(1000)}}`, 400],
  ['a duplicate member', '{"type":"scan.failed","type":"scan.started"}', 400],
  ['a duplicate inside data', '{"type":"scan.failed","data":{"a":1,"a":2}}', 400],
  ['no type', '{}', 422, '/type'],
  ['a type that is a number', '{"type":7}', 422, '/type'],
  ['an unknown type', '{"type":"scan.fialed"}', 422, '/type'],
  ['the reserved type', '{"type":"channel.test"}', 422, '/type'],
  ['an unknown member', '{"type":"scan.failed","titel":"x"}', 422, '/titel'],
  ['an unknown severity', '{"type":"scan.failed","severity":"urgent"}', 422, '/severity'],
  ['a missing severity', '{"type":"finding.created"}', 422, '/severity'],
  ['an unknown category', '{"type":"scan.failed","category":"x"}', 422, '/category'],
  ['an upper-case source', '{"type":"scan.failed","source":"CSPM"}', 422, '/source'],
  ['a javascript link', '{"type":"scan.failed","link":"javascript:alert(1)"}', 422, '/link'],
  ['a link with a line break', '{"type":"scan.failed","link":"https://a/\\r\\nX: y"}', 422, '/link'],
  ['labels that are a list', '{"type":"scan.failed","labels":["a"]}', 422, '/labels'],
  ['a label that is a number', '{"type":"scan.failed","labels":{"a":1}}', 422, '/labels/a'],
  ['a label with a slash and tilde', '{"type":"scan.failed","labels":{"~ ":"1"}}', 422, '/labels/~0 '],
  ['data that is a list', '{"type":"scan.failed","data":[]}', 422, '/data'],
  ['a time of day', '{"type":"scan.failed","time":"noon"}', 422, '/time'],
  ['30 February', '{"type":"scan.failed","time":"2026-02-30T00:00:00Z"}', 422, '/time'],
  ['an id with a control character', '{"type":"scan.failed","id":"a\\u0000b"}', 422, '/id'],
  ['an id that looks like ours', '{"type":"scan.failed","id":"evt_0000000000000"}', 422, '/id'],
  ['a foreign team', '{"type":"scan.failed","team":"other"}', 403, '/team'],
  ['a team with a path', '{"type":"scan.failed","team":"../etc"}', 422, '/team'],
  ['an event of 2 MB', `{"type":"scan.failed","summary":"${'x'.repeat(2 << 20)}"}`, 413],
  ['an array that does not end', `[${good}`, 400],
  ['an array with a hole', `[${good},,${good}]`, 400],
  ['an array of 1,001', `[${Array(1001).fill(good).join(',')}]`, 413],
  ['an array of nonsense', '[1,2]', 400],
];

const check = (answer, expected, pointer) => {
  assert.ok([expected].flat().includes(answer.status), `status ${answer.status}: ${answer.body.slice(0, 300)}`);
  const document = JSON.parse(answer.body);
  if (document.results) return; // a batch: a problem an item
  assert.match(answer.head, /content-type: application\/problem\+json/);
  assert.equal(document.status, answer.status);
  assert.match(document.type, /^\/problems\/[a-z-]+$/);
  assert.ok(document.title && document.detail);
  if (pointer) assert.ok(document.errors.some((e) => e.pointer === pointer), JSON.stringify(document));
};

for (const [name, bytes, expected] of framing) {
  test(`framing: ${name}`, async () => check(await raw(Buffer.from(bytes, 'latin1')), expected));
}
for (const [name, body, expected, pointer] of bodies) {
  test(`body: ${name}`, async () => {
    const bytes = /no UTF-8/.test(name) ? Buffer.from(body, 'latin1') : Buffer.from(body);
    const head = post(`Host: localhost\r\n${auth}Content-Type: application/json\r\nContent-Length: ${bytes.length}\r\n`);
    check(await raw(Buffer.concat([Buffer.from(head), bytes])), expected, pointer);
  });
}

test('wrong media types and encodings are refused', async () => {
  for (const [type, encoding] of [['text/plain'], ['application/xml'], ['application/json', 'gzip'], ['multipart/form-data; boundary=x']]) {
    const headers = { 'content-type': type, ...(encoding ? { 'content-encoding': encoding } : {}) };
    const answer = await daemon.push(good, { headers });
    assert.equal(answer.status, 415, type);
    assert.equal(answer.body.status, 415);
  }
});

test('after all of that nothing is half stored and the daemon serves', async () => {
  assert.equal(daemon.exited, undefined);
  const before = (await daemon.request('GET', '/v1/teams/demo/deliveries')).body.deliveries;
  assert.deepEqual(before, [], 'no refused request left a delivery');
  const event = await daemon.settled((await daemon.push(good)).body.id);
  assert.equal(event.deliveries[0].state, 'delivered');
  assert.equal(receiver.requests.length, 1);
});
