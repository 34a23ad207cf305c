// The notification stream, one for all tabs: a browser opens few connections to a host, and a stream holds one for
// good. The tab that holds the lock listens and tells the others; when it is closed another one takes over. A stream that
// was opened anew says 'reset', since what came before it is not known; one that resumed missed nothing.
import { inTeam } from './api';
import { openStream } from './stream';
import type { InboxChange, Item } from './types';

export type News =
  | { kind: 'item'; item: Item }
  | { kind: 'change'; change: InboxChange }
  | { kind: 'reset' }
  | { kind: 'up' }
  | { kind: 'down' };

// Listens until `stop` is aborted.
function listen(team: string, tell: (news: News) => void, stop: AbortSignal) {
  let resumed = false;
  openStream(inTeam(team, 'inbox', 'stream'), ['ready', 'item', 'change', 'reset'], {
    lost: () => tell({ kind: 'down' }),
    event: (name, data) => {
      switch (name) {
        case 'ready':
          if (!resumed) tell({ kind: 'reset' });
          resumed = true;
          return tell({ kind: 'up' });
        case 'item': return tell({ kind: 'item', item: JSON.parse(data) });
        case 'change': return tell({ kind: 'change', change: JSON.parse(data) });
        case 'reset':
          tell({ kind: 'reset' });
          return tell({ kind: 'up' });
        case 'anew': resumed = false;
      }
    },
  }, stop);
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
