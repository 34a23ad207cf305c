// One delivery: how it stands, and its attempts as a line in time.
import { useEffect } from 'preact/hooks';
import { get, inTeam, post } from './api';
import { href } from './router';
import { t } from './text';
import type { Attempt, Delivery as DeliveryRecord } from './types';
import { Await, complain, DeliveryPill, Page, Pill, plain, Prose, say, SeverityMark, Time, useLoad, type Mood } from './ui';

const LOOK_MS = 2_000; // while it is not over

const isOver = (delivery: DeliveryRecord) => delivery.finished !== undefined;

// What is tried again is no failure yet.
const MOODS: Record<Attempt['outcome'], Mood> = {
  delivered: 'good', accepted: 'good', retry: 'wait', rate_limited: 'wait', unreachable: 'wait', interrupted: 'wait', timed_out: 'wait', plugin_fault: 'bad',
  rejected: 'bad', misconfigured: 'bad', gone: 'bad', uncertain: 'bad',
};

function AttemptRow({ attempt }: { attempt: Attempt }) {
  return (
    <li>
      <p class="line"><strong>{t.deliveries.attempt(attempt.number)}</strong> <Pill mood={MOODS[attempt.outcome] ?? 'bad'}>{t.deliveries.outcome[attempt.outcome] ?? attempt.outcome}</Pill> {attempt.started && <Time at={attempt.started} isExact />}</p>
      <p class="meta">
        {[attempt.http_status && t.deliveries.status(attempt.http_status), t.deliveries.took(attempt.duration_ms),
          attempt.remote_address && `${t.deliveries.from} ${attempt.remote_address}`, attempt.digest && t.deliveries.digest(attempt.digest.events), attempt.outcome !== 'delivered' && attempt.outcome !== 'accepted' && `${t.deliveries.code} ${attempt.code}`].filter(Boolean).join(' · ')}
      </p>
      {attempt.detail && <p><Prose text={attempt.detail} /></p>}
      {attempt.response && <details><summary>{t.deliveries.response}</summary><pre class="response" tabIndex={0}>{attempt.response}</pre></details>}
    </li>
  );
}

export const Timeline = ({ attempts }: { attempts: Attempt[] }) => (
  attempts.length === 0 ? <p class="empty small">{t.deliveries.noAttempts}</p> : <ol class="timeline">{attempts.map((each) => <AttemptRow key={`${each.number}/${each.started}`} attempt={each} />)}</ol>
);

// "webhook.http_503" as people say it; what is no code stays as it is.
export const codeInWords = (code: string) => (/^[a-z0-9_]+\.[a-z0-9_]+$/.test(code) ? code.replace(/.*\./, '').replaceAll('_', ' ').replace(/^http\b/, 'HTTP') : code);

// Why it stands as it does: the silence that held it back is where that can be changed.
export function Reason({ team, text, isLinked }: { team: string; text: string; isLinked: boolean }) {
  const silence = /^silenced: ([a-z0-9-]+)$/.exec(text)?.[1];
  if (silence === undefined) return <Prose text={codeInWords(text)} />;
  return <>{t.deliveries.silencedBy} {isLinked ? <a href={href([team, 'silences', silence])}>{silence}</a> : silence}</>;
}

// The last attempt's sentence says more than its code.
function wordsOfLast(delivery: DeliveryRecord) {
  const last = delivery.attempts?.at(-1);
  return last?.code === delivery.reason ? last?.detail : undefined;
}

// `manages`: may change what it sees.
export function Delivery({ team, id, manages }: { team: string; id: string; manages: boolean }) {
  const path = inTeam(team, 'deliveries', id);
  const loaded = useLoad(path, () => get<DeliveryRecord>(path));
  const act = (verb: 'redeliver' | 'cancel') => {
    post<DeliveryRecord>(`${path}/${verb}`).then(() => {
      say({ text: verb === 'cancel' ? t.deliveries.cancelled : t.deliveries.redelivered });
      loaded.reload();
    }, complain);
  };
  const known = loaded.value;
  const isWaiting = known !== undefined && !isOver(known);
  useEffect(() => {
    if (!isWaiting) return;
    const timer = setInterval(() => { if (!document.hidden) loaded.poll(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, [isWaiting, path]);
  return (
    <Page title={t.deliveries.delivery} short={known && `${known.channel}: ${plain(known.event_title) || known.event_type}`} actions={known && (
      <>
        <button type="button" onClick={loaded.reload}>{t.common.reload}</button>
        {manages && known.state !== 'pending' && known.state !== 'sending' && known.event_type !== 'channel.test' && <button type="button" onClick={() => act('redeliver')}>{t.deliveries.redeliver}</button>}
        {manages && !isOver(known) && known.state !== 'sending' && <button type="button" class="danger" onClick={() => act('cancel')}>{t.deliveries.cancel}</button>}
      </>
    )}>
      <p class="crumbs"><a href={href([team, 'deliveries'])}>{t.deliveries.title}</a></p>
      <Await of={loaded}>
        {(delivery) => (
          <>
            <dl class="facts">
              <dt>{t.deliveries.state}</dt><dd><DeliveryPill state={delivery.state} /> <span>{t.deliveryMeans[delivery.state]}</span></dd>
              {delivery.reason && <><dt>{t.deliveries.reason}</dt><dd><Reason team={team} text={wordsOfLast(delivery) ?? delivery.reason} isLinked={manages} /></dd></>}
              {delivery.waits_for && <><dt>{t.deliveries.waitsFor}</dt><dd><Prose text={delivery.waits_for} /></dd></>}
              {delivery.due && <><dt>{t.deliveries.due}</dt><dd><Time at={delivery.due} isExact /></dd></>}
              {delivery.finished && <><dt>{t.deliveries.finished}</dt><dd><Time at={delivery.finished} isExact /></dd></>}
              <dt>{t.deliveries.event}</dt><dd><a href={href([team, 'events', delivery.event])} dir="auto">{plain(delivery.event_title) || delivery.event_type}</a></dd>
              <dt>{t.event.type}</dt><dd>{delivery.event_type}</dd>
              <dt>{t.filters.severity}</dt><dd><SeverityMark severity={delivery.severity} /></dd>
              <dt>{t.deliveries.channel}</dt><dd>{manages ? <a href={href([team, 'integrations', delivery.channel])}>{delivery.channel}</a> : delivery.channel} ({delivery.channel_type})</dd>
              <dt>{t.common.id}</dt><dd><code>{delivery.id}</code></dd>
            </dl>
            <h2>{t.deliveries.attempts}</h2>
            <Timeline attempts={delivery.attempts ?? []} />
          </>
        )}
      </Await>
    </Page>
  );
}
