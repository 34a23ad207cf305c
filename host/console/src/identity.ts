// Who is signed in in this browser. All its tabs share one cookie, so another tab can change that: then no tab may go on
// showing, or changing, what is somebody else's.
import { beforeChanges, get, Refusal } from './api';
import { t } from './text';
import type { Me } from './types';

const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('tocsin-identity');

// Told to the other tabs: somebody has signed in or out here.
export const announceIdentity = () => tabs?.postMessage('changed');

// `known`: who this tab takes itself for; nobody: undefined. `tell`: the same person, perhaps with other permissions.
export function followIdentity(known: () => Me | undefined, tell: (me: Me) => void): () => void {
  let isStale = false;
  const look = async () => {
    const before = known();
    const me = await get<Me>('/v1/console/me');
    isStale = false;
    if (before === undefined || me.user === before.user) return tell(me);
    // Everything that this page holds is somebody else's.
    location.reload();
    throw new Refusal(0, t.errors.somebodyElse);
  };
  const lookQuietly = () => void look().catch(() => {}); // a 401 is told by itself; unreachable: the next change looks again
  const hide = () => { isStale = true; };
  const show = () => {
    if (document.visibilityState === 'hidden') return hide();
    if (isStale && known() !== undefined) lookQuietly();
  };
  // Also as nobody: what this tab asked with the session that has just ended may have made it that.
  const hear = () => {
    isStale = true;
    lookQuietly();
  };
  beforeChanges(async () => { if (isStale && known() !== undefined) await look(); });
  addEventListener('blur', hide);
  addEventListener('focus', show);
  document.addEventListener('visibilitychange', show);
  tabs?.addEventListener('message', hear);
  return () => {
    removeEventListener('blur', hide);
    removeEventListener('focus', show);
    document.removeEventListener('visibilitychange', show);
    tabs?.removeEventListener('message', hear);
  };
}
