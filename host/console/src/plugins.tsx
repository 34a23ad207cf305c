// For operators: which plugins are loaded, why others are not, and the channels of all teams that they serve.
import { get } from './api';
import { ChannelState } from './integrations';
import { href } from './router';
import { t } from './text';
import type { ChannelStatus, PluginState } from './types';
import { Await, Page, Pill, useLoad } from './ui';

export interface Plugins { plugins: PluginState[]; channels: (ChannelStatus & { team: string; name: string; type: string })[] }
export const loadPlugins = () => get<Plugins>('/v1/plugins');

function PluginRow({ plugin }: { plugin: PluginState }) {
  return (
    <li>
      <p class="line"><strong>{plugin.types.join(', ') || plugin.path.replace(/.*\//, '')}</strong> <Pill mood={plugin.loaded ? 'good' : 'bad'}>{plugin.loaded ? t.plugins.loaded : t.plugins.notLoaded}</Pill></p>
      {plugin.problem && <p class="fault">{plugin.problem}</p>}
      <dl class="facts">
        <dt>{t.plugins.file}</dt><dd><code>{plugin.path}</code></dd>
        {plugin.sdk && <><dt>{t.plugins.sdk}</dt><dd>{plugin.sdk}</dd></>}
        {plugin.sha256 && <><dt>SHA-256</dt><dd><code>{plugin.sha256}</code></dd></>}
      </dl>
    </li>
  );
}

export function PluginsPage() {
  const loaded = useLoad('plugins', loadPlugins);
  return (
    <Page title={t.plugins.title} actions={<button type="button" onClick={loaded.reload}>{t.deliveries.live}</button>}>
      <p class="intro">{t.plugins.intro}</p>
      <Await of={loaded}>
        {({ plugins, channels }) => (
          <>
            {plugins.length === 0 && <p class="empty">{t.plugins.empty}</p>}
            <ul class="rows">{[...plugins].sort((a, b) => Number(a.loaded) - Number(b.loaded)).map((plugin) => <PluginRow key={plugin.path} plugin={plugin} />)}</ul>
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
