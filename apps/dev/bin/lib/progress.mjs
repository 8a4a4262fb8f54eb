/**
 * Says what is going on: one line that is rewritten on a terminal, one line per step elsewhere.
 *
 * @param {NodeJS.WriteStream} stream
 * @returns {import('./progress.mjs').Progress}
 */
export function createProgress(stream) {
  const rewrites = Boolean(stream.isTTY);
  let text = '';
  let since = 0;
  let timer;

  const draw = () => {
    const seconds = Math.floor((Date.now() - since) / 1000);
    const line = `${text} …${seconds > 0 ? ` ${seconds} s` : ''}`;
    stream.write(`\r\x1b[2K${line.slice(0, (stream.columns || 80) - 1)}`);
  };
  const end = () => {
    clearInterval(timer);
    if (rewrites && text !== '') stream.write('\r\x1b[2K');
    text = '';
  };

  return {
    step(next) {
      if (next === text) return;
      text = next;
      since = Date.now();
      if (!rewrites) {
        stream.write(`${text} …\n`);
        return;
      }
      clearInterval(timer);
      timer = setInterval(draw, 1000);
      timer.unref();
      draw();
    },
    end,
  };
}
