// Sending many deliveries again: what the filters above say, of a time. First they are counted, then it is asked.
import { useEffect, useRef, useState } from 'preact/hooks';
import { inTeam, post, reason } from './api';
import { CurlButton } from './copy';
import { spanOf } from './log';
import { t } from './text';
import type { DeliveryState } from './types';
import { BusyButton, Choice, Notice, say } from './ui';

const HOUR_MS = 3_600_000;
const SPANS = ['1', '24', '168', '720'] as const;
type Span = (typeof SPANS)[number];
const AGAIN: DeliveryState[] = ['failed', 'cancelled', 'scheduled', 'delivered', 'accepted'];

interface Count { count: number; more: boolean }

export function BulkRedelivery({ team, query, done }: { team: string; query: Record<string, string>; done: () => void }) {
  const [span, setSpan] = useState<Span>('24');
  const [count, setCount] = useState<Count & { since: string }>();
  const [fault, setFault] = useState<string>();
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  // What was counted goes, and the focus with it to where counting begins.
  const clear = () => {
    setCount(undefined);
    form.current?.querySelector<HTMLElement>('button')?.focus();
  };
  const state = AGAIN.find((each) => each === query.state) ?? 'failed';
  const { since: from, until } = spanOf(query); // what the log is cut to; else a span of its own
  const isCut = from !== undefined || until !== undefined;
  const bodyOf = (since: string) => ({ state, since: from ?? since, ...(until ? { until } : {}), ...(query.channel ? { channel: query.channel } : {}), ...(query.type ? { type: query.type } : {}) });
  const key = JSON.stringify([span, from, until, state, query.channel, query.type]);
  useEffect(() => setCount(undefined), [key]); // it counted others
  const run = async (work: () => Promise<void>) => {
    setBusy(true);
    setFault(undefined);
    await work().catch((failed) => setFault(reason(failed)));
    setBusy(false);
  };
  const path = inTeam(team, 'deliveries', 'redeliver');
  const preview = () => run(async () => {
    const since = new Date(Date.now() - Number(span) * HOUR_MS).toISOString();
    setCount({ ...(await post<Count>(path, { ...bodyOf(since), dry_run: true })), since });
  });
  const again = () => run(async () => {
    const { count: sent } = await post<Count>(path, bodyOf(count!.since));
    clear();
    say({ text: t.bulk.sent(sent) });
    done();
  });
  return (
    <section aria-labelledby="bulk">
      <h2 id="bulk">{t.bulk.title}</h2>
      <p class="intro">{t.bulk.intro(t.bulk.that[state] ?? state, query.channel, query.type)}{isCut && ` ${t.bulk.inSpan}`}</p>
      <form class="filters" ref={form} onSubmit={(event) => { event.preventDefault(); if (!busy) void preview(); }}>
        {from === undefined && <Choice id="bulk-span" label={t.bulk.since} value={span} options={SPANS} words={(each) => t.bulk.spans[each] ?? each} set={(next) => next && setSpan(next)} required />}
        <button type="submit" aria-disabled={busy}>{t.bulk.count}</button>
        <CurlButton method="POST" path={path} body={{ ...bodyOf(new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS - Number(span) * HOUR_MS).toISOString()), dry_run: true }} />
      </form>
      {fault !== undefined && <Notice mood="bad"><p>{fault}</p></Notice>}
      {count && (
        <Notice mood="wait">
          <p>{count.count === 0 ? t.bulk.none : t.bulk.found(count.count, count.more)}</p>
          {count.count > 0 && (
            <div class="actions">
              <BusyButton class="primary" busy={busy} onClick={() => void again()}>{t.bulk.send(count.count)}</BusyButton>
              <button type="button" onClick={clear}>{t.common.cancel}</button>
            </div>
          )}
        </Notice>
      )}
    </section>
  );
}
