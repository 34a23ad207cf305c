// The address behind the '#': #/demo/deliveries/dlv_1?state=failed. Every view has one, so that it can be reloaded,
// sent to somebody and gone back to.
import { useEffect, useState } from 'preact/hooks';

export interface Route { path: string[]; query: Record<string, string> }

export function readRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const decode = (part: string) => {
    try {
      return decodeURIComponent(part);
    } catch {
      return part;
    }
  };
  return { path: path.split('/').filter(Boolean).map(decode), query: Object.fromEntries(new URLSearchParams(query)) };
}

export function href(path: string[], query: Record<string, string | undefined> = {}) {
  const set = Object.entries(query).filter((each): each is [string, string] => Boolean(each[1]));
  return `#/${path.map(encodeURIComponent).join('/')}${set.length ? `?${new URLSearchParams(set)}` : ''}`;
}

export const go = (path: string[], query?: Record<string, string | undefined>) => {
  location.hash = href(path, query);
};

// Another address for the same view: no step to go back to.
export const replaceRoute = (path: string[], query?: Record<string, string | undefined>) => replaceHash(href(path, query));
export function replaceHash(hash: string) {
  history.replaceState(null, '', hash);
  dispatchEvent(new HashChangeEvent('hashchange'));
}

export function useRoute(): Route {
  const [route, setRoute] = useState(() => readRoute(location.hash));
  useEffect(() => {
    const follow = () => setRoute(readRoute(location.hash));
    addEventListener('hashchange', follow);
    return () => removeEventListener('hashchange', follow);
  }, []);
  return route;
}
