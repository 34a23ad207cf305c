// <tocsin-inbox>: the notification centre as one element for other pages. Who asks is the daemon's session cookie, or a
// token that the page gives: as the property `token`, a text or a function that gives one. See docs/console.md.
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { connectTo, get, onSignedOut, reason, Refusal } from '../api';
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
    const look = () => {
      get<Me>('/v1/console/me').then(setMe, (failed) => {
        const isNobody = failed instanceof Refusal && failed.status === 401;
        setFault(isNobody ? t.element.signedOut : reason(failed));
        // Nobody is signed in: the page knows when that changes, and says so by connect().
        if (isNobody) host.dispatchEvent(new CustomEvent('tocsin-signed-out', { bubbles: true }));
        else later = window.setTimeout(look, RETRY_MS);
      });
    };
    onSignedOut(() => {
      setMe(undefined);
      setFault(t.element.signedOut);
    });
    look();
    return () => clearTimeout(later);
  }, []);
  const shown = me && (team ?? me.teams[0]);
  if (me && shown) return <Bell key={shown} me={me} team={shown} host={host} hold={hold} />;
  // Quiet until it is known who looks; a bell that does nothing would promise something.
  return fault === undefined ? null : <button type="button" class="bell lost" disabled aria-label={`${t.inbox.title}: ${fault}`} title={fault}><BellIcon /></button>;
}

class TocsinInbox extends HTMLElement {
  static observedAttributes = ['team', 'base'];
  #token: Token | undefined;
  #toggle: Toggle | undefined;
  #round = 0;

  // In front of every path: where a proxy has the daemon below a folder.
  get base() { return (this.getAttribute('base') ?? '').replace(/\/$/, ''); }
  get token(): Token | undefined { return this.#token; }
  set token(token: Token | undefined) {
    this.#token = token;
    this.connect();
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
    const token = this.#token;
    connectTo({ base: this.base, token: token === undefined ? undefined : typeof token === 'string' ? () => token : token });
    render(<Element key={++this.#round} host={this} team={this.getAttribute('team')} hold={(toggle) => { this.#toggle = toggle; }} />, root);
  }
  connectedCallback() { this.connect(); }
  attributeChangedCallback(_name: string, old: string | null, now: string | null) { if (this.shadowRoot && old !== now) this.connect(); }
  disconnectedCallback() { if (this.shadowRoot) render(null, this.shadowRoot); }
}

if (!customElements.get('tocsin-inbox')) customElements.define('tocsin-inbox', TocsinInbox);
