import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';

/** What a page has to load for it, minified and compressed; unit: bytes. */
const budgetBytes = 9 * 1024;
const door = fileURLToPath(new URL('index.ts', import.meta.url));

async function bundle(entry: string) {
  const build = await rolldown({
    input: 'entry.js',
    resolve: { conditionNames: ['source', 'import'], extensionAlias: { '.js': ['.ts', '.js'] } },
    plugins: [
      {
        name: 'entry',
        resolveId: id => (id === 'entry.js' ? id : undefined),
        load: id => (id === 'entry.js' ? entry : undefined),
      },
    ],
  });
  const { output } = await build.generate({ minify: true });
  await build.close();
  const [chunk] = output;
  return { code: chunk.code, modules: chunk.moduleIds, gzipBytes: gzipSync(chunk.code, { level: 9 }).length };
}

describe('the bundle of a page', () => {
  it('stays within its budget, and has no schemas in it', async () => {
    const { code, modules, gzipBytes } = await bundle(`export * from ${JSON.stringify(door)}`);
    process.stdout.write(`the SDK, minified: ${code.length} bytes, compressed: ${gzipBytes} bytes\n`);
    expect(gzipBytes).toBeLessThan(budgetBytes);
    expect(modules.filter(id => id.includes('node_modules'))).toEqual([]);
  });

  it('has nothing of a session in it for a page that only reads errors', async () => {
    const { code } = await bundle(`export { SessionError } from ${JSON.stringify(door)}`);
    expect(code).not.toContain('onicecandidate');
  });

  it('touches nothing of a browser before it is used', async () => {
    const { code } = await bundle(`export * from ${JSON.stringify(door)}`);
    const loaded = await import(`data:text/javascript,${encodeURIComponent(code)}`);
    expect(typeof loaded.connect).toBe('function');
    expect(typeof loaded.openSession).toBe('function');
  });
});
