// The last row of the rules: which alerts go to a default channel where nothing above has chosen one, and to which.
import { get } from './api';
import { href } from './router';
import { t } from './text';
import type { Channel, EventType } from './types';
import { useLoad } from './ui';

export function DefaultRow({ team, channels }: { team: string; channels: Channel[] }) {
  const alerts = useLoad('default-alerts', async () => (await get<{ event_types: EventType[] }>('/v1/event-types')).event_types.filter((each) => each.default_alert));
  const defaults = channels.filter((each) => each.default === true);
  return (
    <section class="last-rule" aria-labelledby="default-row">
      <h2 id="default-row">{t.rules.defaultRow}</h2>
      <p class="meta">{t.rules.defaultWhy}</p>
      <p>
        <span class="word">{t.rules.defaultAlerts}</span>{' '}
        {alerts.value?.map((each, i) => (
          <span key={each.name}>{i > 0 && ', '}{each.name}{each.default_alert_from && each.default_alert_from !== 'info' && ` ${t.rules.from(t.severity[each.default_alert_from])}`}</span>
        ))}
      </p>
      {defaults.length === 0
        ? <p><a href={href([team, 'integrations'])}>{t.rules.noDefault}</a></p>
        : defaults.map((each) => <p key={each.name}><span class="word">{t.rules.sendsTo}</span> <a href={href([team, 'integrations', each.name])}>{each.name}</a>, {t.rules.defaultOf(each.type)}</p>)}
    </section>
  );
}
