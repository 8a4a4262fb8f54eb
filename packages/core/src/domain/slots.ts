// A room holds slots (endpoints it may have) granted by the pool. It takes them in growing blocks, so that a
// crowded room asks the pool rarely and a small one strands little: at most a quarter of what it holds.

/** What a new broadcast asks for: its presenter and the first viewers. */
export const firstSlots = 4;

/** How many slots to hold next, given how many are held and all in use. */
export const nextSlots = (slots: number): number => slots + Math.max(firstSlots, Math.floor(slots / 4));
