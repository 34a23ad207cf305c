// The pictures of docs/console.md, from what the console's tests have left in the build folder: run them, then this, then
// look at what has changed: `node tests/e2e/pictures.mjs`.
import fs from 'node:fs';
import path from 'node:path';
import { SCREENSHOTS } from './browser.mjs';

const PICTURES = {
  element: 'element-open', integrations: 'integrations-light', notifications: 'notifications', overview: 'overview', delivery: 'journey-webhook-delivery', rule: 'journey-rule-preview',
};
const folder = new URL('../../docs/images/', import.meta.url).pathname;
fs.mkdirSync(folder, { recursive: true });
for (const [name, from] of Object.entries(PICTURES)) fs.copyFileSync(path.join(SCREENSHOTS, `${from}.png`), path.join(folder, `${name}.png`));
