import type { RollbackClass } from '../../core/gate.ts'
import { shown } from './names.ts'

/** One order of the way back. What only the run itself knows is put in when it is carried out. */
export type BackOrder =
  | { readonly kind: 'sql'; readonly sql: string }
  /** A table that this change has made; `guarded`: only while nobody else has written rows into it. */
  | { readonly kind: 'drop-table'; readonly table: string; readonly guarded: boolean }
  /** The rows that its own transaction has inserted, all of them and as they were. */
  | { readonly kind: 'delete-rows'; readonly table: string; readonly nth: number }
  /** An index to which the server gave its name. */
  | { readonly kind: 'drop-index'; readonly table: string; readonly nth: number }
  /** A constraint to which the server gave its name. */
  | { readonly kind: 'drop-constraint'; readonly table: string; readonly nth: number }
  /** The connection string of a subscription, as it was kept before. */
  | { readonly kind: 'connection'; readonly subscription: string }
  /** A setting of the server, as it was kept before; null: all of them. */
  | { readonly kind: 'setting'; readonly name: string | null }

export type Inverse =
  | {
      readonly orders: readonly BackOrder[]
      /** By the statement's words alone: whether it brings everything back only a trial can say. */
      readonly isSurmised?: boolean
    }
  | { readonly none: string }

export const nothing: Inverse = { orders: [] }
export const sql = (...texts: readonly string[]): Inverse => ({
  orders: texts.map((text) => ({ kind: 'sql', sql: text })),
})
export const surmised = (inverse: Inverse): Inverse => ('none' in inverse ? inverse : { ...inverse, isSurmised: true })

const reasons = {
  R0: 'there is nothing to undo',
  R1: 'its inverse needs what stood there before, which the statement does not say',
  R2: 'its inverse is not known from the statement, and subscribers would need a new copy',
  R3: 'what it throws away only a backup or another node has',
  R4: 'nothing brings it back',
} as const

export const none = (rollback: RollbackClass): Inverse => ({ none: reasons[rollback] })

/** In the words of a plan. */
export function wordsOf(order: BackOrder): string {
  switch (order.kind) {
    case 'sql':
      return order.sql
    case 'drop-table':
      return `drop table ${order.table}${order.guarded ? ', if nobody else has written rows into it' : ''}`
    case 'delete-rows':
      return `delete the rows that it has inserted into ${order.table}`
    case 'drop-index':
      return 'drop the index that it has made'
    case 'drop-constraint':
      return `drop the constraint that it has added to ${order.table}`
    case 'connection':
      return `give subscription ${shown(order.subscription)} back the connection string that was kept`
    default:
      return order.name === null ? 'set every setting back' : `set ${order.name} back to what it was`
  }
}
