// Every event that came in, whether a channel got it or not: where one begins who asks what became of an alert.
import { get, inTeam, withQuery } from './api';
import { LogPage, PAGE_ROWS, spanOf, useTypes } from './log';
import { usePages } from './pages';
import { href, replaceRoute } from './router';
import { t } from './text';
import type { ListedEvent } from './types';
import { Choice, Pill, plain, SeverityMark, Time } from './ui';

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
  const log = usePages<ListedEvent>(path(), async (cursor) => {
    const page = await get<{ events: ListedEvent[]; next: string | null }>(path(cursor, `${PAGE_ROWS}`));
    return { rows: page.events, next: page.next };
  });
  const types = useTypes((log.rows ?? []).map((each) => each.type));
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'events'], { ...query, ...change });
  return (
    <LogPage team={team} title={t.events.title} intro={t.events.intro} empty={t.events.empty} path={path()} log={log} query={query} ask={ask}
      filters={
        <>
          <Choice id="state" label={t.events.channels} value={state ?? ''} options={STATES} words={(each) => t.events.states[each]} set={(next) => ask({ state: next })} />
          <Choice id="type" label={t.filters.type} value={query.type ?? ''} options={types} words={(each) => each} set={(type) => ask({ type })} />
        </>
      }
      table={<EventTable team={team} events={log.rows ?? []} />} />
  );
}
