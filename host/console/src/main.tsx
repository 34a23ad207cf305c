// Starts the console: who is signed in, which team, which page.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { get, onSignedOut, Refusal, reason, remove } from './api';
import { Audit } from './audit';
import { Deliveries } from './deliveries';
import { Delivery } from './delivery';
import { forgetDrafts } from './draft';
import { EventPage } from './event';
import { Inbox } from './inbox';
import { useInbox } from './inbox_state';
import { ChannelPage } from './channel';
import { Integrations } from './integrations';
import { go, href, useRoute, type Route } from './router';
import { KeysPage } from './keys';
import { OverviewPage } from './overview';
import { PluginsPage } from './plugins';
import { RulePage } from './rule';
import { Rules } from './rules';
import { SignIn } from './sign_in';
import { SilencePage, Silences } from './silences';
import { Tokens } from './tokens';
import './style.css';
import { t } from './text';
import type { Me, Scope } from './types';
import { complain, Fault, Notice, Page, Skeleton, Toasts } from './ui';

type Who = { state: 'asking' } | { state: 'nobody' } | { state: 'unknown'; fault: string } | { state: 'known'; me: Me };

const PAGES = ['inbox', 'overview', 'integrations', 'rules', 'deliveries', 'silences', 'tokens', 'audit', 'plugins', 'keys'] as const;
// What a page asks of who looks at it, as the API names it.
const ASKS: Record<PageName | 'events', Scope> = {
  inbox: 'read_inbox', overview: 'manage_integrations', integrations: 'manage_integrations', rules: 'manage_integrations', deliveries: 'read_events', events: 'read_events',
  silences: 'manage_integrations', tokens: 'manage_tokens', audit: 'read_audit', plugins: 'read_plugins', keys: 'manage_keys',
};
type PageName = (typeof PAGES)[number];
const may = (me: Me, page: string) => me.permissions.includes(ASKS[page as PageName] ?? 'read_catalogue');

function View({ me, team, route }: { me: Me; team: string; route: Route }) {
  const [, page = 'inbox', name] = route.path;
  if (!may(me, page)) return <Page title={t.errors.notYoursTitle}><p>{t.errors.notYours}</p></Page>;
  const key = `${team}/${name}`;
  switch (page) {
    case 'overview':
      return <OverviewPage key={team} team={team} me={me} />;
    case 'tokens':
      return <Tokens key={team} me={me} team={team} />;
    case 'plugins':
      return <PluginsPage />;
    case 'keys':
      return <KeysPage />;
    case 'integrations':
      return name === undefined ? <Integrations key={team} team={team} /> : <ChannelPage key={key} team={team} name={name} />;
    case 'rules':
      return name === undefined ? <Rules key={team} team={team} /> : <RulePage key={key} team={team} name={name} query={route.query} />;
    case 'deliveries':
      return name === undefined ? <Deliveries key={team} team={team} query={route.query} manages={may(me, 'integrations')} /> : <Delivery key={key} team={team} id={name} />;
    case 'events':
      return name === undefined ? <Nowhere team={team} /> : <EventPage key={key} team={team} id={name} />;
    case 'silences':
      return name === undefined ? <Silences key={team} team={team} /> : <SilencePage key={key} team={team} />;
    case 'audit':
      return <Audit key={team} team={team} />;
    default:
      return <Nowhere team={team} />;
  }
}

const Nowhere = ({ team }: { team: string }) => (
  <Page title={t.errors.nowhere}><p><a href={href([team, 'inbox'])}>{t.errors.home}</a></p></Page>
);

function Signed({ me, route, leave }: { me: Me; route: Route; leave: () => void }) {
  const team = route.path[0] !== undefined && me.teams.includes(route.path[0]) ? route.path[0] : me.teams[0];
  const page = route.path[1] ?? 'inbox';
  useEffect(() => {
    if (team !== undefined && (route.path[0] !== team || route.path[1] === undefined)) go([team, 'inbox']);
  }, [team, route]);
  if (team === undefined) return <main><Notice mood="wait"><p>{t.signIn.noTeam}</p></Notice></main>;
  return <Frame key={team} me={me} team={team} page={page} route={route} leave={leave} />;
}

function Frame({ me, team, page, route, leave }: { me: Me; team: string; page: string; route: Route; leave: () => void }) {
  const inbox = useInbox(team, me.user, route.path[1] === 'inbox' ? route.query : {});
  const unread = inbox.counts?.unread ?? 0;
  const shown = PAGES.filter((each) => may(me, each));
  return (
    <>
      <a class="skip" href="#page" onClick={(event) => { event.preventDefault(); document.getElementById('page')?.focus(); }}>{t.nav.skip}</a>
      <header class="bar">
        <span class="brand">{t.product}</span>
        {me.teams.length > 1 && (
          <select class="team" aria-label={t.nav.team} value={team} onChange={(event) => go([event.currentTarget.value, PAGES.includes(page as PageName) ? page : 'inbox'])}>
            {me.teams.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        )}
        {me.teams.length === 1 && <span class="team">{team}</span>}
        <span class="who">{t.nav.signedInAs(me.user, me.role)}</span>
        <button type="button" class="plain" onClick={leave}>{t.nav.signOut}</button>
      </header>
      <div class="body">
        <nav aria-label={t.nav.label}>
          {shown.map((each) => (
            <a key={each} href={href([team, each])} {...(page === each || (each === 'deliveries' && page === 'events') ? { 'aria-current': 'page' as const } : {})}>
              {t.nav[each]}
              {each === 'inbox' && unread > 0 && <span class="badge"><span aria-hidden="true">{unread > 999 ? '999+' : unread}</span><span class="hidden">{t.nav.badge(unread)}</span></span>}
            </a>
          ))}
        </nav>
        <main id="page" tabIndex={-1}>
          {page === 'inbox' ? <Inbox inbox={inbox} team={team} query={route.query} seesLog={may(me, 'deliveries')} /> : <View me={me} team={team} route={route} />}
        </main>
      </div>
      <Toasts home={() => document.getElementById('page')} />
    </>
  );
}

function App() {
  const route = useRoute();
  const [who, setWho] = useState<Who>({ state: 'asking' });
  const look = () => {
    get<Me>('/v1/console/me').then(
      (me) => setWho({ state: 'known', me }),
      (fault) => setWho(fault instanceof Refusal && fault.status === 401 ? { state: 'nobody' } : { state: 'unknown', fault: reason(fault) }),
    );
  };
  useEffect(() => {
    onSignedOut(() => setWho({ state: 'nobody' }));
    look();
  }, []);
  const leave = () => {
    remove('/v1/console/session').then(() => {
      forgetDrafts();
      setWho({ state: 'nobody' });
    }, complain);
  };
  if (who.state === 'asking') return <main><Skeleton /></main>;
  if (who.state === 'unknown') return <main><Fault text={who.fault} again={look} /></main>;
  const code = route.path[0] === 'sign-in' ? route.path[1] ?? '' : '';
  if (who.state === 'nobody' || code !== '') {
    return <SignIn code={code} now={who.state === 'known' ? who.me : null} done={(me) => {
      setWho({ state: 'known', me });
      if (route.path[0] === 'sign-in' || !me.teams.includes(route.path[0] ?? '')) go([me.teams[0] ?? '', 'inbox']);
    }} />;
  }
  return <Signed me={who.me} route={route} leave={leave} />;
}

render(<App />, document.getElementById('app')!);
