/**
 * List prices in US dollars for us-east-1, on demand and without free tiers, as AWS's price pages had them on the date.
 * They are for comparing two templates, not for a bill: what depends on use (bytes stored, requests, log entries,
 * invocations) is left out.
 */
export const prices = {
  date: '2025-06-01',
  hoursOfMonth: 730,
  natGatewayHour: 0.045,
  publicAddressHour: 0.005,
  interfaceEndpointHour: 0.01,
  keyMonth: 1,
  secretMonth: 0.4,
  alarmMetricMonth: 0.1,
  dashboardMonth: 3,
  volumeGibMonth: 0.08,
  databaseGibMonth: 0.115,
  databaseHour: { 'db.t4g.medium': 0.065, 'db.t4g.large': 0.129, 'db.m7g.large': 0.168 },
  instanceHour: { 't4g.small': 0.0168, 'm7g.medium': 0.0408, 'm7g.large': 0.0816, 'm7g.xlarge': 0.1632 },
} as const;
