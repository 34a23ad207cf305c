// What the pages of events and deliveries have in common: being followed, a span of time, and a way in by an id.
import { useEffect, useState } from 'preact/hooks';
import type { Pages } from './pages';
import { go } from './router';
import { t } from './text';

const LOOK_MS = 2_000;
export const PAGE_ROWS = 50;

// Asks again every other second while the top of the log is what is shown. Older rows stay where they are: `toggle` goes
// back to the top.
export function useFollowing(log: Pages<unknown>, path: string) {
  const [isWanted, setIsWanted] = useState(true);
  const follows = isWanted && !log.isBelow && (log.rows?.length ?? 0) <= PAGE_ROWS;
  useEffect(() => {
    if (!follows) return;
    const timer = setInterval(() => { if (!document.hidden) log.poll(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, [follows, path]);
  const toggle = () => {
    setIsWanted(!follows);
    if (!follows) log.reload();
  };
  return { follows, toggle };
}

export const LiveButton = ({ of }: { of: { follows: boolean; toggle: () => void } }) => (
  <button type="button" aria-pressed={of.follows} onClick={of.toggle}>{t.log.live}</button>
);

// A time as the address has it, and as <input type="datetime-local"> wants it: in the reader's own zone.
const read = (value: string) => {
  const at = new Date(value);
  return value === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString();
};
const write = (iso: string | undefined) => {
  const at = new Date(iso ?? '');
  return Number.isNaN(at.getTime()) ? '' : new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};
export const spanOf = (query: Record<string, string>) => ({ since: read(query.since ?? ''), until: read(query.until ?? '') });

export function Span({ query, set }: { query: Record<string, string>; set: (change: { since?: string | undefined } | { until?: string | undefined }) => void }) {
  const span = spanOf(query);
  return (
    <>
      {(['since', 'until'] as const).map((name) => (
        <div key={name} class="choice">
          <label for={name}>{t.log[name]}</label>
          <input id={name} type="datetime-local" value={write(span[name])} onChange={(event) => set({ [name]: read(event.currentTarget.value) })} />
        </div>
      ))}
    </>
  );
}

// From an alert, a log line or a colleague. Whatever is no delivery's id is an event's: senders give them their own.
export function FindById({ team }: { team: string }) {
  const [id, setId] = useState('');
  return (
    <form class="choice find" role="search" onSubmit={(event) => {
      event.preventDefault();
      const wanted = id.trim();
      if (wanted !== '') go([team, wanted.startsWith('dlv_') ? 'deliveries' : 'events', wanted]);
    }}>
      <label for="find">{t.log.find}</label>
      <span class="joined">
        <input id="find" value={id} placeholder={t.log.ids} autocomplete="off" spellcheck={false} onInput={(event) => setId(event.currentTarget.value)} />
        <button type="submit">{t.log.go}</button>
      </span>
    </form>
  );
}
