// Who changed what.
import { useState } from 'preact/hooks';
import { get, inTeam, withQuery } from './api';
import { t } from './text';
import type { Act } from './types';
import { Await, complain, Page, Time, useLoad } from './ui';

interface Acts { acts: Act[]; next: string | null }

export function Audit({ team }: { team: string }) {
  const path = (cursor?: string) => withQuery(inTeam(team, 'audit'), { cursor });
  const loaded = useLoad(team, () => get<Acts>(path()));
  const [older, setOlder] = useState<Acts>();
  return (
    <Page title={t.audit.title}>
      <p class="intro">{t.audit.intro}</p>
      <Await of={loaded}>
        {(first) => {
          const all = [...first.acts, ...(older?.acts ?? [])];
          const next = older ? older.next : first.next;
          if (all.length === 0) return <p class="empty">{t.audit.empty}</p>;
          return (
            <>
              <table class="table">
                <caption class="hidden">{t.audit.title}</caption>
                <thead><tr>{[t.audit.when, t.audit.who, t.audit.what, t.audit.object, t.audit.detail, t.audit.origin].map((each) => <th key={each} scope="col">{each}</th>)}</tr></thead>
                <tbody>
                  {all.map((act, i) => (
                    <tr key={i}>
                      <td data-label={t.audit.when} class="fit"><Time at={act.at} /></td>
                      <td data-label={t.audit.who}>{act.actor} ({act.role})</td>
                      <td data-label={t.audit.what} class="fit">{act.act}</td>
                      <td data-label={t.audit.object}>{act.object || '–'}</td>
                      <td data-label={t.audit.detail}>{act.detail || '–'}</td>
                      <td data-label={t.audit.origin} class="fit">{act.origin}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
              {next !== null && (
                <button type="button" onClick={() => {
                  get<Acts>(path(next)).then((page) => setOlder({ acts: [...(older?.acts ?? []), ...page.acts], next: page.next }), complain);
                }}>{t.common.older}</button>
              )}
            </>
          );
        }}
      </Await>
    </Page>
  );
}
