interface Described {
  metadata(metadata: Record<string, unknown>): unknown;
  Metadata?: unknown;
}

/**
 * Says beside a resource which controls of AWS Control Tower's Guard rules it does not follow, and why. The ids are those
 * of "The proactive controls library".
 */
export const exceptFor = <Resource extends Described>(
  controls: readonly string[],
  reason: string,
  resource: Resource,
): Resource => {
  const before = (resource.Metadata ?? {}) as Record<string, unknown>;
  resource.metadata({ ...before, guard: { SuppressedRules: controls, Reason: reason } });
  return resource;
};
