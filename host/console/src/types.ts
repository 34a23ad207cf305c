// What the API sends. The types are made from host/api/openapi.json when the console is built; here they get the names
// that the pages use, and what the description leaves open (settings, schemas) gets its shape.
import type { components } from '../generated/schema';

type Schemas = components['schemas'];

export type Severity = Schemas['Severity'];
export type Category = Schemas['Category'];
export type Role = Schemas['Role'];
export type Scope = Schemas['Scope'];
export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
export type JsonObject = { [name: string]: Json };

export type Me = Schemas['Me'];

export type Item = Schemas['InboxItem'];
export type Counts = Schemas['InboxCounts'];
export type InboxPage = Schemas['InboxPage'];
export type Marked = Schemas['InboxMarked'];
// An event of the stream, which OpenAPI has no words for.
export interface InboxChange { action: string; items?: string[]; up_to?: string; at: string }

export type ChannelStatus = Schemas['ChannelStatus'];
export type Channel = Omit<Schemas['ListedChannel'], 'settings' | 'type'> & { type: string; settings?: JsonObject };
export type Digest = NonNullable<Channel['digest']>;
export type Quiet = NonNullable<Channel['quiet']>[number];
export type ChannelType = Omit<Schemas['ChannelType'], 'settings_schema'> & { settings_schema: Schema };
export type EventType = Schemas['EventType'];

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

// What events a rule or a silence is about.
export type Matchers = Pick<Schemas['RuleBody'], 'category' | 'severities' | 'sources' | 'events' | 'labels'>;
export type Rule = Omit<Schemas['Rule'], 'channels'> & { channels: string[] };
export type DefaultAlerts = Schemas['DefaultAlerts'];
export type DefaultAlert = DefaultAlerts['alerts'][number];
export type Silence = Omit<Schemas['Silence'], 'until' | 'provisioned'> & { until: string; provisioned?: boolean };

export type DeliveryState = Schemas['DeliveryState'];
export type Attempt = Schemas['Attempt'];
// As a list has it, or whole.
export type Delivery = Schemas['Delivery'] & Partial<Pick<Schemas['DeliveryWithAttempts'], 'attempts' | 'waits_for'>>;
export type Event = Omit<Schemas['Event'], 'data'> & { data: JsonObject };
export type ListedEvent = Schemas['ListedEvent'];
export type Explanation = Pick<Schemas['Explanation'], 'findings' | 'channels'>;
export type Finding = Explanation['findings'][number];
export type TestReport = Schemas['TestReport'];
export type Act = Schemas['AuditPage']['acts'][number];
export type Token = Schemas['Token'];
export type MadeToken = Schemas['MadeToken'];
export type PluginState = Schemas['Plugin'];
export type Keys = Schemas['Keys'];
export type Overview = Schemas['Overview'];
export type RulePreview = Schemas['RulePreview'];
export type FieldError = NonNullable<Schemas['Problem']['errors']>[number];

export const SEVERITIES: Severity[] = ['critical', 'high', 'medium', 'low', 'info'];
export const CATEGORIES: Category[] = ['security_alert', 'system_notification', 'system_error'];
export const STATES: DeliveryState[] = ['pending', 'sending', 'scheduled', 'delivered', 'accepted', 'failed', 'cancelled'];
// What a stored secret reads as; sent back it keeps what is stored.
export const MASK = '••••';
