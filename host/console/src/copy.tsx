// Copying a text, and a request as the curl command that sends it.
import type { ComponentChildren } from 'preact';
import { t } from './text';
import type { Json } from './types';
import { say } from './ui';

// Where the page is not from a secure origin there is no clipboard: then the old way, over a selection.
function copyOldWay(text: string) {
  const area = document.createElement('textarea');
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand('copy');
  area.remove();
  return done;
}

async function copy(text: string) {
  let done = false;
  try {
    await navigator.clipboard.writeText(text);
    done = true;
  } catch {
    done = copyOldWay(text);
  }
  say(done ? { text: t.common.copied } : { text: t.common.notCopied, bad: true });
}

export const CopyButton = ({ text, children, label }: { text: string; children?: ComponentChildren; label?: string }) => (
  <button type="button" aria-label={label} onClick={() => void copy(text)}>{children ?? t.common.copy}</button>
);

const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export function asCurl(method: string, path: string, body?: Json) {
  const parts = [`curl -sS${method === 'GET' ? '' : ` -X ${method}`} "$TOCSIN_URL"${quoted(path)}`, '-H "Authorization: Bearer $TOCSIN_TOKEN"'];
  if (body !== undefined) parts.push("-H 'Content-Type: application/json'", `-d ${quoted(JSON.stringify(body))}`);
  return parts.join(' \\\n  ');
}

export const CurlButton = (request: { method: string; path: string; body?: Json }) => (
  <CopyButton text={asCurl(request.method, request.path, request.body)}>{t.common.copyCurl}</CopyButton>
);
