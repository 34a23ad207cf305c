// What the rule or silence that is being written would have matched in the last week: asked again whenever it has changed and
// nobody types. Counting goes on page by page, up to a bound.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { inTeam, post, reason, Refusal } from './api';
import { href } from './router';
import { t } from './text';
import type { Matchers, Rule, RulePreview } from './types';
import { SeverityMark, Time } from './ui';

const QUIET_MS = 400;
const MOST_PAGES = 20;

type Sum = RulePreview & { isWhole: boolean };

function add(sum: Sum | undefined, page: RulePreview): Sum {
  if (sum === undefined) return { ...page, isWhole: page.next === null };
  const also = new Map(sum.also.map((each) => [each.channel, each.events]));
  for (const each of page.also) also.set(each.channel, (also.get(each.channel) ?? 0) + each.events);
  return {
    ...page,
    looked_at: sum.looked_at + page.looked_at,
    matched: sum.matched + page.matched,
    changed: sum.changed + page.changed,
    unsent: sum.unsent + page.unsent,
    also: [...also].map(([channel, events]) => ({ channel, events })),
    events: [...sum.events, ...page.events].slice(0, 10),
    isWhole: page.next === null,
  };
}

function Words({ sum }: { sum: Sum }) {
  const also = [...sum.also].sort((a, b) => b.events - a.events);
  return (
    <>
      <p class="big">{sum.isWhole ? t.preview.matched(sum.matched, sum.looked_at) : t.preview.soFar(sum.matched, sum.looked_at)}</p>
      {sum.matched > 0 && (
        <ul class="bullets">
          {also.map((each) => <li key={each.channel}>{t.preview.also(each.events, each.channel)}</li>)}
          {sum.unsent > 0 && <li>{t.preview.unsent(sum.unsent)}</li>}
          <li>{t.preview.changed(sum.changed)}</li>
        </ul>
      )}
    </>
  );
}

type Asked = Omit<Rule, 'provisioned' | 'problem'>;
interface Seen { sum: Sum | undefined; fault: string | undefined }

// undefined: there is nothing to ask about yet.
function useCount(team: string, rule: Asked | undefined): Seen {
  const [seen, setSeen] = useState<Seen>({ sum: undefined, fault: undefined });
  const draft = rule && JSON.stringify(rule);
  useEffect(() => {
    if (draft === undefined) return setSeen({ sum: undefined, fault: undefined });
    const stop = new AbortController();
    const run = async () => {
      let all: Sum | undefined;
      try {
        for (let page = 0; page < MOST_PAGES && !stop.signal.aborted && all?.next !== null; ++page) {
          all = add(all, await post<RulePreview>(inTeam(team, 'rules', 'preview'), { rule: JSON.parse(draft), ...(all?.next ? { cursor: all.next } : {}) }));
          if (stop.signal.aborted) return;
          setSeen({ sum: all, fault: undefined });
        }
      } catch (failed) {
        if (stop.signal.aborted) return;
        setSeen({ sum: undefined, fault: failed instanceof Refusal && failed.errors.length > 0 ? failed.errors.map((each) => each.message).join(' ') : reason(failed) });
      }
    };
    const timer = setTimeout(() => void run(), QUIET_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [draft, team]);
  return seen;
}

function Card({ team, seen: { sum, fault }, children }: { team: string; seen: Seen; children: ComponentChildren }) {
  return (
    <section class="card preview" aria-labelledby="preview">
      <h2 id="preview">{t.preview.title}</h2>
      <div role="status" aria-live="polite">{fault !== undefined ? <p class="meta">{fault}</p> : children}</div>
      {sum !== undefined && sum.events.length > 0 && (
        <details>
          <summary>{t.preview.newest}</summary>
          <ul class="plain-list">
            {sum.events.map((event) => (
              <li key={event.id}>
                <p class="line"><SeverityMark severity={event.severity} /> <a href={href([team, 'events', event.id])}>{event.title || event.type}</a> <Time at={event.received} /></p>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  );
}

export function Preview({ team, rule }: { team: string; rule: Asked }) {
  const isReady = rule.channels.length > 0;
  const seen = useCount(team, isReady ? rule : undefined);
  return (
    <Card team={team} seen={seen}>
      {!isReady ? <p class="meta">{t.preview.choose}</p> : seen.sum ? <Words sum={seen.sum} /> : <p class="meta">{t.common.loading}</p>}
    </Card>
  );
}

// What the same matchers would have silenced: asked as a rule, to any channel of the team.
export function SilencePreview({ team, matchers, channel }: { team: string; matchers: Matchers; channel: string | undefined }) {
  const { category, severities, sources, events, labels } = matchers;
  const seen = useCount(team, channel === undefined ? undefined : JSON.parse(JSON.stringify({ category, severities, sources, events, labels, channels: [channel] })) as Asked);
  return (
    <Card team={team} seen={seen}>
      {seen.sum ? <p class="big">{t.preview.silenced(seen.sum.matched, seen.sum.looked_at, seen.sum.isWhole)}</p> : <p class="meta">{t.common.loading}</p>}
    </Card>
  );
}
