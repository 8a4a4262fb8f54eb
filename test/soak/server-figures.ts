/** What the server's own /metrics says of it at one moment. */
export interface ServerFigures {
  residentMb: number;
  heapMb: number;
  openFiles: number;
  endpoints: number;
}

const MB = 1024 * 1024;

export async function readFigures(metricsUrl: string): Promise<ServerFigures> {
  const text = await (await fetch(metricsUrl)).text();
  const value = (name: string): number => {
    const found = new RegExp(`^${name}(?:{[^}]*})? (\\S+)$`, 'm').exec(text);
    if (!found) throw new Error(`${metricsUrl} does not show ${name}`);
    return Number(found[1]);
  };
  return {
    residentMb: value('process_resident_memory_bytes') / MB,
    heapMb: value('nodejs_heap_size_used_bytes') / MB,
    openFiles: value('process_open_fds'),
    endpoints: value('manycast_media_endpoints'),
  };
}
