// What the API sends, as far as the console reads it: host/api/openapi.json.
export type Severity = 'critical' | 'high' | 'medium' | 'low' | 'info';
export type Category = 'security_alert' | 'system_notification' | 'system_error';
export type Role = 'member' | 'admin' | 'operator' | 'service';
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export interface Me { name: string; user: string; role: Role; teams: string[]; permissions: string[]; expires: string | null }

export interface Item {
  id: string;
  key: string;
  type?: string;
  category: Category;
  severity: Severity;
  source?: string;
  title: string;
  summary?: string;
  link?: string;
  time: string | null;
  created: string;
  seen_at: string | null;
  read_at: string | null;
  archived_at: string | null;
}
export interface Counts { total: number; unread: number; unseen: number }
export interface InboxPage { items: Item[]; next: string | null }
export interface Marked { changed: number; unknown: string[]; counts: Counts }
export interface InboxChange { action: string; items?: string[]; up_to?: string; at: string }

export interface ChannelStatus {
  state: 'ready' | 'paused' | 'backing_off' | 'disabled' | 'unavailable';
  reason: string;
  in_flight: number;
  queued: number;
  backlog: number;
  last_success?: string;
  last_failure?: string;
  last_failure_reason?: string;
  resumes?: string;
}
export type Digest = string | { daily: string; zone?: string };
export interface Quiet { from: string; to: string; zone?: string; days?: string[]; bypass?: Severity[] }
export interface Channel {
  name: string;
  type: string;
  settings?: JsonObject;
  events?: string[];
  default?: boolean;
  paused?: boolean;
  retry?: string[];
  digest?: Digest;
  quiet?: Quiet[];
  provisioned: boolean;
  problem?: string;
  status?: ChannelStatus;
}
export interface ChannelType { type: string; name: string; summary: string; version: string; connection_test: boolean; settings_schema: Schema }
export interface EventType { name: string; summary: string; category: Category; default_severity?: Severity }

// The part of JSON Schema that a plugin may use.
export interface Schema {
  type: 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'object';
  title?: string;
  description?: string;
  enum?: (string | number)[];
  default?: Json;
  format?: string;
  pattern?: string;
  writeOnly?: boolean;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  items?: Schema;
  required?: string[];
  properties?: { [name: string]: Schema };
  additionalProperties?: boolean | Schema;
}

export interface Matchers {
  category?: Category;
  severities?: Severity[];
  sources?: string[];
  events?: string[];
  labels?: { [name: string]: string };
}
export interface Rule extends Matchers { name: string; channels: string[]; stop?: boolean; provisioned: boolean; problem?: string }
export interface DefaultAlert { event: string; from?: Severity }
export interface DefaultAlerts { alerts: DefaultAlert[]; origin: string }
export interface Silence extends Matchers {
  name: string;
  from?: string;
  until: string;
  channels?: string[];
  reason?: string;
  author?: string;
  provisioned?: boolean;
}

export type DeliveryState = 'pending' | 'sending' | 'scheduled' | 'delivered' | 'accepted' | 'failed' | 'cancelled';
export interface Attempt {
  number: number;
  started: string;
  duration_ms: number;
  outcome: string;
  code: string;
  detail?: string;
  http_status?: number;
  remote_address?: string;
  response?: string;
  digest?: { id: string; events: number };
}
export interface Delivery {
  id: string;
  event: string;
  event_type: string;
  severity: Severity;
  channel: string;
  channel_type: string;
  state: DeliveryState;
  tries: number;
  due?: string;
  finished?: string;
  reason?: string;
  waits_for?: string;
  attempts?: Attempt[];
}
export interface Event {
  id: string;
  team: string;
  type: string;
  category: Category;
  severity: Severity;
  source?: string;
  time: string;
  title: string;
  summary?: string;
  link?: string;
  labels?: { [name: string]: string };
  data: JsonObject;
  received: string;
  state: 'matched' | 'unmatched';
  deliveries: Delivery[];
}
export interface Finding { kind: string; name: string; matched: boolean; reason: string; channels: string[] }
export interface Explanation { findings: Finding[]; channels: string[] }
export interface TestReport { result: 'delivered' | 'accepted' | 'connected' | 'failed' | 'waiting'; message: string; delivery?: string; attempt?: Attempt }
export interface Act { at: string; team?: string; actor: string; role: string; origin: string; act: string; object: string; detail: string }
export interface Token {
  name: string;
  role: Role;
  teams: string[];
  user?: string;
  created?: string;
  created_by?: string;
  expires?: string;
  last_used?: string;
  revoked?: string;
  provisioned: boolean;
}
export interface MadeToken extends Token { token: string }
export interface PluginState { path: string; loaded: boolean; problem: string; sdk: string; sha256: string; types: string[] }
export interface Keys {
  keys: { id: string; active: boolean; usable: boolean; fault?: string; secrets: number }[];
  rotation: { running: boolean; done: number; failed: number; left: number; problem?: string; unopened: { team: string; channel: string; pointer: string; reason: string }[] };
}
export interface Overview {
  from: string;
  complete: boolean;
  events: number[];
  delivered: number[];
  failed: number[];
  channels: { name: string; delivered: number; failed: number; due_since?: string }[];
  time_to_deliver_ms?: { p50: number; p95: number };
}
export interface RulePreview {
  since: string;
  looked_at: number;
  matched: number;
  changed: number;
  unsent: number;
  also: { channel: string; events: number }[];
  events: { id: string; type: string; severity: Severity; title: string; received: string; source?: string }[];
  next: string | null;
}
export interface FieldError { pointer: string; message: string }

export const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
export const CATEGORIES: Category[] = ['security_alert', 'system_notification', 'system_error'];
export const STATES: DeliveryState[] = ['pending', 'sending', 'scheduled', 'delivered', 'accepted', 'failed', 'cancelled'];
// What a stored secret reads as; sent back it keeps what is stored.
export const MASK = '••••';
