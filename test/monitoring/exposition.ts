/** A metric as a process shows it. */
export interface ShownMetric {
  type: string;
  help: string;
  labels: Set<string>;
  series: number;
}

const sampleLine = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+$/;
const labelName = /(?:^|,)(\w+)="(?:[^"\\]|\\.)*"/g;

/** Reads the text of a /metrics. The series of a histogram are named as they are asked for: `…_bucket`, `…_count`. */
export function readExposition(text: string): Map<string, ShownMetric> {
  const shown = new Map<string, ShownMetric>();
  let [help, type] = ['', ''];
  for (const line of text.split('\n')) {
    if (line.startsWith('# HELP ')) help = line.slice(7);
    else if (line.startsWith('# TYPE ')) {
      const [, name = '', of = ''] = line.match(/^# TYPE (\S+) (\S+)/) ?? [];
      type = of;
      help = help.slice(name.length + 1);
      for (const each of namesOf(name, type)) shown.set(each, { type, help, labels: new Set(), series: 0 });
    } else {
      const [, name = '', labels = ''] = line.match(sampleLine) ?? [];
      const metric = shown.get(name);
      if (!metric) continue;
      metric.series += 1;
      for (const [, label = ''] of labels.matchAll(labelName)) metric.labels.add(label);
    }
  }
  return shown;
}

function namesOf(name: string, type: string): string[] {
  if (type === 'histogram') return ['_bucket', '_sum', '_count'].map(end => `${name}${end}`);
  if (type === 'summary') return ['', '_sum', '_count'].map(end => `${name}${end}`);
  return [name];
}
