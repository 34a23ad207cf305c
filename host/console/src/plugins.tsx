// For operators: which plugins are loaded, why others are not, and the channels of all teams that they serve.
import { ask, get } from './api';
import { ChannelState } from './integrations';
import { href } from './router';
import { t } from './text';
import type { ChannelStatus, PluginState } from './types';
import { Await, complain, Notice, Page, Pill, say, Time, useLoad } from './ui';

export interface Plugins { plugins: PluginState[]; channels: (ChannelStatus & { team: string; name: string; type: string })[] }
export const loadPlugins = () => get<Plugins>('/v1/plugins');

const MOODS = { starting: 'wait', running: 'good', restarting: 'wait', quarantined: 'bad', stopped: 'halt' } as const;

function PluginRow({ plugin, reset }: { plugin: PluginState; reset: (type: string) => void }) {
  const { sandbox, types: [type] } = plugin;
  return (
    <li>
      <p class="line"><strong>{plugin.types.join(', ') || plugin.path.replace(/.*\//, '')}</strong> <Pill mood={plugin.loaded ? 'good' : 'bad'}>{plugin.loaded ? t.plugins.loaded : t.plugins.notLoaded}</Pill>{sandbox && <Pill mood={MOODS[sandbox.state]}>{t.plugins.state[sandbox.state]}</Pill>}</p>
      {plugin.problem && <p class="fault">{plugin.problem}</p>}
      {sandbox?.state === 'quarantined' && type && (
        <Notice mood="bad">
          <p>{t.plugins.quarantined}</p>
          <button type="button" onClick={() => reset(type)}>{t.plugins.reset}</button>
        </Notice>
      )}
      <dl class="facts">
        {plugin.loaded && <><dt>{t.plugins.runs}</dt><dd>{t.plugins.isolation[plugin.isolation]}</dd></>}
        {sandbox && (
          <>
            <dt>{t.plugins.level}</dt><dd>{[t.plugins.levels[sandbox.level], sandbox.missing.length > 0 && t.plugins.without(sandbox.missing)].filter(Boolean).join(': ')}</dd>
            <dt>{t.plugins.restarts}</dt><dd>{sandbox.restarts}</dd>
            {sandbox.last_fault && <><dt>{t.plugins.lastFault}</dt><dd>{sandbox.last_fault}{sandbox.last_fault_at && <> · <Time at={sandbox.last_fault_at} /></>}</dd></>}
            {sandbox.denied > 0 && <><dt>{t.plugins.denied}</dt><dd>{sandbox.denied}, {t.plugins.lastDenied(sandbox.last_denied)}</dd></>}
          </>
        )}
        <dt>{t.plugins.file}</dt><dd><code>{plugin.path}</code></dd>
        {plugin.sdk && <><dt>{t.plugins.sdk}</dt><dd>{plugin.sdk}</dd></>}
        {plugin.sha256 && <><dt>{t.plugins.sha256}</dt><dd><code>{plugin.sha256}</code></dd></>}
      </dl>
    </li>
  );
}

export function PluginsPage() {
  const loaded = useLoad('plugins', loadPlugins);
  const reset = (type: string) => {
    ask('POST', `/v1/plugins/${encodeURIComponent(type)}/reset`).then(() => {
      say({ text: t.plugins.resetDone });
      loaded.reload();
    }, complain);
  };
  return (
    <Page title={t.plugins.title} actions={<button type="button" onClick={loaded.reload}>{t.common.reload}</button>}>
      <p class="intro">{t.plugins.intro}</p>
      <Await of={loaded}>
        {({ plugins, channels }) => (
          <>
            {plugins.length === 0 && <p class="empty">{t.plugins.empty}</p>}
            <ul class="rows">{[...plugins].sort((a, b) => Number(a.loaded) - Number(b.loaded)).map((plugin) => <PluginRow key={plugin.path} plugin={plugin} reset={reset} />)}</ul>
            <h2>{t.plugins.channels}</h2>
            {channels.length === 0 && <p class="empty">{t.integrations.none}</p>}
            <ul class="rows">
              {channels.map((status) => (
                <li key={`${status.team}/${status.name}`}>
                  <p><a class="strong" href={href([status.team, 'integrations', status.name])}>{status.team} / {status.name}</a> <span class="word">{status.type}</span></p>
                  <ChannelState channel={{ name: status.name, type: status.type, provisioned: false, status }} />
                </li>
              ))}
            </ul>
          </>
        )}
      </Await>
    </Page>
  );
}
