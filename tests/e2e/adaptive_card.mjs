// What Teams takes from a workflow, judged by Microsoft's own renderer (npm adaptivecards) and by rules that it does not
// look at: the version, texts that are missing, addresses, elements newer than 1.4, the size. Knows nothing of the channel.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

// Its ES modules do not resolve in plain Node; the bundle does.
const { AdaptiveCard, SerializationContext, Versions } = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');

const MEMBERS = {
  AdaptiveCard: ['type', '$schema', 'version', 'fallbackText', 'body', 'actions', 'msteams'],
  Container: ['type', 'style', 'bleed', 'items', 'spacing', 'separator'],
  RichTextBlock: ['type', 'inlines', 'spacing', 'separator', 'horizontalAlignment'],
  TextRun: ['type', 'text', 'size', 'weight', 'color', 'isSubtle', 'italic', 'fontType', 'selectAction'],
  TextBlock: ['type', 'text', 'size', 'weight', 'color', 'isSubtle', 'wrap', 'maxLines', 'spacing', 'separator'],
  FactSet: ['type', 'facts', 'spacing', 'separator'],
  'Action.OpenUrl': ['type', 'title', 'url'],
};
const MARKUP = /(?<!\\)(?:\\\\)*[*_[\]<>]/;

function checkUrl(url) {
  const parsed = new URL(url);
  assert.equal(parsed.protocol, 'https:', url);
  assert.match(url, /^https:\/\/[a-z0-9.-]+(:\d+)?([/?#]|$)/i, 'a host that every reader of URLs reads alike');
  assert.match(url, /^[\x21-\x7e]+$/, 'only characters that a URL may have');
}

function checkText(text, where) {
  assert.equal(typeof text, 'string', where);
  assert.ok(text.length > 0, `${where} is empty`);
  assert.ok(text.isWellFormed?.() ?? !/[\ud800-\udfff]/u.test(text), `${where} has half a character`);
  assert.doesNotMatch(text, /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/, `${where} has a control character`);
  assert.ok(!text.includes('{{'), `${where} has a macro`);
}

function checkObject(object) {
  const { type } = object;
  assert.ok(MEMBERS[type], `an element that a 1.4 card has or Teams shows: ${type}`);
  for (const member of Object.keys(object)) assert.ok(MEMBERS[type].includes(member), `${type}.${member}`);
  if (type === 'TextRun') checkText(object.text, type);
  if (type === 'TextBlock') assert.doesNotMatch(object.text, MARKUP, 'markup in a TextBlock');
  if (type === 'RichTextBlock') assert.ok(object.inlines.length > 0);
  if (type === 'Action.OpenUrl') checkUrl(object.url);
  if (type === 'FactSet') {
    assert.ok(object.facts.length > 0);
    for (const fact of object.facts) {
      assert.deepEqual(Object.keys(fact).sort(), ['title', 'value']);
      for (const text of [fact.title, fact.value]) {
        checkText(text, 'a fact');
        assert.doesNotMatch(text, MARKUP, 'markup in a fact');
        assert.doesNotMatch(text, /^ *([-+#]|\d+[.)]( |$))/, 'a fact that begins a list or a heading');
      }
    }
  }
  const children = [object.body, object.items, object.inlines, object.actions, object.selectAction ? [object.selectAction] : []];
  for (const child of children.flat()) if (child) checkObject(child);
}

// The library drops what it does not understand, so what it gives back is what it understood.
function checkWithLibrary(content) {
  const card = new AdaptiveCard();
  const context = new SerializationContext(Versions.v1_4);
  card.parse(content, context);
  const said = [];
  for (let i = 0; i < context.eventCount; i += 1) said.push(context.getEventAt(i).message);
  said.push(...card.validateProperties().validationEvents.map((event) => event.message));
  assert.deepEqual(said, [], 'the adaptivecards library finds faults');
  const { msteams, ...own } = content;
  assert.deepEqual(msteams, { width: 'Full' });
  if (own.actions?.length === 0) delete own.actions;
  assert.deepEqual({ ...card.toJSON(), $schema: own.$schema }, own, 'the adaptivecards library drops something');
}

// Throws where Teams would refuse the message; else gives the card.
export function judge(body) {
  assert.ok(Buffer.byteLength(body) <= 20_000, `${Buffer.byteLength(body)} bytes`);
  const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
  const message = JSON.parse(text);
  assert.equal(JSON.stringify(message), text, 'compact JSON');
  assert.deepEqual(Object.keys(message).sort(), ['attachments', 'type']);
  assert.equal(message.type, 'message');
  assert.equal(message.attachments.length, 1, 'several attachments are several posts');
  const [attachment] = message.attachments;
  assert.deepEqual(Object.keys(attachment).sort(), ['content', 'contentType', 'contentUrl']);
  assert.equal(attachment.contentType, 'application/vnd.microsoft.card.adaptive');
  assert.equal(attachment.contentUrl, null);
  const { content } = attachment;
  assert.equal(content.type, 'AdaptiveCard');
  assert.equal(content.version, '1.4', 'the workflow refuses newer cards');
  checkText(content.fallbackText, 'fallbackText');
  assert.doesNotMatch(content.fallbackText, MARKUP, 'markup in fallbackText');
  assert.ok(content.body.length > 0);
  assert.ok((content.actions ?? []).length <= 5);
  checkObject(content);
  checkWithLibrary(content);
  return content;
}

// Every text that the card shows, in order.
export function textsOf(object) {
  if (object.type === 'TextRun' || object.type === 'TextBlock') return [object.text];
  if (object.type === 'FactSet') return object.facts.flatMap((fact) => [fact.title, fact.value]);
  return [object.body, object.items, object.inlines].flat().flatMap((child) => (child ? textsOf(child) : []));
}
