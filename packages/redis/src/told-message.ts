/**
 * What came over a channel, without its version; undefined when it is not of version 1, or no object in JSON. Anybody who
 * may publish in this Redis can say anything there, and what is thrown where it is heard ends the process. What was
 * meant is in a log, for those channels that have one.
 */
export function readTold<Message extends { type: string }>(json: string): Message | undefined {
  let told: unknown;
  try {
    told = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof told !== 'object' || told === null) return undefined;
  const { v, ...message } = told as Message & { v: unknown };
  return v === 1 && typeof message.type === 'string' ? (message as unknown as Message) : undefined;
}
