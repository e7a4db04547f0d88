/** For clients of the AWS SDK, which wait without an end by default: seconds to connect, and to answer. */
export const requestHandler = { connectionTimeout: 5000, requestTimeout: 10_000, throwOnRequestTimeout: true } as const;
