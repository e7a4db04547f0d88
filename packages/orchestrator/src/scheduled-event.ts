/**
 * Tells whether an event is EventBridge's scheduled event, which names no action. Its shape: "Amazon EventBridge events
 * reference", Scheduled Event of the source `aws.events`.
 */
export function isScheduledEvent(event: unknown): boolean {
  if (typeof event !== 'object' || event === null) return false;
  return Reflect.get(event, 'source') === 'aws.events' && Reflect.get(event, 'detail-type') === 'Scheduled Event';
}
