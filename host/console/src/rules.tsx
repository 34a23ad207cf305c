// The team's rules in the order in which they are looked at, and behind them what takes the rest.
import { get, inTeam } from './api';
import { loadChannels } from './integrations';
import { describeMatchers } from './matchers';
import { Rehearsal } from './rehearsal';
import { href } from './router';
import { DefaultRow } from './rules_default';
import { t } from './text';
import type { Rule } from './types';
import { Await, Page, useLoad } from './ui';

export const ChannelLinks = ({ team, names }: { team: string; names: string[] }) => (
  <>{names.map((name, i) => <span key={name}>{i > 0 && ', '}<a href={href([team, 'integrations', name])}>{name}</a></span>)}</>
);

function RuleRow({ team, rule }: { team: string; rule: Rule }) {
  return (
    <li class="rule">
      <p><a class="strong" href={href([team, 'rules', rule.name])}>{rule.name}</a>{rule.provisioned && <small class="tag">{t.common.provisioned}</small>}</p>
      <p><span class="word">{t.rules.matches}</span> {describeMatchers(rule)}</p>
      <p><span class="word">{t.rules.sendsTo}</span> <ChannelLinks team={team} names={rule.channels} /> {rule.stop && <strong>{t.rules.stops}</strong>}</p>
      {rule.problem && <p class="fault">{rule.problem}</p>}
    </li>
  );
}

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
            {rules.length > 0 && <ol class="rows numbered">{rules.map((rule) => <RuleRow key={rule.name} team={team} rule={rule} />)}</ol>}
            <DefaultRow team={team} channels={channels} />
          </>
        )}
      </Await>
      <Rehearsal team={team} />
    </Page>
  );
}
