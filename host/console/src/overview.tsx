// What needs attention first, and the last hour in plots and numbers.
import { useEffect, useState } from 'preact/hooks';
import { get, inTeam } from './api';
import { loadChannels } from './integrations';
import { loadPlugins } from './plugins';
import { href } from './router';
import { describeMatchers } from './matchers';
import { t } from './text';
import type { Channel, Keys, Me, Overview, Rule, Scope, Silence } from './types';
import { Await, ChannelPill, Page, Pill, Prose, Time, useLoad, useNow } from './ui';

const LOOK_MS = 10_000;
const LATE_MS = 60_000; // in line for longer than that is worth a look
type PlotOf = typeof import('./plot').default;

interface Seen { overview: Overview; channels: Channel[]; rules: Rule[]; concerns: Concern[] }
interface Concern { text: string; isWanted?: boolean; until?: string; why?: string | undefined; link?: string[]; query?: Record<string, string> }

async function look(team: string, me: Me): Promise<Seen> {
  const [overview, channels, rules, silences] = await Promise.all([
    get<Overview>(inTeam(team, 'overview')), loadChannels(team), get<{ rules: Rule[] }>(inTeam(team, 'rules')).then((each) => each.rules),
    get<{ silences: Silence[] }>(inTeam(team, 'silences')).then((each) => each.silences),
  ]);
  const may = (permission: Scope) => me.permissions.includes(permission);
  const [loaded, sealed] = await Promise.all([may('read_plugins') ? loadPlugins() : null, may('manage_keys') ? get<Keys>('/v1/keys') : null]);
  const concerns: Concern[] = [];
  const now = Date.now();
  // First: where nothing arrives, somebody may have wanted it so.
  for (const each of silences) {
    if (Date.parse(each.until) <= now || (each.from && Date.parse(each.from) > now)) continue;
    concerns.push({
      text: t.overview.silenced(each.name, describeMatchers(each) + (each.channels?.length ? ` → ${each.channels.join(', ')}` : '')), isWanted: true, until: each.until,
      why: [each.reason, each.author && `${t.silences.by} ${each.author}`].filter(Boolean).join(' · '), link: [team, 'silences', each.name],
    });
  }
  for (const channel of channels) {
    const state = channel.status?.state;
    if (channel.problem || (state && state !== 'ready')) {
      concerns.push({ text: t.overview.channelIs(channel.name, state ? t.channelState[state] : ''), why: channel.problem || channel.status?.reason, link: [team, 'integrations', channel.name] });
    }
  }
  for (const { name, status } of channels) {
    const isFailing = status?.state === 'ready' && status.last_failure !== undefined && (status.last_success ?? '') < status.last_failure;
    if (isFailing) concerns.push({ text: t.overview.isFailing(name), why: status.last_failure_reason, link: [team, 'integrations', name] });
  }
  for (const rule of rules) if (rule.problem) concerns.push({ text: t.overview.badRule(rule.name), why: rule.problem, link: [team, 'rules', rule.name] });
  const failed = overview.channels.filter((each) => each.failed > 0);
  if (failed.length > 0) {
    concerns.push({
      text: t.overview.hasFailed(failed.reduce((sum, each) => sum + each.failed, 0)), why: failed.map((each) => `${each.name}: ${each.failed}`).join(', '),
      link: [team, 'deliveries'], query: { state: 'failed' },
    });
  }
  for (const channel of overview.channels) {
    const isReady = channels.find((each) => each.name === channel.name)?.status?.state === 'ready';
    if (isReady && channel.due_since && Date.now() - Date.parse(channel.due_since) > LATE_MS) concerns.push({ text: t.overview.isLate(channel.name), link: [team, 'deliveries'], query: { channel: channel.name, state: 'pending' } });
  }
  for (const plugin of loaded?.plugins ?? []) {
    const link = [team, 'plugins'];
    const file = plugin.path.replace(/.*\//, '');
    if (plugin.sandbox?.state === 'quarantined') concerns.push({ text: t.overview.quarantined(plugin.types.join(', ')), why: plugin.sandbox.last_fault, link });
    if (plugin.problem) concerns.push({ text: plugin.loaded ? t.overview.pluginOld(file) : t.overview.pluginFails(file), why: plugin.problem, link });
  }
  for (const key of sealed?.keys ?? []) if (!key.usable) concerns.push({ text: t.overview.keyUnusable(key.id), why: key.fault, link: [team, 'keys'] });
  if (channels.every((each) => each.type === 'in_app')) concerns.push({ text: t.overview.noChannels, link: [team, 'integrations'] });
  return { overview, channels, rules, concerns };
}

const Concerns = ({ concerns }: { concerns: Concern[] }) => (
  <section aria-labelledby="attention">
    <h2 id="attention">{t.overview.attention}</h2>
    {concerns.length === 0 ? <p class="line"><Pill mood="good">{t.overview.allWell}</Pill></p> : (
      <ul class="rows">
        {concerns.map((each, i) => (
          <li key={i} class={each.isWanted ? 'concern wanted' : 'concern'}>
            <p class="line"><Pill mood={each.isWanted ? 'halt' : 'bad'}>{each.text}</Pill>{each.until && <span>{t.overview.until} <Time at={each.until} /></span>}{each.link && <a href={href(each.link, each.query)} aria-label={`${t.overview.look}: ${each.text}`}>{t.overview.look}</a>}</p>
            {each.why && <p class="meta"><Prose text={each.why} /></p>}
          </li>
        ))}
      </ul>
    )}
  </section>
);

// The age of what waits the longest, of all channels.
function QueueAge({ overview }: { overview: Overview }) {
  const now = useNow();
  const since = overview.channels.map((each) => each.due_since).filter((each) => each !== undefined).sort()[0];
  return <>{since ? t.overview.ms(Math.max(0, now - Date.parse(since))) : t.overview.noQueue}</>;
}

function ChannelTable({ team, seen }: { team: string; seen: Seen }) {
  return (
    <table class="table">
      <caption class="hidden">{t.overview.channels}</caption>
      <thead><tr>{[t.overview.channel, t.overview.state, t.overview.deliveredShort, t.overview.failedShort, t.overview.waiting, t.overview.oldest].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
      <tbody>
        {seen.overview.channels.map((numbers) => {
          const status = seen.channels.find((each) => each.name === numbers.name)?.status;
          return (
            <tr key={numbers.name}>
              <td data-label={t.overview.channel}><a href={href([team, 'integrations', numbers.name])}>{numbers.name}</a></td>
              <td data-label={t.overview.state}>{status ? <ChannelPill state={status.state} /> : '–'}</td>
              <td data-label={t.overview.deliveredShort} class="fit">{numbers.delivered}</td>
              <td data-label={t.overview.failedShort} class="fit">{numbers.failed > 0 ? <a href={href([team, 'deliveries'], { channel: numbers.name, state: 'failed' })}>{numbers.failed}</a> : 0}</td>
              <td data-label={t.overview.waiting} class="fit">{status ? status.queued + status.backlog : 0}</td>
              <td data-label={t.overview.oldest} class="fit">{numbers.due_since ? <Time at={numbers.due_since} /> : '–'}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function OverviewPage({ team, me }: { team: string; me: Me }) {
  const loaded = useLoad(team, () => look(team, me));
  const [Plot, setPlot] = useState<PlotOf>();
  useEffect(() => {
    import('./plot').then((plot) => setPlot(() => plot.default), () => {}); // the numbers are there without it
    const timer = setInterval(() => { if (!document.hidden) loaded.poll(); }, LOOK_MS);
    return () => clearInterval(timer);
  }, [team]);
  return (
    <Page title={t.overview.title}>
      <Await of={loaded}>
        {(seen) => {
          const { overview } = seen;
          const took = overview.time_to_deliver_ms;
          return (
            <>
              <Concerns concerns={seen.concerns} />
              <h2>{t.overview.hour}</h2>
              {!overview.complete && <p class="meta">{t.overview.partial}</p>}
              <dl class="numbers">
                <div><dt>{t.overview.p50}</dt><dd>{took ? t.overview.ms(took.p50) : t.overview.none}</dd></div>
                <div><dt>{t.overview.p95}</dt><dd>{took ? t.overview.ms(took.p95) : t.overview.none}</dd></div>
                <div><dt>{t.overview.queue}</dt><dd><QueueAge overview={overview} /></dd></div>
              </dl>
              <div class="plots">
                {Plot && (['events', 'delivered', 'failed'] as const).map((each) => (
                  <Plot key={each} title={t.overview[each]} from={overview.from} values={overview[each]} colour={each === 'failed' ? '--bad' : each === 'events' ? '--accent' : '--good'} />
                ))}
              </div>
              <h2>{t.overview.channels}</h2>
              <ChannelTable team={team} seen={seen} />
            </>
          );
        }}
      </Await>
    </Page>
  );
}
