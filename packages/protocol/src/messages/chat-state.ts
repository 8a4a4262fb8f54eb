/**
 * Server → client, `manycast.v1`: where the chat stands, on entering it and when that changes. One that
 * resumes is sent what it missed; where `offset` is beyond that, `chatHistory` has the rest.
 */
export interface ChatState {
  id: 'chatState';
  epoch: string;
  /** Of the newest entry; 0 in an empty log. */
  offset: number;
  isOpen: boolean;
  /** Pause between two messages of one sender; 0: none. */
  slowModeMs: number;
}
