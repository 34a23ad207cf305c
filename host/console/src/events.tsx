// Every event that came in, whether a channel got it or not: where one begins who asks what became of an alert.
import { get, inTeam, withQuery } from './api';
import { CurlButton } from './copy';
import { FindById, LiveButton, PAGE_ROWS, Span, spanOf, useFollowing } from './log';
import { LogState, usePages } from './pages';
import { href, replaceRoute } from './router';
import { t } from './text';
import type { EventType, ListedEvent } from './types';
import { Choice, Page, Pill, plain, SeverityMark, Time, useLoad } from './ui';

const STATES = ['matched', 'unmatched'] as const;

function EventTable({ team, events }: { team: string; events: ListedEvent[] }) {
  return (
    <table class="table log">
      <caption class="hidden">{t.events.title}</caption>
      <thead><tr>{[t.events.event, t.filters.severity, t.event.source, t.events.channels, t.event.received].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
      <tbody>
        {events.map((each) => (
          <tr key={each.id}>
            <td data-label={t.events.event}><a href={href([team, 'events', each.id])} dir="auto">{plain(each.title) || each.type}</a> <small class="why">{each.type}</small></td>
            <td data-label={t.filters.severity}><SeverityMark severity={each.severity} /></td>
            <td data-label={t.event.source}>{each.source ?? '–'}</td>
            <td data-label={t.events.channels}>{each.state === 'unmatched' ? <Pill mood="not">{t.events.none}</Pill> : t.events.deliveries(each.deliveries)}</td>
            <td data-label={t.event.received} class="fit"><Time at={each.received} /></td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Events({ team, query }: { team: string; query: Record<string, string> }) {
  const state = STATES.find((each) => each === query.state); // another one would be refused
  const path = (cursor?: string, limit?: string) => withQuery(inTeam(team, 'events'), { state, type: query.type, ...spanOf(query), cursor, limit });
  const types = useLoad('types', async () => (await get<{ event_types: EventType[] }>('/v1/event-types')).event_types.map((each) => each.name));
  const log = usePages<ListedEvent>(path(), async (cursor) => {
    const page = await get<{ events: ListedEvent[]; next: string | null }>(path(cursor, `${PAGE_ROWS}`));
    return { rows: page.events, next: page.next };
  });
  const following = useFollowing(log, path());
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'events'], { ...query, ...change });
  return (
    <Page title={t.events.title} actions={
      <>
        <LiveButton of={following} />
        <button type="button" onClick={log.reload}>{t.common.reload}</button>
        <CurlButton method="GET" path={path()} />
      </>
    }>
      <p class="intro">{t.events.intro}</p>
      <div class="filters" role="group" aria-label={t.filters.label}>
        <Choice id="state" label={t.events.channels} value={state ?? ''} options={STATES} words={(each) => t.events.states[each]} set={(next) => ask({ state: next })} />
        <Choice id="type" label={t.filters.type} value={query.type ?? ''} options={types.value ?? [...new Set((log.rows ?? []).map((each) => each.type))].sort()} words={(each) => each} set={(type) => ask({ type })} />
        <Span query={query} set={ask} />
        <FindById team={team} />
      </div>
      <LogState of={log} />
      {log.isBelow && <p><button type="button" onClick={log.reload}>{t.inbox.newest}</button></p>}
      {log.rows?.length === 0 && log.next === null && <p class="empty">{t.events.empty}</p>}
      {log.rows !== undefined && log.rows.length > 0 && <EventTable team={team} events={log.rows} />}
      {log.next !== null && <button type="button" onClick={log.more}>{t.common.older}</button>}
    </Page>
  );
}
