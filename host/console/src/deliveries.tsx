// The delivery log, newest first, with filters that are in the address. Live, it is asked again every other second.
import { useEffect, useState } from 'preact/hooks';
import { get, inTeam, withQuery } from './api';
import { BulkRedelivery } from './bulk_redelivery';
import { CurlButton } from './copy';
import { Reason } from './delivery';
import { loadChannels } from './integrations';
import { LogState, usePages } from './pages';
import { href, replaceRoute } from './router';
import { t } from './text';
import { STATES, type Delivery, type EventType } from './types';
import { Choice, DeliveryPill, Page, SeverityMark, Time, useLoad } from './ui';

const LOOK_MS = 2_000;

export const whenOf = (delivery: Delivery) => delivery.finished ?? delivery.due;

export function DeliveryTable({ team, deliveries, caption }: { team: string; deliveries: Delivery[]; caption: string }) {
  return (
    <table class="table log">
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
            <td data-label={t.deliveries.state}><DeliveryPill state={each.state} />{each.reason && each.state !== 'delivered' && <small class="why"><Reason team={team} text={each.reason} isLinked={false} /></small>}</td>
            <td data-label={t.deliveries.tries} class="tries">{each.tries}</td>
            <td data-label={t.deliveries.when} class="fit">{whenOf(each) ? <Time at={whenOf(each)!} /> : '–'}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Deliveries({ team, query, manages }: { team: string; query: Record<string, string>; manages: boolean }) {
  const state = STATES.find((each) => each === query.state); // another one would be refused
  const path = (cursor?: string, limit?: string) => withQuery(inTeam(team, 'deliveries'), { channel: query.channel, state, type: query.type, cursor, limit });
  // Two of them, since not everybody who may read the log may read both: then what the log names can be chosen.
  const channels = useLoad(team, async () => (await loadChannels(team)).map((each) => each.name));
  const types = useLoad('types', async () => (await get<{ event_types: EventType[] }>('/v1/event-types')).event_types.map((each) => each.name));
  const log = usePages<Delivery>(path(), async (cursor) => {
    const page = await get<{ deliveries: Delivery[]; next: string | null }>(path(cursor, '50'));
    return { rows: page.deliveries, next: page.next };
  });
  const [isLive, setIsLive] = useState(true);
  const follows = isLive && !log.isBelow && (log.rows?.length ?? 0) <= 50;
  useEffect(() => {
    if (!follows) return;
    const timer = setInterval(() => { if (!document.hidden) log.poll(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, [follows, path()]);
  // One that stopped because older rows are shown begins at the top again.
  const follow = () => {
    setIsLive(!follows);
    if (!follows) log.reload();
  };
  const named = (of: (each: Delivery) => string) => [...new Set((log.rows ?? []).map(of))].sort();
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'deliveries'], { ...query, ...change });
  return (
    <Page title={t.deliveries.title} actions={
      <>
        <button type="button" aria-pressed={follows} onClick={follow}>{t.deliveries.isLive}</button>
        <button type="button" onClick={log.reload}>{t.deliveries.live}</button>
        <CurlButton method="GET" path={path()} />
      </>
    }>
      <div class="filters" role="group" aria-label={t.filters.label}>
        <Choice id="channel" label={t.filters.channel} value={query.channel ?? ''} options={channels.value ?? named((each) => each.channel)} words={(each) => each} set={(channel) => ask({ channel })} />
        <Choice id="state" label={t.filters.state} value={state ?? ''} options={STATES} words={(each) => t.deliveryState[each]} set={(state) => ask({ state })} />
        <Choice id="type" label={t.filters.type} value={query.type ?? ''} options={types.value ?? named((each) => each.event_type)} words={(each) => each} set={(type) => ask({ type })} />
      </div>
      <LogState of={log} />
      {log.isBelow && <p><button type="button" onClick={log.reload}>{t.inbox.newest}</button></p>}
      {log.rows?.length === 0 && log.next === null && <p class="empty">{t.deliveries.empty}</p>}
      {log.rows !== undefined && log.rows.length > 0 && <DeliveryTable team={team} deliveries={log.rows} caption={t.deliveries.title} />}
      {log.next !== null && <button type="button" onClick={log.more}>{t.common.older}</button>}
      {manages && <BulkRedelivery team={team} query={query} done={log.reload} />}
    </Page>
  );
}
