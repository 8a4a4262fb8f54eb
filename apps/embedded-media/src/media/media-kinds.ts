/** What is forwarded, by the names of Kurento's MediaType. */
export type Media = 'AUDIO' | 'VIDEO';
/** What can be asked to be connected; data is accepted and goes nowhere. */
export type ConnectableMedia = Media | 'DATA';

export const mediaKinds = ['AUDIO', 'VIDEO'] as const;

export function kindsOf(media: ConnectableMedia | undefined): readonly Media[] {
  if (media === 'DATA') return [];
  return media ? [media] : mediaKinds;
}
