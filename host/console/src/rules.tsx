// The team's rules in the order in which they are looked at, and behind them what takes the rest.
import { get, inTeam } from './api';
import { loadChannels } from './integrations';
import { Rehearsal } from './rehearsal';
import { href } from './router';
import { RuleList } from './rule_list';
import { DefaultRow } from './rules_default';
import { t } from './text';
import type { Rule } from './types';
import { Await, Page, useLoad } from './ui';

export function Rules({ team }: { team: string }) {
  const loaded = useLoad(team, async () => ({
    rules: (await get<{ rules: Rule[] }>(inTeam(team, 'rules'))).rules,
    channels: await loadChannels(team),
  }));
  return (
    <Page title={t.rules.title} actions={<a class="button primary" href={href([team, 'rules', '+'])}>{t.rules.new}</a>}>
      <p class="intro">{t.rules.intro}</p>
      <Await of={loaded}>
        {({ rules, channels }) => (
          <>
            {rules.length === 0 && (
              <div class="empty">
                <p>{t.rules.empty}</p>
                <p><a class="button" href={href([team, 'rules', '+'], { example: '1' })}>{t.rules.example}</a></p>
              </div>
            )}
            {rules.length > 0 && <RuleList team={team} rules={rules} set={(next) => loaded.set({ rules: next, channels })} reload={loaded.reload} />}
            <DefaultRow team={team} channels={channels} />
          </>
        )}
      </Await>
      <Rehearsal team={team} />
    </Page>
  );
}
