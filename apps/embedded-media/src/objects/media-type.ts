export const mediaTypes = ['AUDIO', 'VIDEO', 'DATA'] as const;
export type MediaType = (typeof mediaTypes)[number];
