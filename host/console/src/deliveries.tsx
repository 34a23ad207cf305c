// The delivery log, newest first, with filters that are in the address.
import { useEffect, useState } from 'preact/hooks';
import { get, inTeam, withQuery } from './api';
import { loadChannels } from './integrations';
import { href, replaceRoute } from './router';
import { t } from './text';
import { STATES, type Delivery, type DeliveryState, type EventType } from './types';
import { Await, Choice, complain, DeliveryPill, Page, SeverityMark, Time, useLoad } from './ui';

interface Log { deliveries: Delivery[]; next: string | null }

export const whenOf = (delivery: Delivery) => delivery.finished ?? delivery.due;

export function DeliveryTable({ team, deliveries, caption }: { team: string; deliveries: Delivery[]; caption: string }) {
  return (
    <table class="table">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{t.deliveries.event}</th><th scope="col">{t.filters.severity}</th><th scope="col">{t.deliveries.channel}</th>
          <th scope="col">{t.deliveries.state}</th><th scope="col">{t.deliveries.tries}</th><th scope="col">{t.deliveries.when}</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((each) => (
          <tr key={each.id}>
            <td data-label={t.deliveries.event}><a href={href([team, 'deliveries', each.id])}>{each.event_type}</a></td>
            <td data-label={t.filters.severity}><SeverityMark severity={each.severity} /></td>
            <td data-label={t.deliveries.channel}>{each.channel}</td>
            <td data-label={t.deliveries.state}><DeliveryPill state={each.state} />{each.reason && each.state !== 'delivered' && <small class="why">{each.reason}</small>}</td>
            <td data-label={t.deliveries.tries} class="number">{each.tries}</td>
            <td data-label={t.deliveries.when} class="fit">{whenOf(each) ? <Time at={whenOf(each)!} /> : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Deliveries({ team, query }: { team: string; query: Record<string, string> }) {
  const path = (cursor?: string) => withQuery(inTeam(team, 'deliveries'), { channel: query.channel, state: query.state, type: query.type, cursor, limit: '50' });
  const names = useLoad(team, async () => ({
    channels: (await loadChannels(team)).map((each) => each.name),
    types: (await get<{ event_types: EventType[] }>('/v1/event-types')).event_types.map((each) => each.name),
  }));
  const loaded = useLoad(path(), () => get<Log>(path()));
  const [older, setOlder] = useState<Log>();
  useEffect(() => setOlder(undefined), [path(), loaded.value]);
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'deliveries'], { ...query, ...change });
  return (
    <Page title={t.deliveries.title} actions={<button type="button" onClick={loaded.reload}>{t.deliveries.live}</button>}>
      <div class="filters" role="group" aria-label={t.filters.label}>
        <Choice id="channel" label={t.filters.channel} value={query.channel ?? ''} options={names.value?.channels ?? (query.channel ? [query.channel] : [])} words={(each) => each} set={(channel) => ask({ channel })} />
        <Choice id="state" label={t.filters.state} value={(query.state ?? '') as DeliveryState | ''} options={STATES} words={(each) => t.deliveryState[each]} set={(state) => ask({ state })} />
        <Choice id="type" label={t.filters.type} value={query.type ?? ''} options={names.value?.types ?? (query.type ? [query.type] : [])} words={(each) => each} set={(type) => ask({ type })} />
      </div>
      <Await of={loaded}>
        {(first) => {
          const all = [...first.deliveries, ...(older?.deliveries ?? [])];
          const next = older ? older.next : first.next;
          return (
            <>
              {all.length === 0 ? <p class="empty">{t.deliveries.empty}</p> : <DeliveryTable team={team} deliveries={all} caption={t.deliveries.title} />}
              {next !== null && (
                <button type="button" onClick={() => {
                  get<Log>(path(next)).then((page) => setOlder({ deliveries: [...(older?.deliveries ?? []), ...page.deliveries], next: page.next }), complain);
                }}>{t.common.older}</button>
              )}
            </>
          );
        }}
      </Await>
    </Page>
  );
}
