// The notification stream, one for all tabs: a browser opens few connections to a host, and a stream holds one for
// good. The tab that holds the lock listens and tells the others; when it is closed another one takes over. A stream that
// was opened anew says 'reset', since what came before it is not known; one that resumed missed nothing.
import { inTeam } from './api';
import type { InboxChange, Item } from './types';

export type News =
  | { kind: 'item'; item: Item }
  | { kind: 'change'; change: InboxChange }
  | { kind: 'reset' }
  | { kind: 'up' }
  | { kind: 'down' };

const RETRY_MS = 3_000;

// Listens until `stop` is aborted.
function listen(team: string, tell: (news: News) => void, stop: AbortSignal) {
  let source: EventSource;
  let later = 0;
  const open = () => {
    let resumed = false;
    source = new EventSource(inTeam(team, 'inbox', 'stream'));
    source.addEventListener('ready', () => {
      if (!resumed) tell({ kind: 'reset' });
      resumed = true;
      tell({ kind: 'up' });
    });
    source.addEventListener('item', (event) => tell({ kind: 'item', item: JSON.parse(event.data) }));
    source.addEventListener('change', (event) => tell({ kind: 'change', change: JSON.parse(event.data) }));
    source.addEventListener('reset', () => {
      tell({ kind: 'reset' });
      tell({ kind: 'up' });
    });
    source.onerror = () => {
      tell({ kind: 'down' });
      // EventSource comes back by itself, but not after a refusal.
      if (source.readyState !== EventSource.CLOSED) return;
      later = window.setTimeout(open, RETRY_MS + Math.random() * RETRY_MS);
    };
  };
  open();
  stop.addEventListener('abort', () => {
    clearTimeout(later);
    source.close();
  });
}

export function followInbox(team: string, user: string, take: (news: News) => void): () => void {
  const stop = new AbortController();
  const name = `tocsin-inbox/${team}/${user}`;
  if (!('locks' in navigator) || !('BroadcastChannel' in window)) {
    listen(team, take, stop.signal);
    return () => stop.abort();
  }
  const others = new BroadcastChannel(name);
  let last: News = { kind: 'down' };
  let leads = false;
  others.onmessage = (message: MessageEvent<News | { kind: 'hello' }>) => {
    if (message.data.kind !== 'hello') return take(message.data);
    if (leads) others.postMessage(last);
  };
  const tell = (news: News) => {
    if (news.kind === 'up' || news.kind === 'down') last = news;
    others.postMessage(news);
    take(news);
  };
  navigator.locks.request(name, { signal: stop.signal }, () => new Promise<void>((done) => {
    if (stop.signal.aborted) return done();
    leads = true;
    listen(team, tell, stop.signal);
    stop.signal.addEventListener('abort', () => done());
  })).catch(() => {});
  others.postMessage({ kind: 'hello' });
  return () => {
    stop.abort();
    others.close();
  };
}
