// Asks the daemon. A refusal is an exception with the daemon's own words; who is not signed in any more is told once,
// by `onSignedOut`.
import { t } from './text';
import type { FieldError } from './types';

export class Refusal extends Error {
  constructor(readonly status: number, message: string, readonly errors: FieldError[] = []) {
    super(message);
  }
}

// Where the daemon is and who asks: here with the cookie, but where a page that embeds us says otherwise.
export interface Connection {
  base: string; // in front of every path
  token?: (() => string | Promise<string>) | undefined; // asked again after a 401
}
let connection: Connection = { base: '' };
export const connectTo = (next: Connection) => { connection = next; };
export const hasToken = () => connection.token !== undefined;
export const address = (path: string) => connection.base + path;

// The page that embeds us gives it, and may fail to: no fault of the server.
async function tokenOf(give: () => string | Promise<string>) {
  try {
    return await give();
  } catch {
    throw new Refusal(0, t.errors.noToken);
  }
}

// The answer, whatever it is; throws where there is none.
export async function send(path: string, options: RequestInit = {}): Promise<Response> {
  const headers = new Headers(options.headers);
  const once = async () => {
    if (connection.token) headers.set('Authorization', `Bearer ${await tokenOf(connection.token)}`);
    return fetch(address(path), { ...options, headers });
  };
  const response = await once();
  return response.status === 401 && connection.token ? once() : response;
}

const listeners = new Set<() => void>();
const signedOut = () => listeners.forEach((tell) => tell());
// Until the function that it gives is called.
export function onSignedOut(tell: () => void) {
  listeners.add(tell);
  return () => { listeners.delete(tell); };
}

// Asked before anything is changed; throws where this page must not.
let beforeChange = async () => {};
export function beforeChanges(check: () => Promise<void>) {
  beforeChange = check;
}
const SESSION = '/v1/console/session';

export interface Answer<T> { body: T; etag: string | null }

export async function ask<T>(method: string, path: string, body?: unknown, etag?: string | null): Promise<Answer<T>> {
  if (method !== 'GET' && path !== SESSION) await beforeChange();
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (etag) headers['If-Match'] = etag;
  let response: Response;
  let text: string;
  try {
    response = await send(path, { method, headers, body: body === undefined ? null : JSON.stringify(body) });
    text = await response.text();
  } catch (fault) {
    throw fault instanceof Refusal ? fault : new Refusal(0, t.errors.unreachable);
  }
  let parsed: any = null;
  let isOurs = text === '' && response.status === 204;
  try {
    parsed = JSON.parse(text);
    isOurs = true;
  } catch {
    // said below
  }
  // A proxy's page of signing in, for one, has 200 too.
  if (response.ok && !isOurs) throw new Refusal(response.status, t.errors.notOurs(response.status));
  if (response.ok) return { body: parsed as T, etag: response.headers.get('ETag') };
  if (response.status === 401 && path !== SESSION) signedOut();
  throw new Refusal(response.status, parsed?.detail ?? t.errors.strange(response.status), parsed?.errors ?? []);
}

export const get = async <T>(path: string) => (await ask<T>('GET', path)).body;
export const post = async <T>(path: string, body: unknown = {}) => (await ask<T>('POST', path, body)).body;
export const remove = async <T>(path: string) => (await ask<T>('DELETE', path)).body;

// "/v1/teams/demo/channels/x": every part but the first is escaped.
export const inTeam = (team: string, ...parts: string[]) => `/v1/teams/${[team, ...parts].map(encodeURIComponent).join('/')}`;

export function withQuery(path: string, query: Record<string, string | undefined>) {
  const set = Object.entries(query).filter((each): each is [string, string] => Boolean(each[1]));
  return set.length === 0 ? path : `${path}?${new URLSearchParams(set)}`;
}

export const reason = (fault: unknown) => (fault instanceof Error ? fault.message : String(fault));
