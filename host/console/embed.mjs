// Builds the pages and writes them, plain and compressed, as a C++ source: `node embed.mjs FOLDER FILE.cpp`.
import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const [folder, output] = process.argv.slice(2);
await build({ logLevel: 'warn', build: { outDir: folder, emptyOutDir: true } });
// One file with everything in it, of a name that stays: for the pages of others.
await build({
  logLevel: 'warn',
  build: { outDir: folder, emptyOutDir: false, lib: { entry: 'src/element/element.tsx', formats: ['iife'], name: 'tocsinInbox', fileName: () => 'tocsin-inbox.js' } },
});

const names = fs.readdirSync(folder, { recursive: true }).map(String)
  .filter((name) => fs.statSync(path.join(folder, name)).isFile()).sort();

// Bytes as one array: a string literal has a shortest longest length.
const array = (name, bytes) => `constexpr unsigned char ${name}[] = {${[...bytes].join(',')}};`;
const arrays = [];
const entries = [];
names.forEach((name, i) => {
  const plain = fs.readFileSync(path.join(folder, name));
  const type = TYPES[path.extname(name)];
  if (type === undefined) throw new Error(`${name}: embed.mjs does not know its media type`);
  arrays.push(array(`kPlain${i}`, plain), array(`kGzip${i}`, gzipSync(plain, { level: 9 })));
  entries.push(`    {"${name}", "${type}", text(kPlain${i}), text(kGzip${i})},`);
});

fs.writeFileSync(output, `// Written by host/console/embed.mjs.
#include "console/assets.hpp"

namespace tocsin::console {
namespace {

${arrays.join('\n')}

template <std::size_t N>
std::string_view text(const unsigned char (&bytes)[N]) {
  return {reinterpret_cast<const char*>(bytes), N};
}

}  // namespace

std::span<const Asset> assets() {
  static const Asset kAssets[] = {
${entries.join('\n')}
  };
  return kAssets;
}

}  // namespace tocsin::console
`);
