// <tocsin-inbox>: the notification centre as one element for other pages. Who asks is the daemon's session cookie, or a
// token that the page gives: as the property `token`, a text or a function that gives one. See docs/console.md.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connectTo, get, onSignedOut, reason } from '../api';
import { t } from '../text';
import type { Me } from '../types';
import { Bell, BellIcon, type Toggle } from './bell';
import css from './element.css?inline';

type Token = string | (() => string | Promise<string>);
const RETRY_MS = 5_000;

function Element({ host, team, hold }: { host: TocsinInbox; team: string | null; hold: (toggle: Toggle) => void }) {
  const [me, setMe] = useState<Me>();
  const [fault, setFault] = useState<string>();
  useEffect(() => {
    let later = 0;
    let isOut = false;
    const look = () => {
      get<Me>('/v1/console/me').then(setMe, (failed) => {
        if (isOut) return;
        setFault(reason(failed));
        later = window.setTimeout(look, RETRY_MS);
      });
    };
    // Nobody is signed in (any more). The page knows when that changes, and says so by connect().
    const deaf = onSignedOut(() => {
      if (isOut) return;
      isOut = true;
      setMe(undefined);
      setFault(t.element.signedOut);
      host.dispatchEvent(new CustomEvent('tocsin-signed-out', { bubbles: true }));
    });
    look();
    return () => {
      clearTimeout(later);
      deaf();
    };
  }, []);
  const shown = me && (team ?? me.teams[0]);
  if (me && shown) return <Bell key={shown} me={me} team={shown} host={host} hold={hold} />;
  // Quiet until it is known who looks; a bell that does nothing would promise something.
  return fault === undefined ? null : <button type="button" class="bell lost" disabled aria-label={`${t.inbox.title}: ${fault}`} title={fault}><BellIcon /></button>;
}

class TocsinInbox extends HTMLElement {
  static observedAttributes = ['team', 'base'];
  // All of a page are of one person and ask at one place: what one of them is given counts for all.
  static #all = new Set<TocsinInbox>();
  static #token: Token | undefined;
  #toggle: Toggle | undefined;
  #round = 0;

  // In front of every path: where a proxy has the daemon below a folder.
  get base() { return (this.getAttribute('base') ?? '').replace(/\/$/, ''); }
  get token(): Token | undefined { return TocsinInbox.#token; }
  set token(token: Token | undefined) {
    TocsinInbox.#token = token;
    for (const each of TocsinInbox.#all) each.connect();
  }
  open() { this.#toggle?.open(); }
  close() { this.#toggle?.close(); }
  // Begins anew: with another token, or after somebody signed in.
  connect() {
    if (!this.isConnected) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: 'open' });
    if (root.adoptedStyleSheets.length === 0) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      root.adoptedStyleSheets = [sheet];
    }
    const token = TocsinInbox.#token;
    connectTo({ base: this.base, token: token === undefined ? undefined : typeof token === 'string' ? () => token : token });
    render(<Element key={++this.#round} host={this} team={this.getAttribute('team')} hold={(toggle) => { this.#toggle = toggle; }} />, root);
  }
  connectedCallback() {
    TocsinInbox.#all.add(this);
    // Set before this script had run, it is a plain property that hides ours.
    if (Object.hasOwn(this, 'token')) {
      const token = this.token;
      delete (this as { token?: Token }).token;
      this.token = token;
    } else this.connect();
  }
  attributeChangedCallback(_name: string, old: string | null, now: string | null) { if (this.shadowRoot && old !== now) this.connect(); }
  disconnectedCallback() {
    TocsinInbox.#all.delete(this);
    if (this.shadowRoot) render(null, this.shadowRoot);
  }
}

if (!customElements.get('tocsin-inbox')) customElements.define('tocsin-inbox', TocsinInbox);
