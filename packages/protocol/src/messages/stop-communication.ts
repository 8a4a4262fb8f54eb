/** Server → client, viewers only, once: the broadcast is over. Nothing is sent after it for this attempt. */
export interface StopCommunication {
  id: 'stopCommunication';
}
