// Starts the console: who is signed in, which team, which page.
import { render } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { get, onSignedOut, Refusal, reason, remove } from './api';
import { Audit } from './audit';
import { Boundary } from './boundary';
import { Deliveries } from './deliveries';
import { Delivery } from './delivery';
import { forgetDrafts, ownDrafts } from './draft';
import { EventPage } from './event';
import { Events } from './events';
import { announceIdentity, followIdentity } from './identity';
import { Inbox } from './inbox';
import { useInbox } from './inbox_state';
import { ChannelPage } from './channel';
import { Integrations } from './integrations';
import { go, href, replaceHash, replaceRoute, useRoute, type Route } from './router';
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
import { complain, Fault, Notice, Page, Skeleton, Spoken, Toasts } from './ui';

type Who = { state: 'asking' } | { state: 'nobody' } | { state: 'unknown'; fault: string } | { state: 'known'; me: Me };

const PAGES = ['inbox', 'overview', 'integrations', 'rules', 'events', 'deliveries', 'silences', 'tokens', 'audit', 'plugins', 'keys'] as const;
// What a page asks of who looks at it, as the API names it.
const ASKS: Record<PageName, Scope> = {
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
      return name === undefined ? <Deliveries key={team} team={team} query={route.query} manages={may(me, 'integrations')} /> : <Delivery key={key} team={team} id={name} manages={may(me, 'integrations')} />;
    case 'events':
      return name === undefined ? <Events key={team} team={team} query={route.query} /> : <EventPage key={key} team={team} id={name} manages={may(me, 'integrations')} />;
    case 'silences':
      return name === undefined ? <Silences key={team} team={team} /> : <SilencePage key={key} team={team} name={name} />;
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
  const named = route.path[0] === 'sign-in' ? undefined : route.path[0];
  const team = named !== undefined && me.teams.includes(named) ? named : me.teams[0];
  const page = route.path[1] ?? 'inbox';
  useEffect(() => {
    if (team !== undefined && (named === undefined || route.path[1] === undefined)) replaceRoute([named ?? team, 'inbox']);
  }, [team, route]);
  if (team === undefined) return <main><Notice mood="wait"><p>{t.signIn.noTeam}</p></Notice></main>;
  return <Frame key={team} me={me} team={team} page={page} route={route} leave={leave} foreign={named !== team ? named : undefined} />;
}

const NotYourTeam = ({ name, team }: { name: string; team: string }) => (
  <Page title={t.errors.notYourTeam(name)}>
    <p>{t.errors.notYourTeamWhy}</p>
    <p><a href={href([team, 'inbox'])}>{t.errors.home}</a></p>
  </Page>
);

// `foreign`: the team that the address names and that is none of this person's.
function Frame({ me, team, page, route, leave, foreign }: { me: Me; team: string; page: string; route: Route; leave: () => void; foreign: string | undefined }) {
  const inbox = useInbox(team, me.user, foreign === undefined && route.path[1] === 'inbox' ? route.query : {});
  const unread = inbox.counts?.unread ?? 0;
  const shown = PAGES.filter((each) => may(me, each));
  // On a small screen the pages are behind a button.
  const [isOpen, setIsOpen] = useState(false);
  useEffect(() => {
    if (isOpen) document.getElementById('page')?.focus();
    setIsOpen(false);
  }, [route.path.join('/')]);
  return (
    <>
      <a class="skip" href="#page" onClick={(event) => { event.preventDefault(); document.getElementById('page')?.focus(); }}>{t.nav.skip}</a>
      <header class={isOpen ? 'bar open' : 'bar'}>
        <span class="brand">{t.product}</span>
        {me.teams.length > 1 && (
          <select class="team" aria-label={t.nav.team} value={team} onChange={(event) => go([event.currentTarget.value, PAGES.includes(page as PageName) ? page : 'inbox'])}>
            {me.teams.map((each) => <option key={each} value={each}>{each}</option>)}
          </select>
        )}
        {me.teams.length === 1 && <span class="team">{team}</span>}
        <button type="button" class="menu" aria-expanded={isOpen} aria-controls="pages" aria-label={unread > 0 ? `${t.nav.menu}, ${t.nav.badge(unread)}` : undefined} onClick={() => setIsOpen(!isOpen)}>{t.nav.menu}</button>
        <span class="who">{t.nav.signedInAs(me.user, t.tokens.roles[me.role] ?? me.role)}</span>
        <button type="button" class="plain leave" onClick={leave}>{t.nav.signOut}</button>
      </header>
      <div class={isOpen ? 'body open' : 'body'}>
        <nav id="pages" aria-label={t.nav.label}>
          {shown.map((each) => (
            <a key={each} href={href([team, each])} {...(foreign === undefined && (page === each) ? { 'aria-current': 'page' as const } : {})}>
              {t.nav[each]}
              {each === 'inbox' && unread > 0 && <span class="badge"><span aria-hidden="true">{unread > 999 ? '999+' : unread}</span><span class="hidden">{t.nav.badge(unread)}</span></span>}
            </a>
          ))}
        </nav>
        <main id="page" tabIndex={-1}>
          <Boundary key={route.path.join('/')}>
            {foreign !== undefined && <NotYourTeam name={foreign} team={team} />}
            {foreign === undefined && (page === 'inbox' ? <Inbox inbox={inbox} team={team} query={route.query} seesLog={may(me, 'deliveries')} /> : <View me={me} team={team} route={route} />)}
          </Boundary>
        </main>
      </div>
      <Spoken news={inbox.news} />
      <Toasts home={() => document.getElementById('page')} />
    </>
  );
}

// Where a person was last in this tab: who signs in anew goes on there.
const VIEW = 'tocsin-view';
const rememberView = (me: Me) => sessionStorage.setItem(VIEW, JSON.stringify([me.user, location.hash]));
function viewOf(me: Me): string | undefined {
  const [user, hash] = JSON.parse(sessionStorage.getItem(VIEW) ?? '[]') as string[];
  return user === me.user ? hash : undefined;
}

function App() {
  const route = useRoute();
  const [who, setWho] = useState<Who>({ state: 'asking' });
  const known = useRef<Me>();
  known.current = who.state === 'known' ? who.me : undefined;
  const enter = (me: Me) => {
    ownDrafts(me.user);
    setWho({ state: 'known', me });
  };
  const look = () => {
    get<Me>('/v1/console/me').then(
      enter,
      (fault) => setWho(fault instanceof Refusal && fault.status === 401 ? { state: 'nobody' } : { state: 'unknown', fault: reason(fault) }),
    );
  };
  useEffect(() => {
    const deaf = onSignedOut(() => setWho({ state: 'nobody' }));
    look();
    const leave = followIdentity(() => known.current, enter);
    return () => {
      deaf();
      leave();
    };
  }, []);
  const isSigningIn = route.path[0] === 'sign-in';
  useEffect(() => {
    if (who.state === 'known' && !isSigningIn) rememberView(who.me);
  }, [who, route]);
  const leave = () => {
    const gone = () => {
      forgetDrafts();
      sessionStorage.removeItem(VIEW);
      announceIdentity();
      setWho({ state: 'nobody' });
    };
    // Where the session has ended already there is nothing left to end.
    remove('/v1/console/session').then(gone, (fault) => (fault instanceof Refusal && fault.status === 401 ? gone() : complain(fault)));
  };
  if (who.state === 'asking') return <main><Skeleton /></main>;
  if (who.state === 'unknown') return <main><Fault text={who.fault} again={look} /></main>;
  const code = isSigningIn ? route.path[1] ?? '' : '';
  if (who.state === 'nobody' || code !== '') {
    return <SignIn code={code} now={who.state === 'known' ? who.me : null} done={(me) => {
      announceIdentity();
      const view = viewOf(me);
      if (isSigningIn && view !== undefined) replaceHash(view);
      else if (isSigningIn || !me.teams.includes(route.path[0] ?? '')) replaceRoute([me.teams[0] ?? '', 'inbox']);
      enter(me);
    }} />;
  }
  return <Signed me={who.me} route={route} leave={leave} />;
}

render(<Boundary><App /></Boundary>, document.getElementById('app')!);
