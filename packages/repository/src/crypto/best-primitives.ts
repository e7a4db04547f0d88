import { openSslPrimitives } from './openssl-primitives.ts';
import type { Primitives } from './primitives.ts';

/** The primitives that the engine works with: the fastest that there are here. */
export const { aes256Ctr, aes128Block, poly1305 }: Primitives =
  openSslPrimitives() ?? (await (await import('./portable-primitives.ts')).loadPortablePrimitives());
