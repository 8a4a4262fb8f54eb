/** Of one room. */
const mostWords = 16;
const longestWord = 32;

/** What a text is found by: its words in lower case, without accents. */
export function searchWords(...texts: (string | null)[]): string[] {
  const plain = texts.join(' ').normalize('NFKD').toLowerCase().replace(/\p{M}/gu, '');
  const words = plain.match(/[\p{L}\p{N}]+/gu) ?? [];
  return [...new Set(words.map(word => word.slice(0, longestWord)))].slice(0, mostWords);
}
