// Imported before anything else and kept to syntax that old versions of Node can read, so that they answer
// with a sentence instead of a syntax error.

/** Ends the process unless it runs on the given major version of Node or a newer one. */
export function requireNode(major) {
  const running = process.versions.node;
  if (Number(running.split('.')[0]) >= major) return;
  process.stderr.write(`Manycast needs Node ${major} or newer; this is Node ${running}.\n`);
  process.exit(69);
}
