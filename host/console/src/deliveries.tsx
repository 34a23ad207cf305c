// The delivery log, newest first, with filters that are in the address.
import { get, inTeam, withQuery } from './api';
import { BulkRedelivery } from './bulk_redelivery';
import { Reason } from './delivery';
import { loadChannels } from './integrations';
import { LogPage, PAGE_ROWS, spanOf, useTypes } from './log';
import { usePages } from './pages';
import { href, replaceRoute } from './router';
import { t } from './text';
import { STATES, type Delivery } from './types';
import { Choice, DeliveryPill, plain, SeverityMark, Time, useLoad } from './ui';

export const whenOf = (delivery: Delivery) => delivery.finished ?? delivery.due;

// `isOfOne`: all are of one event, which needs no saying.
export function DeliveryTable({ team, deliveries, caption, isOfOne }: { team: string; deliveries: Delivery[]; caption: string; isOfOne?: boolean }) {
  return (
    <table class="table log">
      <caption class="hidden">{caption}</caption>
      <thead>
        <tr>
          {!isOfOne && <th scope="col">{t.deliveries.event}</th>}
          {!isOfOne && <th scope="col">{t.filters.severity}</th>}
          <th scope="col">{t.deliveries.channel}</th><th scope="col">{t.deliveries.state}</th><th scope="col">{t.deliveries.tries}</th><th scope="col">{t.deliveries.when}</th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((each) => {
          const link = href([team, 'deliveries', each.id]);
          return (
            <tr key={each.id}>
              {!isOfOne && <td data-label={t.deliveries.event}><a href={link} dir="auto">{plain(each.event_title) || each.event_type}</a> <small class="why">{each.event_type}</small></td>}
              {!isOfOne && <td data-label={t.filters.severity}><SeverityMark severity={each.severity} /></td>}
              <td data-label={t.deliveries.channel}>{isOfOne ? <a href={link}>{each.channel}</a> : each.channel}</td>
              <td data-label={t.deliveries.state}><DeliveryPill state={each.state} />{each.reason && each.state !== 'delivered' && <small class="why"><Reason team={team} text={each.reason} isLinked={false} /></small>}</td>
              <td data-label={t.deliveries.tries} class="tries">{each.tries}</td>
              <td data-label={t.deliveries.when} class="fit">{whenOf(each) ? <Time at={whenOf(each)!} /> : '–'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function Deliveries({ team, query, manages }: { team: string; query: Record<string, string>; manages: boolean }) {
  const state = STATES.find((each) => each === query.state); // another one would be refused
  const path = (cursor?: string, limit?: string) => withQuery(inTeam(team, 'deliveries'), { channel: query.channel, state, type: query.type, ...spanOf(query), cursor, limit });
  // Not everybody who may read the log may read them: then what the log names can be chosen.
  const channels = useLoad(team, async () => (await loadChannels(team)).map((each) => each.name));
  const log = usePages<Delivery>(path(), async (cursor) => {
    const page = await get<{ deliveries: Delivery[]; next: string | null }>(path(cursor, `${PAGE_ROWS}`));
    return { rows: page.deliveries, next: page.next };
  });
  const types = useTypes((log.rows ?? []).map((each) => each.event_type));
  const named = [...new Set((log.rows ?? []).map((each) => each.channel))].sort();
  const ask = (change: Record<string, string | undefined>) => replaceRoute([team, 'deliveries'], { ...query, ...change });
  return (
    <LogPage team={team} title={t.deliveries.title} empty={t.deliveries.empty} path={path()} log={log} query={query} ask={ask}
      filters={
        <>
          <Choice id="channel" label={t.filters.channel} value={query.channel ?? ''} options={channels.value ?? named} words={(each) => each} set={(channel) => ask({ channel })} />
          <Choice id="state" label={t.filters.state} value={state ?? ''} options={STATES} words={(each) => t.deliveryState[each]} set={(state) => ask({ state })} />
          <Choice id="type" label={t.filters.type} value={query.type ?? ''} options={types} words={(each) => each} set={(type) => ask({ type })} />
        </>
      }
      table={<DeliveryTable team={team} deliveries={log.rows ?? []} caption={t.deliveries.title} />}>
      {manages && <BulkRedelivery team={team} query={query} done={log.reload} />}
    </LogPage>
  );
}
