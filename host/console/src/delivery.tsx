// One delivery: how it stands, and its attempts as a line in time.
import { get, inTeam, post } from './api';
import { href } from './router';
import { t } from './text';
import type { Attempt, Delivery as DeliveryRecord } from './types';
import { Await, complain, DeliveryPill, Page, Pill, say, SeverityMark, Time, useLoad } from './ui';

const isOver = (delivery: DeliveryRecord) => delivery.finished !== undefined;

const moodOf = (outcome: string) => (outcome === 'delivered' || outcome === 'accepted' ? 'good' : 'bad');

function AttemptRow({ attempt }: { attempt: Attempt }) {
  return (
    <li>
      <p class="line"><strong>{t.deliveries.attempt(attempt.number)}</strong> <Pill mood={moodOf(attempt.outcome)}>{attempt.outcome}</Pill> {attempt.started && <Time at={attempt.started} />}</p>
      <p class="meta">
        {[attempt.code, attempt.http_status && t.deliveries.status(attempt.http_status), t.deliveries.took(attempt.duration_ms),
          attempt.remote_address && `${t.deliveries.from} ${attempt.remote_address}`, attempt.digest && t.deliveries.digest(attempt.digest.events)].filter(Boolean).join(' · ')}
      </p>
      {attempt.detail && <p>{attempt.detail}</p>}
      {attempt.response && <details><summary>{t.deliveries.response}</summary><pre class="response" tabIndex={0}>{attempt.response}</pre></details>}
    </li>
  );
}

export const Timeline = ({ attempts }: { attempts: Attempt[] }) => (
  attempts.length === 0 ? <p class="empty small">{t.deliveries.noAttempts}</p> : <ol class="timeline">{attempts.map((each) => <AttemptRow key={`${each.number}/${each.started}`} attempt={each} />)}</ol>
);

export function Delivery({ team, id }: { team: string; id: string }) {
  const path = inTeam(team, 'deliveries', id);
  const loaded = useLoad(path, () => get<DeliveryRecord>(path));
  const act = (verb: 'redeliver' | 'cancel') => {
    post<DeliveryRecord>(`${path}/${verb}`).then(() => {
      say({ text: verb === 'cancel' ? t.deliveries.cancelled : t.deliveries.redelivered });
      loaded.reload();
    }, complain);
  };
  const known = loaded.value;
  return (
    <Page title={t.deliveries.delivery} actions={known && (
      <>
        <button type="button" onClick={loaded.reload}>{t.deliveries.live}</button>
        {known.state !== 'pending' && known.state !== 'sending' && known.event_type !== 'channel.test' && <button type="button" onClick={() => act('redeliver')}>{t.deliveries.redeliver}</button>}
        {!isOver(known) && known.state !== 'sending' && <button type="button" class="danger" onClick={() => act('cancel')}>{t.deliveries.cancel}</button>}
      </>
    )}>
      <p class="crumbs"><a href={href([team, 'deliveries'])}>{t.deliveries.title}</a></p>
      <Await of={loaded}>
        {(delivery) => (
          <>
            <dl class="facts">
              <dt>{t.deliveries.state}</dt><dd><DeliveryPill state={delivery.state} /> <span>{t.deliveryMeans[delivery.state]}</span></dd>
              {delivery.reason && <><dt>{t.deliveries.reason}</dt><dd>{delivery.reason}</dd></>}
              {delivery.waits_for && <><dt>{t.deliveries.waitsFor}</dt><dd>{delivery.waits_for}</dd></>}
              {delivery.due && <><dt>{t.deliveries.due}</dt><dd><Time at={delivery.due} /></dd></>}
              <dt>{t.deliveries.event}</dt><dd><a href={href([team, 'events', delivery.event])}>{delivery.event_type}</a></dd>
              <dt>{t.filters.severity}</dt><dd><SeverityMark severity={delivery.severity} /></dd>
              <dt>{t.deliveries.channel}</dt><dd><a href={href([team, 'integrations', delivery.channel])}>{delivery.channel}</a> ({delivery.channel_type})</dd>
              <dt>ID</dt><dd><code>{delivery.id}</code></dd>
            </dl>
            <h2>{t.deliveries.attempts}</h2>
            <Timeline attempts={delivery.attempts ?? []} />
          </>
        )}
      </Await>
    </Page>
  );
}
