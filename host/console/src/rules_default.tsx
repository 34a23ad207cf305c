// The last row of the rules: which alerts go to a default channel where nothing above has chosen one, and to which. A team
// can have a set of its own in place of the catalogue's.
import { useEffect, useRef, useState } from 'preact/hooks';
import { ask, get, inTeam, reason, Refusal } from './api';
import { hasDraft, useDraft } from './draft';
import { href } from './router';
import { t } from './text';
import { SEVERITIES, type Channel, type DefaultAlert, type DefaultAlerts, type Severity } from './types';
import { Await, Field, Lines, Notice, Restored, say, useLoad } from './ui';

// "finding.created high": a pattern and perhaps from which severity on.
const write = (alert: DefaultAlert) => [alert.event, alert.from].filter(Boolean).join(' ');
function read(line: string): DefaultAlert {
  const [event = '', from] = line.split(/\s+/);
  return from === undefined ? { event } : { event, from: from.toLowerCase() as Severity };
}

const draftName = (team: string) => `${team}/default-alerts`;

function AlertForm({ team, first, done }: { team: string; first: DefaultAlerts; done: () => void }) {
  const kept = useDraft(draftName(team), first.alerts.map(write));
  const here = useRef<HTMLFormElement>(null);
  useEffect(() => here.current!.querySelector('textarea')!.focus(), []);
  const [fault, setFault] = useState<string>();
  const act = (work: Promise<unknown>) => {
    work.then(() => {
      kept.forget();
      say({ text: t.common.saved });
      done();
    }, (failed) => setFault(failed instanceof Refusal && failed.errors.length > 0 ? failed.errors.map((each) => each.message).join(' ') : reason(failed)));
  };
  const path = inTeam(team, 'default-alerts');
  return (
    <form ref={here} onSubmit={(event) => {
      event.preventDefault();
      act(ask('PUT', path, { alerts: kept.value.map(read) }));
    }}>
      {kept.isRestored && <Restored draft={kept} />}
      <Field id="default-alerts" label={t.rules.defaultAlerts} help={t.rules.defaultHelp(SEVERITIES.map((each) => each).join(', '))}>
        {(attributes) => <Lines key={kept.round} attributes={attributes} rows={6} value={kept.value} set={kept.set} />}
      </Field>
      {fault !== undefined && <Notice mood="bad"><p>{fault}</p></Notice>}
      <div class="actions">
        <button type="submit" class="primary">{t.common.save}</button>
        {first.origin === 'team' && <button type="button" onClick={() => act(ask('DELETE', path))}>{t.rules.defaultReset}</button>}
        <button type="button" onClick={() => { kept.forget(); done(); }}>{t.common.cancel}</button>
      </div>
    </form>
  );
}

const AlertWords = ({ alerts }: { alerts: DefaultAlert[] }) => (
  <>
    {alerts.length === 0 && t.rules.defaultNone}
    {alerts.map((each, i) => <span key={i}>{i > 0 && ', '}{each.event}{each.from && each.from !== 'info' && ` ${t.rules.from(t.severity[each.from])}`}</span>)}
  </>
);

export function DefaultRow({ team, channels }: { team: string; channels: Channel[] }) {
  const alerts = useLoad(team, () => get<DefaultAlerts>(inTeam(team, 'default-alerts')));
  const [isOpen, setIsOpen] = useState(() => hasDraft(draftName(team)));
  const change = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);
  // Closed again: the focus goes back to where it came from.
  useEffect(() => {
    if (!isOpen && wasOpen.current) change.current?.focus();
    wasOpen.current = isOpen;
  }, [isOpen]);
  const defaults = channels.filter((each) => each.default === true);
  return (
    <section class="last-rule" aria-labelledby="default-row">
      <h2 id="default-row">{t.rules.defaultRow}</h2>
      <p class="meta">{t.rules.defaultWhy}</p>
      <Await of={alerts}>
        {(set) => isOpen && set.origin !== 'file'
          ? <AlertForm team={team} first={set} done={() => { setIsOpen(false); alerts.reload(); }} />
          : (
            <p>
              <span class="word">{t.rules.defaultOrigin[set.origin] ?? t.rules.defaultAlerts}</span> <AlertWords alerts={set.alerts} />
              {set.origin !== 'file' && <> <button type="button" class="plain" ref={change} onClick={() => setIsOpen(true)}>{t.rules.defaultChange}</button></>}
            </p>
          )}
      </Await>
      {defaults.length === 0
        ? <p><a href={href([team, 'integrations'])}>{t.rules.noDefault}</a></p>
        : defaults.map((each) => <p key={each.name}><span class="word">{t.rules.sendsTo}</span> <a href={href([team, 'integrations', each.name])}>{each.name}</a>, {t.rules.defaultOf(each.type)}</p>)}
    </section>
  );
}
