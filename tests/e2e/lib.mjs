// What every end-to-end test needs: the real daemon in a folder of its own, real receivers on loopback, and waiting for
// a condition instead of sleeping. Nothing here knows what is being tested.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { after, beforeEach } from 'node:test';
import { holdToContract } from './contract.mjs';

export const BUILD = process.env.TOCSIN_BUILD ?? path.resolve(import.meta.dirname ?? '.', '../../build/dev');
export const TOKEN = 'tcs_end-to-end-tests-service-token';
export const OPERATOR = 'tcs_end-to-end-tests-operator-token';
// Sanitizer builds are several times slower; every bound in the tests is multiplied by this.
export const PATIENCE = Number(process.env.TOCSIN_PATIENCE ?? 1);
// The same tests once more, with every plugin in a process of its own: TOCSIN_ISOLATION=sandbox.
const ISOLATION = process.env.TOCSIN_ISOLATION ? `isolation = "${process.env.TOCSIN_ISOLATION}"\n` : '';

export const plugin = (name) => path.join(BUILD, 'plugins', `${name}.so`);
export const faulty = (name) => path.join(BUILD, 'tests', 'faulty', `${name}.so`);

const children = new Set();
const folders = [];
process.on('exit', (code) => {
  for (const child of children) child.kill('SIGKILL');
  // A failed test leaves its folders to be looked at.
  if (code === 0) for (const folder of folders) fs.rmSync(folder, { recursive: true, force: true });
});

// What a failed test has left running would keep its file from ending, until ctest's limit. So the file ends
// by itself, once everything that stops in order has had the time to.
if (process.env.NODE_TEST_CONTEXT) {
  let ending;
  beforeEach(() => clearTimeout(ending)); // one was made after the others had ended
  after(() => {
    ending = setTimeout(() => {
      console.error(`The tests are over, but something of theirs still runs (${children.size} daemons): it is ended.`);
      process.exit(1);
    }, 30_000 * PATIENCE);
    ending.unref();
  });
}

export function makeFolder() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tocsin-e2e-'));
  folders.push(folder);
  return folder;
}

// Resolves once `condition` gives something truthy; looks again each time the loop is free for a few milliseconds.
export async function until(condition, what, timeoutMs = 20_000) {
  const end = Date.now() + timeoutMs * PATIENCE;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (Date.now() > end) throw new Error(`gave up waiting: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

// A configuration: `teams` and `plugins` are TOML text; the rest has good defaults.
export function writeConfig(folder, { teams, plugins = [plugin('webhook')], extra = '', egress = ['127.0.0.0/8'], ca = '' }) {
  const text = `
[server]
data_dir = "${folder}/data"
listen = "127.0.0.1:0"
socket = "${folder}/api.sock"
[log]
level = "debug"
format = "json"
[egress]
allow = ${JSON.stringify(egress)}
${ca ? `ca_file = "${ca}"` : ''}
${extra}
${plugins.map((file) => `[[plugin]]\npath = "${file}"\n${ISOLATION}`).join('')}
[[token]]
name = "service"
role = "service"
teams = ${JSON.stringify([...new Set([...teams.matchAll(/^\[\[team\]\]\s*\nname = "([^"]+)"/gm)].map((m) => m[1]))])}
token = "${TOKEN}"
[[token]]
name = "operator"
role = "operator"
token = "${OPERATOR}"
${teams}
`;
  const file = path.join(folder, 'tocsin.toml');
  // Renamed into place, as an operator's tool would: a reload never reads half a file.
  fs.writeFileSync(`${file}.new`, text);
  fs.renameSync(`${file}.new`, file);
  return file;
}

// One webhook channel as TOML.
export function webhook(name, url, { events = ['*'], settings = '', options = '' } = {}) {
  return `
[[team.channel]]
name = "${name}"
type = "webhook"
events = ${JSON.stringify(events)}
${options}
[team.channel.settings]
url = "${url}"
${settings}
`;
}

// One mail channel as TOML.
export function mail(name, port, to = 'ops@example.com') {
  return `
[[team.channel]]
name = "${name}"
type = "smtp"
events = ["*"]
[team.channel.settings]
server = "127.0.0.1"
port = ${port}
from = "alerts@example.com"
to = ["${to}"]
username = "u"
password = "p"
`;
}

export class Daemon {
  constructor(folder, config, program = path.join(BUILD, 'bin', 'tocsind')) {
    this.folder = folder;
    this.config = config;
    this.program = program;
    this.log = [];
  }

  static async start(folder, config, program) {
    const daemon = new Daemon(folder, config, program);
    await daemon.launch();
    return daemon;
  }

  async launch() {
    this.exited = undefined;
    this.port = undefined;
    this.child = spawn(this.program, ['--config', this.config], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    children.add(this.child);
    const child = this.child;
    this.gone = new Promise((resolve) => {
      child.on('exit', (code, signal) => {
        children.delete(child);
        this.exited = { code, signal };
        resolve(this.exited);
      });
    });
    readline.createInterface({ input: child.stderr }).on('line', (line) => {
      let entry;
      try {
        entry = JSON.parse(line);
      } catch {
        entry = { message: line, raw: true };
      }
      this.log.push(entry);
      if (entry.message === 'serving' && entry.address?.startsWith('127.')) {
        this.port = Number(entry.address.split(':').pop());
      }
    });
    await until(() => this.port || this.exited, 'the daemon serves', 30_000);
    if (this.exited) {
      throw new Error(`tocsind did not start: ${JSON.stringify(this.exited)} ${this.said().slice(-2000)}`);
    }
    this.agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
    return this;
  }

  said() {
    return this.log.map((entry) => JSON.stringify(entry)).join('\n');
  }

  get pid() {
    return this.child.pid;
  }

  signal(name) {
    this.child.kill(name);
  }

  async stop() {
    this.agent.destroy();
    this.child.kill('SIGTERM');
    return this.gone;
  }

  async kill() {
    this.agent.destroy();
    this.child.kill('SIGKILL');
    return this.gone;
  }

  // {status, headers, body (parsed where it is JSON)}; rejects where the connection broke, or where the answer is not one
  // that the API documents.
  request(method, target, { body, headers = {}, token = TOKEN, socket = false } = {}) {
    const payload = body === undefined || typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
    return new Promise((resolve, reject) => {
      const options = {
        method,
        path: target,
        agent: socket ? undefined : this.agent,
        headers: {
          host: 'localhost',
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }),
          ...headers,
        },
        ...(socket ? { socketPath: `${this.folder}/api.sock` } : { host: '127.0.0.1', port: this.port }),
      };
      const request = http.request(options, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          let parsed = text;
          if (method !== 'HEAD' && /json/.test(response.headers['content-type'] ?? '')) parsed = JSON.parse(text);
          const answer = { status: response.statusCode, headers: response.headers, body: parsed, text };
          try {
            holdToContract(method, target, answer);
            resolve(answer);
          } catch (error) {
            reject(error);
          }
        });
      });
      request.on('error', reject);
      request.setTimeout(30_000 * PATIENCE, () => request.destroy(new Error('no answer in time')));
      request.end(payload);
    });
  }

  push(event, options = {}) {
    return this.request('POST', '/v1/events', { body: event, ...options });
  }

  async event(id) {
    const answer = await this.request('GET', `/v1/events/${encodeURIComponent(id)}`, { token: OPERATOR });
    return answer.status === 200 ? answer.body : undefined;
  }

  // The event once all its deliveries are final.
  settled(id, timeoutMs) {
    const final = ['delivered', 'accepted', 'failed', 'cancelled'];
    return until(
      async () => {
        const event = await this.event(id);
        return event && event.deliveries.every((d) => final.includes(d.state)) ? event : undefined;
      },
      `event ${id} is settled`,
      timeoutMs,
    );
  }
}

// A real HTTP(S) receiver; `answer(request, count)` says what to do: {status, headers, body, delayMs, reset, hang}.
export class Receiver {
  constructor(answer = () => ({ status: 200 }), tls = undefined) {
    this.requests = [];
    this.answer = answer;
    this.sockets = new Set();
    const handler = (request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('error', () => {});
      request.on('end', () => this.take(request, Buffer.concat(chunks), response));
    };
    this.server = tls ? https.createServer(tls, handler) : http.createServer(handler);
    this.server.keepAliveTimeout = 60_000;
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
      socket.on('error', () => {});
    });
    this.scheme = tls ? 'https' : 'http';
  }

  static async start(answer, tls) {
    const receiver = new Receiver(answer, tls);
    await new Promise((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  url(target = '/hook') {
    return `${this.scheme}://127.0.0.1:${this.server.address().port}${target}`;
  }

  take(request, body, response) {
    const record = { method: request.method, url: request.url, headers: request.headers, body, at: Date.now() };
    this.requests.push(record);
    const what = this.answer(record, this.requests.length) ?? { status: 200 };
    if (what.hang) return;
    if (what.reset) {
      request.socket.resetAndDestroy();
      return;
    }
    const send = () => {
      response.writeHead(what.status ?? 200, what.headers ?? {});
      response.end(what.body ?? '');
    };
    if (what.delayMs) setTimeout(send, what.delayMs);
    else send();
  }

  async stop() {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

// Small, seeded, good enough to choose instants and outcomes: a failing run prints its seed and can be had again.
export function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

// Everything that a test file starts, stopped in the reverse order once its tests are over: `const kept = keeper(after)`.
export function keeper(after) {
  const running = [];
  after(async () => {
    for (const each of running.reverse()) await each.stop();
  });
  return (each) => {
    running.push(each);
    return each;
  };
}
