// The rules as a list that is put into order: by buttons, or by dragging. The file's stay in front.
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { inTeam, post } from './api';
import { describeMatchers } from './matchers';
import { href } from './router';
import { t } from './text';
import type { Rule } from './types';
import { complain, say } from './ui';

const ChannelLinks = ({ team, names }: { team: string; names: string[] }) => (
  <>{names.map((name, i) => <span key={name}>{i > 0 && ', '}<a href={href([team, 'integrations', name])}>{name}</a></span>)}</>
);

function Words({ team, rule }: { team: string; rule: Rule }) {
  return (
    <>
      <p><a class="strong" href={href([team, 'rules', rule.name])}>{rule.name}</a>{rule.provisioned && <small class="tag">{t.common.provisioned}</small>}</p>
      <p><span class="word">{t.rules.matches}</span> {describeMatchers(rule)}</p>
      <p><span class="word">{t.rules.sendsTo}</span> <ChannelLinks team={team} names={rule.channels} /> {rule.stop && <strong>{t.rules.stops}</strong>}</p>
      {rule.problem && <p class="fault">{rule.problem}</p>}
    </>
  );
}

export function RuleList({ team, rules, set, reload }: { team: string; rules: Rule[]; set: (rules: Rule[]) => void; reload: () => void }) {
  const [dragged, setDragged] = useState<string>();
  // A row that moves loses the focus, and its button may be of no use at the edge.
  const list = useRef<HTMLOListElement>(null);
  const pressed = useRef<{ name: string; way: 'up' | 'down' }>();
  useLayoutEffect(() => {
    if (pressed.current === undefined) return;
    const { name, way } = pressed.current;
    pressed.current = undefined;
    const row = [...list.current?.children ?? []].find((each) => (each as HTMLElement).dataset.name === name);
    (row?.querySelector<HTMLButtonElement>(`.${way}:enabled`) ?? row?.querySelector<HTMLButtonElement>('.actions button:enabled'))?.focus();
  }, [rules]);
  const press = (name: string, way: 'up' | 'down', to: number) => {
    pressed.current = { name, way };
    move(name, to);
  };
  const first = rules.findIndex((rule) => !rule.provisioned);
  const last = rules.length - 1;
  // Shows at once; where the daemon refuses, what it has comes back.
  const move = (name: string, to: number) => {
    const from = rules.findIndex((rule) => rule.name === name);
    if (from < 0 || to < first || to > last || from === to) return;
    const next = rules.filter((rule) => rule.name !== name);
    next.splice(to, 0, rules[from]!);
    set(next);
    post(inTeam(team, 'rules', 'order'), { rules: next.filter((rule) => !rule.provisioned).map((rule) => rule.name) }).then(
      () => say({ text: t.rules.moved(name, to + 1) }),
      (fault) => {
        complain(fault);
        reload();
      },
    );
  };
  return (
    <ol class="rows numbered" ref={list}>
      {rules.map((rule, i) => (
        <li key={rule.name} data-name={rule.name} class={dragged === rule.name ? 'rule dragged' : 'rule'} draggable={!rule.provisioned && first < last}
          onDragStart={(event) => {
            event.dataTransfer?.setData('text/plain', rule.name);
            setDragged(rule.name);
          }}
          onDragEnd={() => setDragged(undefined)}
          onDragOver={(event) => { if (dragged !== undefined && !rule.provisioned) event.preventDefault(); }}
          onDrop={(event) => {
            event.preventDefault();
            if (dragged !== undefined) move(dragged, i);
          }}>
          <Words team={team} rule={rule} />
          {!rule.provisioned && first < last && (
            <div class="actions">
              <button type="button" class="plain up" disabled={i === first} aria-label={t.rules.up(rule.name)} onClick={() => press(rule.name, 'up', i - 1)}>↑</button>
              <button type="button" class="plain down" disabled={i === last} aria-label={t.rules.down(rule.name)} onClick={() => press(rule.name, 'down', i + 1)}>↓</button>
            </div>
          )}
        </li>
      ))}
    </ol>
  );
}
