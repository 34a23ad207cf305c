// What the pages of events and deliveries have in common: being followed, filters with a span of time, a way in by an id,
// and rows that come page by page.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get } from './api';
import { CurlButton } from './copy';
import { LogState, type Pages } from './pages';
import { go } from './router';
import { t } from './text';
import type { EventType } from './types';
import { Page, useLoad } from './ui';

const LOOK_MS = 2_000;
export const PAGE_ROWS = 50;

// Asks again every other second while the top of the log is what is shown. Older rows stay where they are: `toggle` goes
// back to the top.
function useFollowing(log: Pages<unknown>, path: string) {
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

const LiveButton = ({ of }: { of: { follows: boolean; toggle: () => void } }) => (
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

function Span({ query, set }: { query: Record<string, string>; set: (change: { since?: string | undefined } | { until?: string | undefined }) => void }) {
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
function FindById({ team }: { team: string }) {
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

// The names for the filter by type: all there are, or those that are shown to who may not read the catalogue.
export function useTypes(shown: string[]) {
  const all = useLoad('types', async () => (await get<{ event_types: EventType[] }>('/v1/event-types')).event_types.map((each) => each.name));
  return all.value ?? [...new Set(shown)].sort();
}

interface LogPageProps {
  team: string;
  title: string;
  intro?: string;
  empty: string;
  path: string; // of the API, with the filters
  log: Pages<unknown>;
  query: Record<string, string>;
  ask: (change: Record<string, string | undefined>) => void;
  filters: ComponentChildren;
  table: ComponentChildren; // where there are rows
  children?: ComponentChildren; // below them
}

export function LogPage({ team, title, intro, empty, path, log, query, ask, filters, table, children }: LogPageProps) {
  const following = useFollowing(log, path);
  return (
    <Page title={title} actions={
      <>
        <LiveButton of={following} />
        <button type="button" onClick={log.reload}>{t.common.reload}</button>
        <CurlButton method="GET" path={path} />
      </>
    }>
      {intro !== undefined && <p class="intro">{intro}</p>}
      <div class="filters" role="group" aria-label={t.filters.label}>
        {filters}
        <Span query={query} set={ask} />
        <FindById team={team} />
      </div>
      <LogState of={log} />
      {log.isBelow && <p><button type="button" onClick={log.reload}>{t.inbox.newest}</button></p>}
      {log.rows?.length === 0 && log.next === null && <p class="empty">{empty}</p>}
      {log.rows !== undefined && log.rows.length > 0 && table}
      {log.next !== null && <button type="button" onClick={log.more}>{t.common.older}</button>}
      {children}
    </Page>
  );
}
