import { AntemortemError } from '../core/error.ts'
import type { Event, EventBody } from '../core/event.ts'
import { hold, thisProcess } from './hold.ts'
import type { LeaseStore } from './hold.ts'
import type { Store } from './store.ts'

/** The one process that writes what it watches. Others may read, and append single events of their own. */
export interface Writer {
  /** Refused as soon as another process has taken over. */
  append(cluster: string, bodies: readonly EventBody[], atMs: number): Promise<readonly Event[]>
  readonly lost: AbortSignal
  close(): Promise<void>
}

/** Short, because a watch that is started again after `kill -9` waits for as long. */
const writerTtlMs = 5_000

/** Becomes the writer of the store, or says who is. */
export async function openWriter(
  store: LeaseStore & Pick<Store, 'append' | 'where'>,
  options: { readonly holder?: string; readonly ttlMs?: number; readonly signal?: AbortSignal } = {},
): Promise<Writer> {
  const held = await hold(store, {
    name: 'writer',
    holder: options.holder ?? thisProcess(),
    ttlMs: options.ttlMs ?? writerTtlMs,
    ...(options.signal && { signal: options.signal }),
    busy: ({ holder }) =>
      new AntemortemError(
        'store-has-writer',
        `another watch writes to the store ${store.where}: ${holder}`,
        'Stop it first, or give this one a `store:` of its own. Reading is always possible.',
      ),
  })
  return {
    append: (cluster, bodies, atMs) => store.append(cluster, bodies, atMs, held.lease),
    lost: held.lost,
    close: () => held.release(),
  }
}
