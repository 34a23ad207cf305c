// 200 hostile texts through every member of an event and every field of the forms: shown as text, run nowhere, and no page
// wider than its screen. What the content policy refuses is listened for.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { picture } from './browser.mjs';
import { ALL_PLUGINS, Stage, ask, open, ready } from './console.mjs';
import { HOSTILE } from './hostile_strings.mjs';
import { BUILD, until } from './lib.mjs';

const stage = await Stage.start(after);
const NTFY = path.join(BUILD, 'tests', 'channels', 'ntfy.so'); // of a third party
const NARROW = { width: 320, height: 700 };
assert.ok(HOSTILE.length >= 200, `${HOSTILE.length} of them`);

const label = (text, i) => ({ [`k${i}/x`]: text.slice(0, 200) });
const isNarrow = async (page, what) => assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), NARROW.width, what);
// Whatever would be there if a text had become markup.
const strangers = (page) => page.evaluate(() => {
  const roots = [document, ...[...document.querySelectorAll('*')].map((each) => each.shadowRoot).filter(Boolean)];
  return roots.flatMap((root) => [...root.querySelectorAll('script:not([src]), img, iframe, object, embed, base, style, template, marquee, video, math, [onerror], [onload], [onfocus], [onclick], [onmouseover], [ontoggle]')])
    .map((each) => each.outerHTML.slice(0, 200));
});

test('no source of the console has a place where text could become markup', () => {
  const folder = new URL('../../host/console/src/', import.meta.url).pathname;
  for (const file of fs.readdirSync(folder, { recursive: true }).filter((name) => /\.tsx?$/.test(name))) {
    const found = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|srcdoc|createContextualFragment|DOMParser|\beval\(|new Function|setAttribute\(['"]on/i.exec(fs.readFileSync(path.join(folder, file), 'utf8'));
    assert.equal(found, null, `${file}: ${found?.[0]}`);
  }
});

test('of 200 events with hostile texts every word is shown and none is run', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon, undefined, { viewport: NARROW });
  await page.evaluate(() => { window.owned = 0; window.alert = () => { window.owned += 1; }; });
  const events = HOSTILE.map((text, i) => ({
    team: 'demo', type: 'finding.created', severity: 'high', title: text, summary: `${text}\n${text}`, labels: label(text, i), data: { [text.slice(0, 80)]: text, list: [text] },
    link: `https://example.com/?q=${encodeURIComponent(text.slice(0, 100))}`, source: 'cspm',
  }));
  const answer = await daemon.request('POST', '/v1/events', { body: events });
  assert.equal(answer.status, 202, answer.text);
  const taken = answer.body.results.map((each, i) => ({ ...each, text: HOSTILE[i] })).filter((each) => each.status === 202);
  // What an event cannot be is refused with a reason, not stored and mangled.
  assert.ok(taken.length >= 190, `${taken.length} taken: ${JSON.stringify(answer.body.results.filter((each) => each.status !== 202).map((each) => each.problem.detail))}`);
  const newest = taken.at(-1).event.id;
  await daemon.settled(newest);
  await page.reload();
  await page.locator('.item').first().waitFor();
  while (await page.getByRole('button', { name: 'Show older' }).count()) {
    const before = await page.locator('.item').count();
    await page.getByRole('button', { name: 'Show older' }).click();
    await until(async () => (await page.locator('.item').count()) > before, 'older ones');
  }
  const shown = await page.locator('.item .title').allTextContents();
  assert.equal(shown.length, taken.length);
  // The channel has taken out what turns text around; everything else is there to the letter.
  const plain = (text) => text.replaceAll(/[\u202A-\u202E\u2066-\u2069\u200E\u200F\u061C]/g, '').replaceAll(/\s+/g, ' ').trim();
  const missing = taken.filter(({ text }) => !shown.some((each) => plain(each) === plain(text)));
  assert.ok(missing.length <= 12, `changed on the way: ${missing.map((each) => JSON.stringify(each.text.slice(0, 40))).join(', ')}`);
  assert.deepEqual(missing.filter(({ text }) => /[<>"'&]/.test(text)), [], 'markup is never changed');
  await isNarrow(page, 'the inbox');
  assert.deepEqual(await strangers(page), []);
  await picture(page, 'hostile-inbox-320');
  // The page of an event, with its labels and data, for every tenth.
  for (const { event, text } of taken.filter((_, i) => i % 10 === 0)) {
    await open(page, `events/${event.id}`);
    await ready(page);
    await page.locator('.facts').first().waitFor();
    await isNarrow(page, text.slice(0, 40));
    assert.deepEqual(await strangers(page), [], text);
  }
  assert.equal(await page.evaluate(() => window.owned ?? 0), 0);
  assert.deepEqual(person.complaints, []);
});

test('200 hostile texts typed into forms are kept as they are or refused with words', async () => {
  const daemon = await stage.daemon();
  const { person, page } = await stage.signIn(daemon, undefined, { viewport: NARROW });
  await page.evaluate(() => { window.alert = () => console.error('a script ran'); });
  // A rule's fields: its name, types, sources and labels at once.
  await open(page, 'rules/+');
  await page.getByLabel('siem', { exact: true }).check();
  for (const [i, text] of HOSTILE.entries()) {
    await page.getByLabel('Name', { exact: true }).fill(text);
    await page.getByLabel('Event types').fill(text);
    await page.getByLabel('Sources').fill(text);
    await page.getByLabel('Labels').fill(`${text}=${text}`);
    if (i % 10 !== 0) continue;
    await page.getByRole('button', { name: 'Create' }).click();
    await page.locator('.notice.bad').waitFor();
    await isNarrow(page, text.slice(0, 40));
    assert.deepEqual(await strangers(page), [], text);
  }
  await page.getByRole('link', { name: 'Cancel' }).click();
  // A channel's header values and a silence's reason take any line; both come back to the letter.
  const lines = HOSTILE.filter((text) => /^[ -~]+$/.test(text) && text.length < 200 && text.trim() === text);
  assert.ok(lines.length > 100);
  const until_ = new Date(Date.now() + 3_600_000).toISOString();
  for (const [i, text] of lines.entries()) await ask(daemon, 'POST', 'silences', { name: `s${i}`, until: until_, sources: ['nowhere'], reason: text, author: text.slice(0, 60) });
  await open(page, 'silences');
  await page.getByText('s0', { exact: true }).waitFor();
  const reasons = await page.locator('.rows .meta').allTextContents();
  for (const text of lines) assert.ok(reasons.some((each) => each.startsWith(text)), text);
  await isNarrow(page, 'silences');
  assert.deepEqual(await strangers(page), []);
  // The address is a field as well.
  for (const [i, text] of HOSTILE.entries()) {
    if (i % 4 !== 0) continue;
    await open(page, `${['deliveries', 'rules', 'integrations', 'events'][i % 3]}/${encodeURIComponent(text).slice(0, 500)}?state=${encodeURIComponent(text.slice(0, 50))}`);
    await page.locator('h1, [role=alert]').first().waitFor();
    assert.deepEqual(await strangers(page), [], text);
  }
  await isNarrow(page, 'the address');
  assert.deepEqual(person.complaints, []);
});

// Each text is what a person with bad intentions, or a bad clipboard, might leave in any field. The browser's own checks
// are taken away, so that the daemon's words for it come to be shown too.
const fillAll = (page, text) => page.evaluate((value) => {
  for (const input of document.querySelectorAll('form.form input:not([type=checkbox]):not([type=radio]):not(#name), form.form textarea')) {
    for (const check of ['pattern', 'maxlength', 'required', 'min', 'max']) input.removeAttribute(check);
    if (['url', 'number', 'email'].includes(input.type)) input.type = 'text';
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(input), 'value').set.call(input, value);
    input.dispatchEvent(new Event('input', { bubbles: true }));
    input.dispatchEvent(new Event('change', { bubbles: true }));
  }
}, text);

for (const [number, type] of ['Slack', 'Email (SMTP)', 'Microsoft Teams', 'Webhook', 'Notification centre', 'ntfy'].entries()) {
  test(`the form of ${type} takes hostile texts in every field, and what it says of them is text`, async () => {
    const daemon = await stage.daemon({ channels: ' ', plugins: [...ALL_PLUGINS, NTFY] });
    const { person, page } = await stage.signIn(daemon, undefined, { viewport: NARROW });
    await page.evaluate(() => { window.alert = () => console.error('a script ran'); });
    const begin = async () => {
      await open(page, 'integrations');
      await page.getByRole('link', { name: `Connect ${type}`, exact: true }).click();
      await page.getByLabel('Name', { exact: true }).fill(`c${saved}`);
      await page.locator('form.form details').evaluateAll((folds) => folds.forEach((each) => { each.open = true; }));
      for (const add of await page.locator('form.form').getByRole('button', { name: /^Add/ }).all()) await add.click();
    };
    let saved = 0;
    let refused = 0;
    await begin();
    const fields = await page.locator('form.form input, form.form textarea, form.form select').count();
    assert.ok(fields >= 3, `${fields} fields`);
    for (const [i, text] of HOSTILE.entries()) {
      await fillAll(page, text);
      if (i % 3 !== number % 3) continue; // in two of the six forms each is sent
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      const notice = page.locator('.sticky .notice.bad');
      const taken = page.getByText('Saved.');
      await notice.or(taken).first().waitFor();
      await isNarrow(page, `${type}: ${text.slice(0, 40)}`);
      assert.deepEqual(await strangers(page), [], text);
      if (await notice.count() > 0) {
        ++refused;
        continue;
      }
      ++saved;
      await begin();
    }
    assert.ok(refused + saved >= 60, `${refused} refused, ${saved} saved`);
    if (saved > 0) {
      await open(page, 'integrations');
      await ready(page);
      await isNarrow(page, `${type}, listed`);
      assert.deepEqual(await strangers(page), []);
    }
    assert.deepEqual(person.complaints, []);
  });
}

test('the element shows them on the page of another as text, too', async () => {
  const daemon = await stage.daemon();
  // That page has a policy of its own; the console's would not let a script be added.
  const { person, page } = await stage.signIn(daemon, undefined, { viewport: NARROW, bypassCSP: true });
  const answer = await daemon.request('POST', '/v1/events', { body: HOSTILE.slice(0, 80).map((text) => ({ team: 'demo', type: 'finding.created', severity: 'low', title: text, summary: text })) });
  await daemon.settled(answer.body.results.filter((each) => each.status === 202).at(-1).event.id);
  await page.evaluate(() => new Promise((resolve) => {
    const script = document.createElement('script');
    script.src = '/console/tocsin-inbox.js';
    script.onload = resolve;
    document.head.append(script);
    document.body.prepend(document.createElement('tocsin-inbox'));
  }));
  await page.locator('tocsin-inbox').getByRole('button', { name: /unread/ }).click();
  await page.locator('tocsin-inbox').getByRole('listitem').first().waitFor();
  assert.equal(await page.locator('tocsin-inbox').getByRole('listitem').count(), 50);
  assert.deepEqual(await strangers(page), []);
  await isNarrow(page, 'the element');
  assert.deepEqual(person.complaints, []);
});
