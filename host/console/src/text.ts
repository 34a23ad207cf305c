// The words as the pages name them: t.inbox.title.
export * as t from './words';
