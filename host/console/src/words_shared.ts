// The words that more than one page says, and those of the notification centre, which pages of others show as well.
import type { Category, DeliveryState, Severity } from './types';

export const plural = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;

export const locale = { words: 'en', times: 'en-GB' };
export const product = 'tocsin';
export const errors = {
  unreachable: 'The server does not answer. Try again in a moment.',
  noToken: 'This page could not sign you in to the notifications.',
  strange: (status: number) => `The server answered with ${status} and nothing more.`,
  notOurs: (status: number) => `Something else than tocsin answered, with ${status}. Is there a proxy that asks for a sign-in?`,
  somebodyElse: 'Somebody else has signed in in this browser. Nothing was changed.',
  marked: 'Check the marked fields:',
  crashed: 'This page has stopped working',
  crashedWhy: 'What you had typed into a form here may be the reason. Nothing was saved or sent.',
  discardDrafts: 'Discard what was typed',
  reload: 'Reload',
  notYourTeam: (team: string) => `You are not in the team ${team}`,
  notYourTeamWhy: 'There may be no such team, or you may not see it. Ask an operator for a link into it.',
  title: 'That did not work',
  again: 'Try again',
  nowhere: 'There is no such page',
  home: 'Go to the notifications',
  notYoursTitle: 'Not for your role',
  notYours: 'Your role may not see this page. Ask an operator for another link.',
};
export const common = {
  loading: 'Loading',
  save: 'Save',
  cancel: 'Cancel',
  remove: 'Delete',
  removeRow: (what: string) => `Remove ${what}`,
  add: 'Add',
  create: 'Create',
  undo: 'Undo',
  dismiss: 'Dismiss',
  close: 'Close',
  yesRemove: 'Yes, delete it',
  keep: 'Keep it',
  older: 'Show older',
  any: 'Any',
  optional: 'optional',
  provisioned: 'From the configuration file',
  provisionedWhy: 'This is kept in the configuration file and changed there.',
  saved: 'Saved.',
  reload: 'Reload',
  id: 'ID',
  name: 'Name',
  nameHelp: '1 to 63 of a-z, 0-9 and -. Cannot be changed later.',
  onePerLine: 'One per line.',
  key: 'Name',
  value: 'Value',
  now: 'just now',
  notSince: (time: string) => `Not updated since ${time}.`,
  copy: 'Copy',
  copied: 'Copied.',
  notCopied: 'The browser does not let this page copy. Select the text instead.',
  copyCurl: 'Copy as curl',
  draft: 'What you had typed here is back; it is not saved yet. Secrets have to be typed again.',
  discard: 'Discard it',
};
export const severity = { critical: 'Critical', high: 'High', medium: 'Medium', low: 'Low', info: 'Info' } satisfies Record<Severity, string>;
export const category = {
  security_alert: 'Security alert',
  system_notification: 'System notification',
  system_error: 'System error',
} satisfies Record<Category, string>;
export const deliveryState = {
  pending: 'Pending',
  sending: 'Sending',
  scheduled: 'Scheduled',
  delivered: 'Delivered',
  accepted: 'Accepted',
  failed: 'Failed',
  cancelled: 'Cancelled',
} satisfies Record<DeliveryState, string>;
export const deliveryMeans = {
  pending: 'It waits for its turn.',
  sending: 'An attempt is under way.',
  scheduled: 'It was tried and is tried again.',
  delivered: 'The receiver confirmed it.',
  accepted: 'The platform took it, and does not say whether it was shown.',
  failed: 'It was not delivered, and is not tried again.',
  cancelled: 'It is not sent.',
} satisfies Record<DeliveryState, string>;
export const channelState = {
  ready: 'Ready',
  paused: 'Paused',
  backing_off: 'Backing off',
  disabled: 'Disabled',
  unavailable: 'Unavailable',
};
export const filters = { severity: 'Severity', category: 'Category', channel: 'Channel', state: 'State', type: 'Event type', label: 'Filters' };
export const inbox = {
  title: 'Notifications',
  list: 'Notifications, newest first',
  views: { current: 'Inbox', unread: 'Unread', archived: 'Archived' },
  read: 'Mark as read',
  unread: 'Mark as unread',
  archive: 'Archive',
  unarchive: 'Move to the inbox',
  readAll: 'Mark all as read',
  readThese: 'Mark these as read',
  archived: 'Archived.',
  archivedMany: (n: number) => `${n} archived.`,
  whole: 'Show all of it',
  less: 'Show less',
  markedRead: (n: number) => `${plural(n, 'notification', 'notifications')} marked as read.`,
  isUnread: 'Unread',
  open: (host: string) => `Open ${host}`,
  delivery: 'Delivery',
  empty: { current: 'Nothing here. New alerts appear by themselves.', unread: 'You have read everything.', archived: 'Nothing is archived.' },
  filtered: 'No notifications match these filters.',
  offline: 'Not connected: this list may be out of date. Trying again.',
  arrived: (n: number, worst: Severity) => `${plural(n, 'new notification', 'new notifications')}, the most severe is ${worst}`,
  newest: 'Back to the newest',
  keys: 'Keys in the list: j and k move, Enter opens, e archives, u marks as read or unread.',
};
export const element = {
  signedOut: 'You are not signed in.',
};
