/**
 * Most bytes that are written to a file in one call. The kernel takes larger pieces into larger pages, for which it looks
 * in memory that nobody has used for long; a virtual machine gets such memory from its host first. Linux 6.18 with ext4 in
 * a virtual machine took 0.3 s for 1.2 GB in calls of 64 to 256 KiB, up to 2.8 s in calls of 1 MiB, up to 3.7 s in calls of
 * 16 MiB.
 */
export const largestWrite = 256 * 1024;
