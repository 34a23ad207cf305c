// One Server-Sent Events stream that comes back by itself: EventSource where the cookie says who listens, and the same
// over fetch where a token does, since EventSource can send none.
import { address, hasToken, send } from './api';

const RETRY_MS = 3_000;
const pause = () => RETRY_MS + Math.random() * RETRY_MS;

// A machine that slept holds a connection that nobody tells it is gone; its clock tells. Browsers wake a hidden page once
// a minute, which is no sleep.
const TICK_MS = 10_000;
const SLEPT_MS = 150_000;
function onWake(wake: () => void, stop: AbortSignal) {
  let last = Date.now();
  const timer = window.setInterval(() => {
    const slept = Date.now() - last > SLEPT_MS;
    last = Date.now();
    if (slept) wake();
  }, TICK_MS);
  window.addEventListener('online', wake, { signal: stop });
  stop.addEventListener('abort', () => clearInterval(timer));
}

export interface Listener {
  event: (name: string, data: string) => void;
  lost: () => void; // it comes back by itself
}

function openNative(path: string, names: string[], listener: Listener, stop: AbortSignal) {
  let source: EventSource;
  let later = 0;
  const open = (first: boolean) => {
    source = new EventSource(address(path));
    if (!first) listener.event('anew', '');
    for (const name of names) source.addEventListener(name, (event) => listener.event(name, (event as MessageEvent<string>).data));
    source.onerror = () => {
      listener.lost();
      // EventSource comes back by itself, but not after a refusal.
      if (source.readyState !== EventSource.CLOSED) return;
      later = window.setTimeout(open, pause(), false);
    };
  };
  open(true);
  onWake(() => {
    clearTimeout(later);
    source.close();
    open(false);
  }, stop);
  stop.addEventListener('abort', () => {
    clearTimeout(later);
    source.close();
  });
}

// The lines of a body as they come.
async function* linesOf(body: ReadableStream<Uint8Array>) {
  const reader = body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>).getReader();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const lines = (rest + value).split('\n');
    rest = lines.pop()!;
    yield* lines;
  }
}

async function openFetched(path: string, names: string[], listener: Listener, stop: AbortSignal) {
  let last = '';
  let current = new AbortController();
  onWake(() => current.abort(), stop);
  stop.addEventListener('abort', () => current.abort());
  while (!stop.aborted) {
    current = new AbortController();
    try {
      const response = await send(path, { headers: { Accept: 'text/event-stream', ...(last ? { 'Last-Event-ID': last } : {}) }, signal: current.signal });
      if (!response.ok || response.body === null) throw new Error();
      let name = '';
      let data = '';
      for await (const line of linesOf(response.body)) {
        if (line.startsWith('id: ')) last = line.slice(4);
        else if (line.startsWith('event: ')) name = line.slice(7);
        else if (line.startsWith('data: ')) data = line.slice(6);
        else if (line === '') {
          if (names.includes(name)) listener.event(name, data);
          name = data = '';
        }
      }
    } catch {
      // as if it had ended
    }
    if (stop.aborted) return;
    listener.lost();
    await new Promise((resolve) => setTimeout(resolve, pause()));
  }
}

export function openStream(path: string, names: string[], listener: Listener, stop: AbortSignal) {
  if (hasToken()) void openFetched(path, names, listener, stop);
  else openNative(path, names, listener, stop);
}
