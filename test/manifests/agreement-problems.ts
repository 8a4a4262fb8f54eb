import type { AppConfig } from './app-settings.js';

/** What every node and every controller of a cluster must have the same; who has no such setting does not count. */
const shared = [
  ...(['redisUrl', 'redisPrefix', 'mediaServers'] as const),
  ...(['presenterGraceMs', 'viewerGraceMs', 'tokenSecret'] as const),
];

/** Processes that each start well and do not fit together. Values are not told: some are secret. */
export function agreementProblems(processes: { title: string; config: AppConfig }[]): string[] {
  return shared.flatMap(key => {
    const [first, ...others] = processes.filter(({ config }) => config[key] !== undefined);
    return others
      .filter(({ config }) => String(config[key]) !== String(first?.config[key]))
      .map(({ title }) => `${title}: its ${key} is not that of ${first?.title}`);
  });
}
