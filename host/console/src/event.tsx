// One event: what it says, where it went, and why it went there.
import { get } from './api';
import { DeliveryTable } from './deliveries';
import { Findings } from './findings';
import { hostOf } from './inbox_list';
import { href } from './router';
import { t } from './text';
import type { Event, Explanation } from './types';
import { Await, Page, plain, SeverityMark, Time, useLoad } from './ui';

export function EventPage({ team, id, manages }: { team: string; id: string; manages: boolean }) {
  const path = `/v1/events/${encodeURIComponent(id)}`;
  const event = useLoad(path, () => get<Event>(path));
  const why = useLoad(`${path}/explain`, () => get<Explanation>(`${path}/explain`));
  return (
    <Page title={t.event.title} short={event.value && plain(event.value.title)} actions={<button type="button" onClick={event.reload}>{t.common.reload}</button>}>
      <p class="crumbs"><a href={href([team, 'events'])}>{t.events.title}</a></p>
      <Await of={event}>
        {(known) => (
          <>
            <section class="card">
              <p class="line"><SeverityMark severity={known.severity} /> <span>{t.category[known.category] ?? known.category}</span></p>
              <h2 class="title" dir="auto">{plain(known.title)}</h2>
              {known.summary && <p class="summary" dir="auto">{plain(known.summary)}</p>}
              {hostOf(known.link) && <p><a href={known.link} target="_blank" rel="noopener noreferrer">{t.inbox.open(hostOf(known.link)!)}</a></p>}
              <dl class="facts">
                <dt>{t.event.type}</dt><dd>{known.type}</dd>
                {known.source && <><dt>{t.event.source}</dt><dd>{known.source}</dd></>}
                <dt>{t.event.happened}</dt><dd><Time at={known.time} isExact /></dd>
                <dt>{t.event.received}</dt><dd><Time at={known.received} isExact /></dd>
                {known.labels && <><dt>{t.event.labels}</dt><dd>{Object.entries(known.labels).map(([name, value]) => <code key={name} class="tag">{name}={value}</code>)}</dd></>}
                <dt>{t.common.id}</dt><dd><code>{known.id}</code></dd>
              </dl>
              {Object.keys(known.data).length > 0 && <details><summary>{t.event.data}</summary><pre class="response" tabIndex={0}>{JSON.stringify(known.data, null, 2)}</pre></details>}
            </section>
            <h2>{t.event.deliveries}</h2>
            {known.deliveries.length === 0 ? <p class="empty">{t.event.unmatched}</p> : <DeliveryTable team={team} deliveries={known.deliveries} caption={t.event.deliveries} isOfOne />}
          </>
        )}
      </Await>
      <h2>{t.event.explain}</h2>
      <Await of={why}>
        {(explained) => <Findings team={team} findings={explained.findings} isLinked={manages} />}
      </Await>
    </Page>
  );
}
