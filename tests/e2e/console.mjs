// What the console's tests share: a daemon with a team, people signed in, and how a view is opened.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { Browser, loginLink } from './browser.mjs';
import { Daemon, OPERATOR, Receiver, keeper, makeFolder, plugin, webhook, writeConfig } from './lib.mjs';

export const ALL_PLUGINS = ['slack', 'smtp', 'teams', 'webhook', 'in_app'].map(plugin);
export const ALICE = ['--team', 'demo', '--user', 'alice', '--role', 'admin'];

// Everything a file's tests need, ended with them: `const stage = await Stage.start(after)`.
export class Stage {
  static async start(after) {
    const stage = new Stage();
    stage.kept = keeper(after);
    stage.receiver = stage.kept(await Receiver.start());
    stage.browser = stage.kept(await Browser.start());
    return stage;
  }
  // With the team demo, whose channel siem takes scan.* and defaults; `channels`: further ones of it, as TOML.
  async daemon({ answer, plugins = ALL_PLUGINS, ca = '', channels, keys = ['k1'], extra = '' } = {}) {
    const folder = makeFolder();
    const target = answer ? this.kept(await Receiver.start(answer)) : this.receiver;
    const own = channels ?? webhook('siem', target.url(), { events: ['scan.*'], options: 'default = true\nretry = ["7d"]' });
    const config = writeConfig(folder, { plugins, ca, extra: writeKeys(folder, keys) + extra, teams: `[[team]]\nname = "demo"\n${own}\n[[team]]\nname = "other"\n` });
    return this.kept(await Daemon.start(folder, config));
  }
  async signIn(daemon, args = ALICE, options = {}) {
    const person = await this.browser.person(options);
    const page = await person.newPage();
    await page.goto(loginLink(daemon, args));
    await page.getByRole('heading', { name: 'Notifications' }).waitFor();
    return { person, page };
  }
}

export function writeKeys(folder, ids) {
  ids.forEach((id, i) => fs.writeFileSync(path.join(folder, `${id}.key`), Buffer.alloc(32, 7 + i).toString('base64')));
  const active = ids.length > 0 ? `[secrets]\nactive = "${ids.at(-1)}"\n` : '';
  return active + ids.map((id) => `[[secrets.key]]\nid = "${id}"\nfile = "${id}.key"\n`).join('');
}

export async function push(daemon, event) {
  const answer = await daemon.push({ team: 'demo', type: 'finding.created', severity: 'critical', ...event });
  assert.equal(answer.status, 202, answer.text);
  return answer.body.id;
}

// How many listen to notifications; both pages of a browser share one stream.
export async function streams(daemon) {
  const { body } = await daemon.request('GET', '/metrics', { token: '' });
  return Number(/^tocsin_inbox_streams (\d+)/m.exec(body)?.[1]);
}

export async function ask(daemon, method, target, body) {
  const answer = await daemon.request(method, `/v1/teams/demo/${target}`, { token: OPERATOR, body });
  assert.ok(answer.status < 300, answer.text);
  return answer.body;
}

export const open = (page, view) => page.goto(page.url().replace(/#.*/, `#/demo/${view}`));
export const ready = (page) => page.waitForFunction(() => document.querySelector('h1') !== null && document.querySelector('.skeleton') === null);

// The next launch() serves where it served before, as a daemon of a fixed address does.
export function keepPort(daemon) {
  const config = fs.readFileSync(daemon.config, 'utf8');
  fs.writeFileSync(daemon.config, config.replace('listen = "127.0.0.1:0"', `listen = "127.0.0.1:${daemon.port}"`));
}
