// Bundles the console into functions/console/files: names by content, compressed beforehand (br, gzip).
// node build.mjs [folder]; needs the packages of package-lock.json. Started by tools/build_console.py.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { build, transformSync } from 'esbuild';
import { parse } from 'yaml';
import { layout } from './procedures.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
const out = resolve(here, process.argv[2] ?? '../functions/console/files');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const files = {};
const hashed = (name, bytes) => name.replace(/(\.\w+)$/, `.${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}$1`);
function keep(name, type, content, { byContent = true } = {}) {
  const bytes = Buffer.from(content);
  const kept = byContent ? hashed(name, bytes) : name;
  const br = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
  for (const [end, data] of [['', bytes], ['.br', br], ['.gz', gzipSync(bytes, { level: 9 })]]) writeFileSync(join(out, kept + end), data);
  files[kept] = { type, forever: byContent };
  return `/console/${kept}`;
}

const machines = resolve(here, '../statemachine');
const drawn = Object.fromEntries(
  readdirSync(machines).filter((file) => /^(crisis|case_\d|response|publication|freeze)\.asl\.yaml$/.test(file)).sort()
    .map((file) => [file.split('.')[0], layout(parse(readFileSync(join(machines, file), 'utf8')))]),
);
const procedures = keep('procedures.json', 'application/json', JSON.stringify(drawn));
const icon = keep('icon.svg', 'image/svg+xml', readFileSync(join(here, 'icon.svg')));
const manifest = keep('manifest.webmanifest', 'application/manifest+json', JSON.stringify({
  name: 'sangfroid', short_name: 'sangfroid', start_url: '/', display: 'standalone', background_color: '#f6f8f9', theme_color: '#0b5a70',
  icons: [{ src: icon, sizes: 'any', type: 'image/svg+xml', purpose: 'any maskable' }],
  share_target: { action: '/', method: 'GET', params: { title: 'title', text: 'text', url: 'url' } },
}));

const style = keep('console.css', 'text/css; charset=utf-8',
  transformSync(readFileSync(join(here, 'style.css'), 'utf8'), { loader: 'css', minify: true, target: 'es2022' }).code);
const bundled = await build({
  entryPoints: [join(here, 'src/main.js')], bundle: true, minify: true, format: 'esm', target: 'es2022', write: false, legalComments: 'none',
  charset: 'utf8', define: { PROCEDURES: JSON.stringify(procedures), MANIFEST: JSON.stringify(manifest), ICON: JSON.stringify(icon) }, logLevel: 'warning',
});
const script = keep('console.js', 'text/javascript; charset=utf-8', bundled.outputFiles[0].contents);

const page = readFileSync(join(here, 'index.html'), 'utf8').replace('{{script}}', script).replace('{{style}}', style)
  .replace('{{manifest}}', manifest).replace('{{icon}}', icon);
writeFileSync(join(out, 'index.html'), page);
writeFileSync(join(out, 'files.json'), JSON.stringify(files));
const size = (url) => readFileSync(join(out, url.split('/').pop() + '.br')).length;
console.error(`console: script ${size(script)} bytes, style ${size(style)} bytes (br)`);
