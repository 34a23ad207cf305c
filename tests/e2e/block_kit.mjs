// Slack's rules for an incoming webhook's message, as strictly as anybody has seen them applied: judge() throws at the first
// that a message breaks, and gives all its texts. A link, a mention or an entity is a fault but for the links that the test
// names. Written from the outside; it knows nothing of how messages are made.
import assert from 'node:assert/strict';

const LINK = /^https?:\/\/[^\s<>"|]+$/;

function text(object, most, texts, links) {
  assert.ok(['plain_text', 'mrkdwn'].includes(object?.type), `a text object: ${JSON.stringify(object)}`);
  assert.equal(typeof object.text, 'string');
  assert.ok(object.text.length >= 1 && object.text.length <= most, `1 to ${most} characters, not ${object.text.length}`);
  escaped(object.text, links);
  texts.push(object.text);
}

// Bare & < > of an event would be an entity, a mention or a link.
function escaped(value, links) {
  const rest = links.reduce((left, link) => left.replaceAll(new RegExp(`<${RegExp.escape?.(link) ?? link.replace(/[.*+?^$()|[\]\\{}]/g, '\\$&')}\\|[^<>|]*>`, 'g'), ''), value).replace(/&(amp|lt|gt);/g, '');
  assert.ok(!/[&<>]/.test(rest), `unescaped: ${rest.slice(0, 80)}`);
  assert.ok(value.isWellFormed?.() ?? !/[\ud800-\udfff]/.test(value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')), 'a lone surrogate');
  assert.ok(!/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value), 'a control character');
}

const kinds = {
  header(block, texts, links) {
    assert.equal(block.text.type, 'plain_text');
    text(block.text, 150, texts, links);
  },
  section(block, texts, links) {
    assert.ok(block.text || block.fields, 'a section has text or fields');
    if (block.text) text(block.text, 3000, texts, links);
    if (block.fields) {
      assert.ok(block.fields.length >= 1 && block.fields.length <= 10);
      for (const field of block.fields) text(field, 2000, texts, links);
    }
  },
  context(block, texts, links) {
    assert.ok(block.elements.length >= 1 && block.elements.length <= 10);
    for (const element of block.elements) text(element, 3000, texts, links);
  },
  actions(block, texts, links) {
    assert.ok(block.elements.length >= 1 && block.elements.length <= 25);
    for (const button of block.elements) {
      assert.equal(button.type, 'button');
      text(button.text, 75, texts, links);
      assert.ok(button.url.length <= 3000);
      assert.match(button.url, LINK);
    }
  },
  divider() {},
};

function blocks(list, texts, links) {
  assert.ok(list.length >= 1 && list.length <= 50, `${list.length} blocks`);
  for (const block of list) {
    assert.ok(kinds[block.type], `a block of the type ${block.type}`);
    kinds[block.type](block, texts, links);
  }
}

export function judge(body, links = []) {
  const message = JSON.parse(body.toString());
  const texts = [];
  assert.ok(typeof message.text === 'string' && message.text.length >= 1 && message.text.length <= 4000, 'a fallback text');
  escaped(message.text, links);
  assert.equal(message.unfurl_links, false);
  assert.equal(message.unfurl_media, false);
  if (message.blocks) blocks(message.blocks, texts, links);
  assert.ok((message.attachments ?? []).length <= 1);
  for (const attachment of message.attachments ?? []) {
    assert.match(attachment.color, /^#[0-9A-F]{6}$/i);
    blocks(attachment.blocks, texts, links);
  }
  assert.ok(texts.join('').length <= 13_000, 'all texts together');
  return { message, texts };
}
