// A card for every type of channel that a plugin provides, with the team's channels of it and how each is.
import { get, inTeam } from './api';
import { href } from './router';
import { t } from './text';
import type { Channel, ChannelType } from './types';
import { Await, ChannelPill, Page, Time, useLoad } from './ui';

export const loadTypes = async () => (await get<{ channel_types: ChannelType[] }>('/v1/channel-types')).channel_types;
export const loadChannels = async (team: string) => (await get<{ channels: Channel[] }>(inTeam(team, 'channels'))).channels;

export function ChannelState({ channel }: { channel: Channel }) {
  const status = channel.status;
  const why = channel.problem || status?.reason;
  const waiting = status === undefined ? 0 : status.queued + status.backlog;
  return (
    <div class="state">
      {status && <ChannelPill state={status.state} />}
      {why && <p class="why">{why}</p>}
      {status?.last_success && <p class="meta">{t.integrations.lastSuccess} <Time at={status.last_success} /></p>}
      {status?.last_failure && <p class="meta">{t.integrations.lastFailure} <Time at={status.last_failure} />{status.last_failure_reason && !why?.includes(status.last_failure_reason) && `: ${status.last_failure_reason}`}</p>}
      {status && !status.last_success && !status.last_failure && <p class="meta">{t.integrations.never}</p>}
      {waiting > 0 && <p class="meta">{t.integrations.waiting(waiting)}</p>}
    </div>
  );
}

function Card({ team, type, channels }: { team: string; type: ChannelType; channels: Channel[] }) {
  return (
    <section class="card" aria-label={type.name}>
      <div class="head">
        <h2>{type.name}</h2>
        <a class="button" href={href([team, 'integrations', `+${type.type}`])} aria-label={t.integrations.connect(type.name)}>{t.integrations.connectShort}</a>
      </div>
      <p class="meta">{type.summary}</p>
      {channels.length === 0 && <p class="empty small">{t.integrations.none}</p>}
      <ul class="plain-list">
        {channels.map((channel) => (
          <li key={channel.name}>
            <a class="strong" href={href([team, 'integrations', channel.name])}>{channel.name}</a>
            {channel.provisioned && <small class="tag">{t.common.provisioned}</small>}
            <ChannelState channel={channel} />
          </li>
        ))}
      </ul>
    </section>
  );
}

export function Integrations({ team }: { team: string }) {
  const loaded = useLoad(team, async () => ({ types: await loadTypes(), channels: await loadChannels(team) }));
  return (
    <Page title={t.integrations.title}>
      <p class="intro">{t.integrations.intro}</p>
      <Await of={loaded}>
        {({ types, channels }) => {
          const orphans = channels.filter((channel) => !types.some((type) => type.type === channel.type));
          return (
            <div class="cards">
              {types.map((type) => <Card key={type.type} team={team} type={type} channels={channels.filter((each) => each.type === type.type)} />)}
              {[...new Set(orphans.map((each) => each.type))].map((type) => (
                <section key={type} class="card" aria-label={type}>
                  <h2>{type}</h2>
                  <p class="meta">{t.integrations.noType}</p>
                  <ul class="plain-list">
                    {orphans.filter((each) => each.type === type).map((channel) => (
                      <li key={channel.name}><a class="strong" href={href([team, 'integrations', channel.name])}>{channel.name}</a><ChannelState channel={channel} /></li>
                    ))}
                  </ul>
                </section>
              ))}
            </div>
          );
        }}
      </Await>
    </Page>
  );
}
