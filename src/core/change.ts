export type ChangeKind =
  | 'schema'
  | 'setting'
  | 'role'
  | 'access'
  | 'connection'
  | 'software'
  | 'deployment'
  | 'topology'
  | 'data'

/** Something that was different before. It happened in [notBeforeMs, atMs] on the watcher's clock: precedence is interval logic. */
export interface Change {
  readonly id: string
  readonly atMs: number
  readonly notBeforeMs: number
  readonly kind: ChangeKind
  /** In the form of a subject, e.g. `primary:public.users`. */
  readonly object: string
  readonly before: string | null
  readonly after: string | null
  /** Who said so: `fingerprint`, `file`, `webhook`, `gate`. */
  readonly source: string
}
