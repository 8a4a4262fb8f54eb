/**
 * The two official tutorials speak the same messages and differ in the texts of a rejection. The path a
 * client opens tells them apart: JavaScript's page opens `/one2many`, Java's opens `/call`.
 */
export const dialects = {
  '/one2many': {
    'presenter-exists': 'Another user is currently acting as presenter. Try again later ...',
    'no-presenter': 'No active presenter. Try again later...',
  },
  '/call': {
    'presenter-exists': 'Another user is currently acting as sender. Try again later ...',
    'no-presenter': 'No active sender now. Become sender or . Try again later ...',
  },
} as const;

export type SignalingPath = keyof typeof dialects;

export const isSignalingPath = (path: string): path is SignalingPath => Object.hasOwn(dialects, path);

/** The text of a rejection as the pages of this path know it; codes that no tutorial knows keep their own message. */
export function rejectionText(path: SignalingPath, code: string, message: string): string {
  const texts: Record<string, string> = dialects[path];
  return texts[code] ?? message;
}
